"""RCP018: a hires pass with a scale or steps that do not suit it."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_SCALE: Final = 2.0
_STEPS: Final = 10


class HiresSettings(Rule):
    """A hires pass with a scale or steps that do not suit it.

    ## Why is this bad?
    Above twice the size bodies repeat; with very few steps of its own the pass leaves noise.

    ## Example
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.4, Hires upscale: 3

    ## Use instead
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.4, Hires upscale: 1.5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1: scale 1.5-1.65, 20-22 steps. One person's experience.
    """

    meta = RuleMeta(
        code="RCP018",
        name="hires-settings",
        summary="hires scale or steps do not suit",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or context.recipe.hires is None:
            return
        hires = context.recipe.hires
        told = ""
        if not (hires.width or hires.height) and hires.scale > _SCALE:
            told = f"hires scale {hires.scale:g} repeats bodies"
        elif 0 < hires.steps < _STEPS:
            told = f"{hires.steps} hires steps leave noise"
        if told:
            yield self.at(
                NOWHERE,
                told,
                field=Field.RECIPE,
                evidence="P1: scale 1.5-1.65, 20-22 steps",
                help="take scale 1.5 and 20 steps",
            )
