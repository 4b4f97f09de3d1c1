"""VIS006: a tag that describes a part which another tag closes or takes away."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.vis.hiding import SURE_WEIGHT, findings


class TagOfHiddenPart(Rule):
    """A tag that describes a part which another tag closes or takes away.

    ## Why is this bad?
    Closed eyes have no colour: the model opens one, or gives the colour to something else.

    ## Example
        1girl, closed eyes, blue eyes, smile

    ## Use instead
        1girl, closed eyes, smile

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6, P7.
    """

    meta = RuleMeta(
        code="VIS006",
        name="tag-of-hidden-part",
        summary="tag describes a part that another tag closes or takes away",
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
            Reason.STATE,
            advice="take it out, or what hides it",
        )
