"""RCP015: small faces, and no detailer."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE, small_faces
from irodori.lint.rule import Rule, RuleMeta


class DetailerOff(Rule):
    """Small faces, and no detailer.

    ## Why is this bad?
    A face of few latent pixels comes out smeared; the detailer draws it again, enlarged.

    ## Example
        1girl, solo, full body, standing
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5

    ## Use instead
        1girl, solo, full body, standing
        Steps: 28, CFG scale: 5, ADetailer model: face_yolov8n.pt

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1 (face detailer on), P17.
    """

    meta = RuleMeta(
        code="RCP015",
        name="detailer-off",
        summary="small faces without a detailer",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1, P17",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or context.recipe.detailers:
            return
        why = small_faces(context)
        if why:
            yield self.at(
                NOWHERE,
                f"{why}: faces are small, and no detailer draws them again",
                field=Field.RECIPE,
                evidence="P1: face detailer on",
                help="switch the detailer on: face_yolov8n.pt",
            )
