"""Sigma schedules that pick from the model's trained levels, or from a published list.

Every function takes a resolved request and returns float64 sigmas, descending, without the zero.
"""

import math
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from irodori.engine.beta_quantile import beta_quantile
from irodori.engine.schedule_request import ScheduleRequest
from irodori.errors import RecipeError
from irodori.recipe.compat import AysRange

BETA_SHAPE: Final = 0.6

# Sabour et al. 2024, arXiv:2404.14507: the authors' list for SDXL.
AYS_11: Final = (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029)
# The 32-value list of A1111 and Forge: AYS_11's curve, drawn on to sigma 0.015.
AYS_32: Final = (
    *(14.615, 11.149162, 8.505221, 6.488272, 5.437074, 4.603986, 3.898547, 3.274075),
    *(2.743965, 2.299687, 1.954485, 1.671087, 1.428782, 1.23181, 1.067896, 0.925794),
    *(0.802909, 0.696601, 0.604369, 0.528526, 0.467733, 0.413934, 0.362582, 0.310085),
    *(0.265189, 0.223265, 0.176539, 0.139592, 0.105874, 0.055194, 0.028773, 0.015),
)
# Chen et al. 2024, arXiv:2405.11326: geometry-inspired time scheduling, list for SDXL.
GITS_11: Final = (14.615, 4.734, 2.567, 1.529, 0.987, 0.652, 0.418, 0.268, 0.179, 0.127, 0.029)

# A list is stretched only when the model's range is another one, not for SDXL's 14.6146.
_SAME_RANGE: Final = 0.01


def uniform(request: ScheduleRequest) -> Tensor:
    """Evenly spaced timesteps, first and last included. Source: Crowson, k-diffusion."""
    last = request.model.last_t
    return request.model.to_sigma(_descent(last, 0, request.steps))


def normal(request: ScheduleRequest) -> Tensor:
    """Evenly spaced timesteps between those of the highest and the lowest sigma."""
    high, low = _timesteps_of_range(request)
    return request.model.to_sigma(_descent(high, low, request.steps))


def sgm_uniform(request: ScheduleRequest) -> Tensor:
    """Evenly spaced timesteps without the last. Source: arXiv:2307.01952."""
    high, low = _timesteps_of_range(request)
    return request.model.to_sigma(_descent(high, low, request.steps + 1)[:-1])


def simple(request: ScheduleRequest) -> Tensor:
    """Trained levels at 1 + int(i T / steps) from the top. Source: ComfyUI."""
    table = request.model.table
    i = torch.arange(request.steps, dtype=torch.float64)
    return table[-1 - (i * len(table) / request.steps).long()]


def ddim(request: ScheduleRequest) -> Tensor:
    """Trained levels 1, 1 + s, 1 + 2 s ... with s = T // steps, descending.

    There are ceil((T - 1) / s) of them: 29 at 28 steps, 33 at 32.
    """
    table = request.model.table
    stride = max(len(table) // request.steps, 1)
    return table[1::stride].flip(0)


def beta(request: ScheduleRequest) -> Tensor:
    """Trained levels at quantiles of Beta(0.6, 0.6); a level that comes twice is dropped.

    Source: Lee et al. 2024, arXiv:2407.12173, in ComfyUI's and reForge's rounding.
    """
    last = request.model.last_t
    quantiles = [
        beta_quantile(1 - i / request.steps, BETA_SHAPE, BETA_SHAPE) for i in range(request.steps)
    ]
    # Ties such as 999 * 0.5 go to the even timestep; the inner rounding hides the last bits.
    timesteps = dict.fromkeys(round(round(quantile * last, 9)) for quantile in quantiles)
    return request.model.table[list(timesteps)]


def turbo(request: ScheduleRequest) -> Tensor:
    """Trained levels at round(k T / steps - 1), k from steps to 1. Source: arXiv:2311.17042."""
    table = request.model.table
    k = torch.arange(request.steps, 0, -1, dtype=torch.float64)
    return table[(k * len(table) / request.steps - 1).round().long().clamp(min=0)]


def align_your_steps(request: ScheduleRequest) -> Tensor:
    """The authors' 11 levels, log-linear in between. Source: arXiv:2404.14507."""
    return _from_list(request, AYS_11)


def align_your_steps_32(request: ScheduleRequest) -> Tensor:
    """The list of 32, log-linear in between."""
    return _from_list(request, AYS_32)


def align_your_steps_gits(request: ScheduleRequest) -> Tensor:
    """The 11 levels of GITS, log-linear in between. Source: arXiv:2405.11326."""
    return _from_list(request, GITS_11)


def custom(request: ScheduleRequest) -> Tensor:
    """A person's own list, log-linear in between where the step count differs.

    Raises:
        RecipeError: the list is empty, not positive or not descending.
    """
    values = request.custom[:-1] if request.custom[-1:] == (0.0,) else request.custom
    if not values:
        raise RecipeError(
            "schedule 'Custom' needs its sigmas: a descending list such as 14.6,3,0.5"
        )
    if not all(0 < value < math.inf for value in values):
        raise RecipeError(f"custom sigmas must be positive numbers, got {values}")
    if any(following >= value for value, following in pairwise(values)):
        raise RecipeError(f"custom sigmas must descend, got {values}")
    return _log_interpolated(torch.tensor(values, dtype=torch.float64), request.steps)


def _timesteps_of_range(request: ScheduleRequest) -> tuple[float, float]:
    ends = torch.tensor([request.high, request.low], dtype=torch.float64)
    model = request.model
    t = model.nearest_t(ends) if request.compat.nearest_timestep else model.to_t(ends)
    return float(t[0]), float(t[1])


def _descent(high: float, low: float, count: int) -> Tensor:
    return torch.linspace(high, low, count, dtype=torch.float64)


def _from_list(request: ScheduleRequest, values: tuple[float, ...]) -> Tensor:
    table = torch.tensor(values, dtype=torch.float64)
    match request.compat.ays_range:
        case AysRange.ANCHORED:
            table = _anchored(table, request)
        case AysRange.RATIO:
            table = table * (request.model.sigma_max / values[0])
        case AysRange.LITERAL:
            pass
    return _log_interpolated(table, request.steps)


def _anchored(table: Tensor, request: ScheduleRequest) -> Tensor:
    """Return the list within low..high, its ends moved there when they differ by over 1 %."""
    high = request.high if abs(request.high / float(table[0]) - 1) > _SAME_RANGE else None
    low = request.low if request.low != request.model.sigma_min else None
    inner = table[1:-1]
    if high is not None:
        inner = inner[inner < high]
    if low is not None:
        inner = inner[inner > low]
    first = table[:1] if high is None else table.new_tensor([high])
    last = table[-1:] if low is None else table.new_tensor([low])
    return torch.cat([first, inner, last])


def _log_interpolated(table: Tensor, count: int) -> Tensor:
    """Return `count` values along a descending list, log-linear over its index."""
    if count == len(table):
        return table
    position = torch.linspace(0, len(table) - 1, count, dtype=torch.float64)
    low = position.floor().long()
    high = (low + 1).clamp(max=len(table) - 1)
    log_table = table.log()
    return torch.lerp(log_table[low], log_table[high], position - low).exp()
