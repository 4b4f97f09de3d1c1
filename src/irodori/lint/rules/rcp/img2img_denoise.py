"""RCP014: a denoise for img2img between the bands that serve a purpose."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_BANDS: Final = (
    (0.1, 0.2, "refine"),
    (0.3, 0.5, "vary"),
    (0.65, 0.75, "keep the composition only"),
)


class Img2ImgDenoise(Rule):
    """A denoise for img2img between the bands that serve a purpose.

    At 0 nothing is drawn over the picture: it is there for its second pass or its detailer.

    ## Why is this bad?
    0.65-0.75 keeps the composition only, 0.3-0.5 makes variations, 0.1-0.2 refines. Between them a
    picture is half changed; above them nothing of it is left.

    ## Example
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.6

    ## Use instead
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Denoising strength: 0.4

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P19. One person's experience.
    """

    meta = RuleMeta(
        code="RCP014",
        name="img2img-denoise",
        summary="img2img denoise between the bands",
        severity=Severity.HINT,
        since="0.2.0",
        source="P19",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or recipe.img2img is None or recipe.inpaint is not None:
            return
        denoise = recipe.img2img.denoise
        if denoise == 0 or any(low <= denoise <= high for low, high, _ in _BANDS):
            return
        yield self.at(
            NOWHERE,
            f"img2img denoise {denoise:g} lies between the bands that serve a purpose",
            field=Field.RECIPE,
            evidence="P19",
            help="; ".join([f"{low}-{high} to {purpose}" for low, high, purpose in _BANDS]),
        )
