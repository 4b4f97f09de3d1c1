"""RCP013: a hires pass that changes too little or too much."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta

_LATENT_HIGH: Final = 0.7


class HiresDenoise(Rule):
    """A hires pass that changes too little or too much.

    Latent upscaling needs more, and is spared up to 0.7.

    ## Why is this bad?
    Below the band the upscaler's blur stays; above it the picture is drawn anew, with new hands.

    ## Example
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.8, Hires upscale: 1.5

    ## Use instead
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.4, Hires upscale: 1.5

    ## Options
    `rcp.hires-low` (0.3) and `rcp.hires-high` (0.5): the band.

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1: 0.39-0.43, scale 1.5-1.65. One person's experience.
    """

    meta = RuleMeta(
        code="RCP013",
        name="hires-denoise",
        summary="hires denoise outside its band",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1",
        options=(
            Option(name="rcp.hires-low", doc="denoise below it changes nothing"),
            Option(name="rcp.hires-high", doc="denoise above it draws another picture"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or context.recipe.hires is None:
            return
        hires, settings = context.recipe.hires, context.settings.rcp
        latent = hires.upscaler.lower().startswith("latent")
        high = max(settings.hires_high, _LATENT_HIGH) if latent else settings.hires_high
        if settings.hires_low <= hires.denoise <= high:
            return
        much = hires.denoise > high
        yield self.at(
            NOWHERE,
            f"hires denoise {hires.denoise:g} "
            + ("draws another picture" if much else "leaves the upscaler's blur"),
            field=Field.RECIPE,
            evidence="P1: 0.39-0.43",
            help="take 0.4",
        )
