"""VIS001: a tag that shows something the framing leaves outside the picture."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.vis.hiding import SURE_WEIGHT, findings


class TagOutOfFrame(Rule):
    """A tag that shows something the framing leaves outside the picture.

    ## Why is this bad?
    The model obeys the tag and not the frame: it moves the camera back, or squeezes the feet in.

    ## Example
        1girl, cowboy shot, red dress, boots

    ## Use instead
        1girl, cowboy shot, red dress

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out. To see it, name a wider framing instead.

    ## Evidence
    Practice P6. Which framing shows what is the booru's own definition; what a tag shows is the
    column `region` of the tag table.
    """

    meta = RuleMeta(
        code="VIS001",
        name="tag-out-of-frame",
        summary="tag shows something outside the picture",
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
            Reason.FRAME,
            advice="take it out, or name a wider framing such as 'full body'",
        )
