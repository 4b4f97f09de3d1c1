"""The noise levels of the samplers that choose their own: DDIM, PLMS, UniPC, LCM.

They are defined by the timesteps a paper or program visits; here they are sigmas like any other
schedule, so that one loop runs every sampler.
"""

from enum import StrEnum
from typing import Final

import torch
from torch import Tensor

from irodori.engine.model_sigmas import ModelSigmas
from irodori.errors import RecipeError
from irodori.recipe.compat import CompatFlags

LCM_TABLE_SIZE: Final = 50


class Grid(StrEnum):
    """Which timesteps: DDIM's and PLMS', UniPC's, or LCM's table of 50."""

    DDIM = "ddim"
    UNIPC = "unipc"
    LCM = "lcm"


def grid_sigmas(
    grid: Grid, steps: int, *, model_sigmas: ModelSigmas, compat: CompatFlags
) -> Tensor:
    """Return the noise levels a sampler with its own timesteps visits.

    Args:
        grid: whose timesteps.
        steps: at least 1.
        model_sigmas: the trained noise levels.
        compat: `leading_timesteps` runs DDIM from below the last timestep down to timestep 1 and
            UniPC down to timestep 0, as upstream does: DDIM then takes a model call fewer than
            asked (19 at 20 steps), and another count where steps do not divide 1000. Ours start
            at the last timestep and end in a clean picture ("trailing"; Lin et al. 2024,
            arXiv:2305.08891, section 3.3).

    Returns:
        float32 [count + 1], strictly descending; 0.0 at the end unless `leading_timesteps`.

    Raises:
        RecipeError: steps is below 1, or below 2 for a grid that has no interval then.
    """
    if steps < 1:
        raise RecipeError(f"steps must be at least 1, got {steps}")
    match grid:
        case Grid.DDIM:
            values = _ddim(steps, model_sigmas, leading=compat.leading_timesteps)
        case Grid.UNIPC:
            values = _unipc(steps, model_sigmas, leading=compat.leading_timesteps)
        case Grid.LCM:
            values = _ended(lcm_levels(model_sigmas).to_sigma(_even(LCM_TABLE_SIZE - 1, steps)))
    if len(values) < 2:
        raise RecipeError(f"{grid.value} needs at least 2 steps in this compatibility mode")
    return values.to(torch.float32)


def ddim_timesteps(steps: int, last_t: int) -> Tensor:
    """Return 1, 1 + s, 1 + 2 s ... with s = T // steps, clipped to the last timestep, ascending.

    Source: CompVis' latent-diffusion, "uniform" discretisation. int64 [about steps].
    """
    stride = max((last_t + 1) // steps, 1)
    timesteps = [min(t + 1, last_t) for t in range(0, last_t + 1, stride)]
    return torch.tensor(list(dict.fromkeys(timesteps)))


def lcm_levels(model_sigmas: ModelSigmas) -> ModelSigmas:
    """Return every 20th of the trained levels from the last down: the 50 LCM was distilled on."""
    stride = (model_sigmas.last_t + 1) // LCM_TABLE_SIZE
    return ModelSigmas(table=model_sigmas.table[stride - 1 :: stride])


def _ddim(steps: int, model: ModelSigmas, *, leading: bool) -> Tensor:
    if leading:
        return model.table[ddim_timesteps(steps, model.last_t)].flip(0)
    return _ended(model.to_sigma(_even(model.last_t, steps + 1)[:-1]))


def _unipc(steps: int, model: ModelSigmas, *, leading: bool) -> Tensor:
    # Linear in log alpha between timesteps, where other schedules are linear in log sigma.
    t = torch.linspace(model.last_t, 0, steps + 1, dtype=torch.float64)
    log_alpha = -0.5 * torch.log1p(model.table.square())
    low = t.floor().long()
    high = t.ceil().long()
    alpha = torch.lerp(log_alpha[low], log_alpha[high], t - low).exp()
    values = (alpha.pow(-2) - 1).sqrt()
    return values if leading else _ended(values[:-1])


def _even(last: int, count: int) -> Tensor:
    return torch.linspace(last, 0, count, dtype=torch.float64)


def _ended(values: Tensor) -> Tensor:
    return torch.cat([values, values.new_zeros(1)])
