"""What a sigma schedule is computed from: one resolved value for every formula."""

from dataclasses import dataclass

from irodori.engine.model_sigmas import ModelSigmas
from irodori.recipe.compat import CompatFlags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScheduleRequest:
    """A request for sigmas with nothing left open.

    Attributes:
        steps: number of steps, at least 1.
        model: the trained noise levels.
        low: lowest sigma before zero; the model's unless overridden.
        high: highest sigma; the model's unless overridden.
        rho: the curve's exponent, for those that have one.
        custom: a person's own sigmas, for Custom.
        compat: which upstream behaviours are reproduced.
    """

    steps: int
    model: ModelSigmas
    low: float
    high: float
    rho: float
    custom: tuple[float, ...]
    compat: CompatFlags
