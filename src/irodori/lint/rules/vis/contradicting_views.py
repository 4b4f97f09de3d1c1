"""VIS007: two framings or camera angles that cannot both be true."""

from collections.abc import Iterator

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import either_removed
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.visibility import contradictions
from irodori.tags.schema import Group


class ContradictingViews(Rule):
    """Two framings, or two camera angles, that cannot both be true.

    Two framings are a warning. Two angles are a hint: a camera between both is often meant.

    ## Why is this bad?
    Which of the two wins differs from seed to seed, and the person is cut where neither cuts.

    ## Example
        1girl, cowboy shot, close-up

        1girl, close-up, full body

    ## Use instead
        1girl, cowboy shot

        1girl, [close-up:full body:0.5]

    ## Fix
    Display: either of the two is taken out.

    ## Evidence
    Practice P6; `(cowboy shot:0.7), close-up` stands in a recipe of twelve, on purpose.
    """

    meta = RuleMeta(
        code="VIS007",
        name="contradicting-views",
        summary="two framings or angles that cannot both be true",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P6",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for earlier, later in contradictions(context.positive, Group.COMPOSITION):
            yield self._report(context, earlier, later)

    def _report(self, context: Context, earlier: TagUse, later: TagUse) -> Diagnostic:
        framings = earlier.facet == later.facet == "framing"
        kind = "framings" if framings else "views"
        return self.at(
            later.span,
            f"'{later.text}' and '{earlier.text}' are two {kind}; one of them will lose",
            help=f"keep one, or give each its own steps: [{earlier.text}:{later.text}:0.5]",
            fixes=either_removed(context.positive, earlier, later),
            severity=None if framings else Severity.HINT,
        )
