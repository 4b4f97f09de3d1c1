"""Where a pass that starts from a picture enters the sigma schedule.

Source: compat 4.6, the step counts of A1111 and Forge, which pictures' settings are written in.
"""

from dataclasses import dataclass
from typing import Final

from torch import Tensor

from irodori.errors import RecipeError
from irodori.recipe.compat import CompatFlags

# Denoise 1 behaves as this: int(1.0 * steps) would ask for a level above the first.
MAX_DENOISE: Final = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialSteps:
    """How long a schedule to ask for, and how many of its last steps to run.

    Attributes:
        schedule_steps: the steps to ask the schedule for; 0 when nothing is run.
        run: the steps run, the last ones of the schedule; 0 returns the picture as it is.
        offset: where upstream cuts the list, counted from its start; None cuts `run` steps from
            its end, which is the same where the schedule returned what it was asked for.
    """

    schedule_steps: int
    run: int
    offset: int | None = None

    def cut(self, sigmas: Tensor) -> Tensor:
        """Return the sigmas to run: float32 [run + 1], or one entry when nothing is run."""
        if self.run == 0:
            return sigmas[-1:]
        if self.offset is not None:
            return sigmas[self.offset :]
        return sigmas[-(self.run + 1) :]


def img2img_steps(
    steps: int, denoise: float, *, exact: bool = False, compat: CompatFlags
) -> PartialSteps:
    """Return the steps a pass over a picture takes.

    Args:
        steps: the recipe's step count, at least 1.
        denoise: strength in 0..1. 0 runs nothing.
        exact: run exactly `steps` on the tail of a longer schedule (hires, `img2img_fix_steps`).
            Otherwise int(denoise * steps) + 1 of a schedule of `steps`: 16 at 20 and 0.75.
        compat: `img2img_from_start` cuts as upstream does, and runs one step at denoise 0.

    Raises:
        RecipeError: denoise is outside 0..1 or steps below 1.
    """
    if not 0 <= denoise <= 1:
        raise RecipeError(f"denoise must be in 0..1, got {denoise}")
    if steps < 1:
        raise RecipeError(f"steps must be at least 1, got {steps}")
    strength = min(denoise, MAX_DENOISE)
    if exact:
        if denoise == 0:
            return PartialSteps(schedule_steps=0, run=0)
        total = int(steps / strength)
        offset = total - steps if compat.img2img_from_start else None
        return PartialSteps(schedule_steps=total, run=steps, offset=offset)
    if denoise == 0 and not compat.img2img_from_start:
        return PartialSteps(schedule_steps=steps, run=0)
    run = int(strength * steps) + 1
    offset = steps - run if compat.img2img_from_start else None
    return PartialSteps(schedule_steps=steps, run=run, offset=offset)
