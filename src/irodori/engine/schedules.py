"""Sigma schedules by name: the list of noise levels a sampler visits, from noise to picture.

The formulas are in `schedule_curves` and `schedule_tables`, the names in `recipe.schedules`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from irodori.engine import schedule_curves, schedule_tables
from irodori.engine.model_sigmas import ModelSigmas
from irodori.engine.schedule_request import ScheduleRequest
from irodori.errors import RecipeError
from irodori.recipe.compat import OUR_BEHAVIOUR, CompatFlags
from irodori.recipe.schedules import Schedule, find_schedule, schedule_info

FORMULAS: Final[Mapping[Schedule, Callable[[ScheduleRequest], Tensor]]] = MappingProxyType(
    {
        Schedule.UNIFORM: schedule_tables.uniform,
        Schedule.KARRAS: schedule_curves.karras,
        Schedule.EXPONENTIAL: schedule_curves.exponential,
        Schedule.POLYEXPONENTIAL: schedule_curves.polyexponential,
        Schedule.SGM_UNIFORM: schedule_tables.sgm_uniform,
        Schedule.NORMAL: schedule_tables.normal,
        Schedule.SIMPLE: schedule_tables.simple,
        Schedule.DDIM: schedule_tables.ddim,
        Schedule.ALIGN_YOUR_STEPS: schedule_tables.align_your_steps,
        Schedule.ALIGN_YOUR_STEPS_32: schedule_tables.align_your_steps_32,
        Schedule.ALIGN_YOUR_STEPS_GITS: schedule_tables.align_your_steps_gits,
        Schedule.KL_OPTIMAL: schedule_curves.kl_optimal,
        Schedule.KL_OPTIMAL_ZERO: schedule_curves.kl_optimal_zero,
        Schedule.BETA: schedule_tables.beta,
        Schedule.BETA_FORGE: schedule_curves.beta_forge,
        Schedule.TURBO: schedule_tables.turbo,
        Schedule.LINEAR_QUADRATIC: schedule_curves.linear_quadratic,
        Schedule.COSINE: schedule_curves.cosine,
        Schedule.COSINE_EXPONENTIAL: schedule_curves.cosine_exponential,
        Schedule.SINUSOIDAL: schedule_curves.sinusoidal,
        Schedule.PHI: schedule_curves.phi,
        Schedule.LAPLACE: schedule_curves.laplace,
        Schedule.CUSTOM: schedule_tables.custom,
    }
)


def sigmas(  # noqa: PLR0913  # every setting a person can give a schedule, all by keyword
    name: str,
    steps: int,
    *,
    model_sigmas: ModelSigmas,
    sigma_min: float | None = None,
    sigma_max: float | None = None,
    rho: float | None = None,
    discard_penultimate: bool = False,
    automatic: Schedule = Schedule.UNIFORM,
    custom: Sequence[float] = (),
    compat: CompatFlags = OUR_BEHAVIOUR,
) -> Tensor:
    """Return the sigma schedule a name means.

    Args:
        name: a name or alias of `recipe.schedules`, in any case.
        steps: at least 1.
        model_sigmas: the trained noise levels; eps and v differ only there.
        sigma_min: lowest sigma before zero; None or 0 is the model's. Uniform, Simple, DDIM, Beta
            and Turbo visit trained levels and ignore it, as upstream does.
        sigma_max: highest sigma; as above. Linear Quadratic uses this one only.
        rho: the curve's exponent; None or 0 is the schedule's default (Karras 7).
        discard_penultimate: ask for one step more and drop the last sigma but one (DPM2, DPM2 a,
            DPM++ 3M SDE).
        automatic: what `Automatic` means, from the sampler's metadata.
        custom: the sigmas of `Custom`, descending; a final zero may be given.
        compat: which upstream behaviours are reproduced; none by default.

    Returns:
        float32 [steps + 1] on the CPU, strictly descending, computed in float64. The last is 0.0,
        except KL Optimal's, which is sigma_min. DDIM and Beta may have another count (see
        `ScheduleInfo.exact_count`): the number of steps is the length minus one.

    Raises:
        UnknownNameError: no schedule is called that.
        RecipeError: steps, rho, the range or the custom list make no schedule.
    """
    schedule = find_schedule(name)
    if schedule is Schedule.AUTOMATIC:
        schedule = automatic
    if schedule is Schedule.BETA and compat.forge_beta_schedule:
        schedule = Schedule.BETA_FORGE
    if steps < 1:
        raise RecipeError(f"steps must be at least 1, got {steps}")
    request = ScheduleRequest(
        steps=steps + 1 if discard_penultimate else steps,
        model=model_sigmas,
        low=sigma_min or model_sigmas.sigma_min,
        high=sigma_max or model_sigmas.sigma_max,
        rho=rho or schedule_info(schedule).default_rho or 1.0,
        custom=tuple(custom),
        compat=compat,
    )
    _check_range(request)
    values = FORMULAS[schedule](request)
    if schedule_info(schedule).ends_at_zero:
        values = torch.cat([values, values.new_zeros(1)])
    if discard_penultimate:
        values = torch.cat([values[:-2], values[-1:]])
    return values.to(torch.float32)


def _check_range(request: ScheduleRequest) -> None:
    if not 0 < request.low < request.high:
        raise RecipeError(
            f"sigma min must be positive and below sigma max, got {request.low} and {request.high}"
        )
    if request.rho <= 0:
        raise RecipeError(f"rho must be positive, got {request.rho}")
