"""From a sampler, a schedule and a step count to the noise levels a pass visits.

Here the rules meet that belong to neither the sampler nor the schedule alone: what Automatic means,
who drops the penultimate level, who has timesteps of its own, where img2img enters.
"""

from dataclasses import dataclass
from typing import Final

from torch import Tensor

from irodori.engine.img2img_sigmas import img2img_steps
from irodori.engine.model_sigmas import ModelSigmas
from irodori.engine.schedules import sigmas
from irodori.engine.timesteps import Grid, grid_sigmas
from irodori.recipe.compat import OUR_BEHAVIOUR, CompatFlags
from irodori.recipe.parts import SigmaOverrides
from irodori.recipe.sampler_info import SamplerInfo
from irodori.recipe.schedules import Schedule

OLD_KARRAS_RANGE: Final = (0.1, 10.0)
NO_OVERRIDES: Final = SigmaOverrides()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SigmaRequest:
    """What a pass asks of the schedule.

    Attributes:
        sampler: its metadata.
        schedule: `AUTOMATIC` is the sampler's own.
        steps: of the recipe, at least 1.
        model_sigmas: the trained noise levels.
        overrides: range, rho, penultimate discard, a person's own list.
        denoise: strength of a pass that starts from a picture; None starts from noise.
        exact: run exactly `steps` at any denoise (hires).
        old_karras: Karras from 10 to 0.1, as the first front ends had it.
        compat: which upstream behaviours are reproduced.
    """

    sampler: SamplerInfo
    schedule: Schedule
    steps: int
    model_sigmas: ModelSigmas
    overrides: SigmaOverrides = NO_OVERRIDES
    denoise: float | None = None
    exact: bool = False
    old_karras: bool = False
    compat: CompatFlags = OUR_BEHAVIOUR


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SigmaPlan:
    """The levels of a pass.

    Attributes:
        whole: float32 [n + 1], the schedule from its start; the Brownian path spans it.
        run: its part that the pass runs, [m + 1]; [1] when the pass runs nothing.
        calls: model calls it is expected to take.
        unit_variance: noise alone starts at sqrt(1 + sigma^2), not at sigma (`sampling.noised`):
            upstream's samplers with timesteps of their own.
    """

    whole: Tensor
    run: Tensor
    calls: int
    unit_variance: bool = False

    @property
    def steps(self) -> int:
        """How many steps are run: 0 returns the picture as it came."""
        return len(self.run) - 1


def plan_sigmas(request: SigmaRequest) -> SigmaPlan:
    """Return the noise levels of a pass, float32 on the CPU.

    Raises:
        RecipeError: steps, denoise, or what is overridden makes no schedule.
    """
    if request.denoise is None:
        whole = _levels(request, request.steps)
        run = whole
    else:
        partial = img2img_steps(
            request.steps, request.denoise, exact=request.exact, compat=request.compat
        )
        whole = _levels(request, partial.schedule_steps or request.steps)
        run = partial.cut(whole)
    calls = (len(run) - 1) * request.sampler.calls_per_step
    unit_variance = request.sampler.timesteps and request.compat.leading_timesteps
    return SigmaPlan(whole=whole, run=run, calls=calls, unit_variance=unit_variance)


def _levels(request: SigmaRequest, steps: int) -> Tensor:
    grid = _grid(request)
    if grid is not None:
        return grid_sigmas(grid, steps, model_sigmas=request.model_sigmas, compat=request.compat)
    overrides = request.overrides
    low, high = overrides.minimum, overrides.maximum
    schedule = _resolved(request)
    if request.old_karras and schedule is Schedule.KARRAS:
        low, high = OLD_KARRAS_RANGE
    return sigmas(
        schedule.value,
        steps,
        model_sigmas=request.model_sigmas,
        sigma_min=low,
        sigma_max=high,
        rho=overrides.rho,
        discard_penultimate=request.sampler.discard_penultimate or overrides.discard_penultimate,
        custom=overrides.listed,
        compat=request.compat,
    )


def _resolved(request: SigmaRequest) -> Schedule:
    automatic = request.schedule is Schedule.AUTOMATIC
    return request.sampler.schedule if automatic else request.schedule


def _grid(request: SigmaRequest) -> Grid | None:
    """Return whose own timesteps are used: upstream always, here where nothing else was asked."""
    automatic = request.schedule is Schedule.AUTOMATIC
    if request.sampler.timesteps and (automatic or request.compat.leading_timesteps):
        return Grid.UNIPC if request.sampler.name == "UniPC" else Grid.DDIM
    if request.sampler.name == "LCM" and automatic and request.compat.boundary_lcm:
        return Grid.LCM
    return None
