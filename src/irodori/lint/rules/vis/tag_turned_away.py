"""VIS002: a tag that shows a side which the camera does not see."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.vis.hiding import SURE_WEIGHT, findings
from irodori.lint.visibility import Hidden


class TagTurnedAway(Rule):
    """A tag that shows a side which the camera does not see.

    Whether a gaze can reach the camera is VIS003's.

    ## Why is this bad?
    The model turns the person around, or draws the face on the wrong side.

    ## Example
        1girl, solo, from behind, blue eyes, smile

    ## Use instead
        1girl, solo, from behind, looking back, blue eyes, smile

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6.
    """

    meta = RuleMeta(
        code="VIS002",
        name="tag-turned-away",
        summary="tag shows a side that the camera does not see",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P6",
        applicability=Applicability.UNSAFE,
        options=(SURE_WEIGHT,),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        return findings(
            self,
            context,
            Reason.CAMERA,
            keep=_is_no_gaze,
            advice="take it out, or turn the head: 'looking back'",
        )


def _is_no_gaze(case: Hidden) -> bool:
    return case.use.facet != "gaze"
