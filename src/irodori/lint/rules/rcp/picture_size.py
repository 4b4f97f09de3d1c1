"""RCP010: a size that the model was not made for."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, ModelFacts
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta

_NATIVE: Final = 1024
_MEGA: Final = 1_000_000
_FAR: Final = 2.0


class PictureSize(Rule):
    """A size that the model was not made for.

    Twice and more outside the bounds is a warning. Models that say which size they were trained
    at are     measured against that.

    ## Why is this bad?
    Larger pictures repeat heads and bodies, smaller ones lose faces. A larger picture comes from
    hires.

    ## Example
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Size: 1536x1536

        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Size: 512x512

    ## Use instead
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Size: 832x1216

        Profile: illustrious-1.x
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Size: 1024x1536

    ## Options
    `rcp.area-low` (0.75) and `rcp.area-high` (1.3): bounds in megapixels; 2.4 for
    illustrious-1.x.

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1 (832x1216, 1216x832, 1024x1024), P18 (Illustrious 1.x up to 1536x1536).
    """

    meta = RuleMeta(
        code="RCP010",
        name="picture-size",
        summary="size that the model was not made for",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1, P18",
        options=(
            Option(name="rcp.area-low", doc="megapixels below which pictures fall apart"),
            Option(name="rcp.area-high", doc="megapixels above which things come twice"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or context.recipe.img2img is not None:
            return
        base, settings = context.recipe.base, context.settings.rcp
        model = context.model or ModelFacts()
        if (base.width, base.height) in model.sizes:
            return
        side = model.native_side
        area = base.width * base.height / _MEGA * (_NATIVE / (side or _NATIVE)) ** 2
        if settings.area_low <= area <= settings.area_high:
            return
        large = area > settings.area_high
        far = area > settings.area_high * _FAR or area < settings.area_low / _FAR
        yield self.at(
            NOWHERE,
            f"{base.width}x{base.height} is {'larger' if large else 'smaller'} than "
            "the model was made for",
            field=Field.RECIPE,
            evidence="P1: 832x1216, 1216x832 or 1024x1024 for most models",
            help="draw it at its own size, and enlarge with hires" if large else "draw it larger",
            severity=Severity.WARNING if far else None,
        )
