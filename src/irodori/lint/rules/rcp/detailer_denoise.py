"""RCP016: a detailer that draws another face."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta


class DetailerDenoise(Rule):
    """A detailer that draws another face.

    ## Why is this bad?
    Above the bound the face is drawn anew: another look, another person, a seam around it.

    ## Example
        1girl, smile
        Steps: 28, ADetailer model: face_yolov8n.pt, ADetailer denoising strength: 0.8

    ## Use instead
        1girl, smile
        Steps: 28, ADetailer model: face_yolov8n.pt, ADetailer denoising strength: 0.4

    ## Options
    `rcp.detailer-high` (0.6): the bound.

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P17: denoise 0.4. One person's experience.
    """

    meta = RuleMeta(
        code="RCP016",
        name="detailer-denoise",
        summary="detailer's denoise draws another face",
        severity=Severity.HINT,
        since="0.2.0",
        source="P17",
        options=(Option(name="rcp.detailer-high", doc="denoise above it draws another face"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None:
            return
        high = context.settings.rcp.detailer_high
        for detailer in context.recipe.detailers:
            if detailer.denoise > high:
                yield self.at(
                    NOWHERE,
                    f"denoise {detailer.denoise:g} of {detailer.model} draws another face",
                    field=Field.RECIPE,
                    evidence="P17: 0.4",
                    help="take 0.4",
                )
