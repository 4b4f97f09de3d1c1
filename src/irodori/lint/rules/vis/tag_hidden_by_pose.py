"""VIS004: a tag that shows something which the pose hides."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.vis.hiding import SURE_WEIGHT, findings


class TagHiddenByPose(Rule):
    """A tag that shows something which the pose hides.

    A pov hug with the head on the viewer's chest shows neither face nor feet.

    ## Why is this bad?
    Each such tag makes the model turn the camera, or add a person who shows it.

    ## Example
        1girl, 1boy, hug, head on chest, arms around waist, dress, green eyes, pov

    ## Use instead
        1girl, 1boy, hug, head on chest, arms around waist, dress, pov, from above

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6, whose example this is.
    """

    meta = RuleMeta(
        code="VIS004",
        name="tag-hidden-by-pose",
        summary="tag shows something that the pose hides",
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
            Reason.POSE,
            advice="take it out, or change the view: 'from above', 'from side'",
        )
