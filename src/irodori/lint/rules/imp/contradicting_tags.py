"""IMP004: two tags that cannot both be true."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import either_removed
from irodori.lint.people import Sameness, people_of
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.visibility import contradictions
from irodori.tags.schema import Group

_OF_PICTURE: Final = frozenset({"people", "background"})
_GROUPS: Final = (Group.PEOPLE, Group.ACTION, Group.APPEARANCE, Group.BACKGROUND)
_CERTAIN: Final = frozenset({"count", "solo", "hair-length", "eyes", "gaze"})
_STRONG: Final = 0.6


class ContradictingTags(Rule):
    """Two tags of one person, or of the whole picture, that cannot both be true.

    Of several people each may have one of the two, so nothing is said. Framings and angles are
    VIS007's.

    ## Why is this bad?
    One of them loses, another one for each seed, or the model adds a person to satisfy both.

    ## Example
        1girl, solo, long hair, short hair, smile

        2girls, solo, smile

    ## Use instead
        1girl, solo, [long hair:short hair:0.5], smile

        2girls, side-by-side, smile

    ## Fix
    Display: either of the two is taken out.

    ## Evidence
    Practice P6, P10; what excludes what is a column of the tag table.
    """

    meta = RuleMeta(
        code="IMP004",
        name="contradicting-tags",
        summary="two tags that cannot both be true",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P6, P10",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        for group in _GROUPS:
            for earlier, later in contradictions(view, group):
                whole = group.value in _OF_PICTURE
                if whole and (_counts_one(earlier) or _counts_one(later)):
                    continue
                if not whole and who.same(earlier, later) is not Sameness.YES:
                    continue
                if not _hides(earlier, later):
                    yield self._report(context, earlier, later)

    def _report(self, context: Context, earlier: TagUse, later: TagUse) -> Diagnostic:
        sure = (
            earlier.facet in _CERTAIN
            and later.facet in _CERTAIN
            and min(earlier.weight, later.weight) >= _STRONG
        )
        return self.at(
            later.span,
            f"'{later.text}' and '{earlier.text}' cannot both be true",
            help="keep one"
            if later.group == "people"
            else f"keep one, or blend them: [{earlier.text}:{later.text}:0.5]",
            fixes=either_removed(context.positive, earlier, later),
            severity=None if sure else Severity.HINT,
        )


def _counts_one(use: TagUse) -> bool:
    """Tell whether a tag says whom a later chunk is about: `2girls ... BREAK 1girl, red hair`."""
    return (
        use.section > 0
        and use.facet == "count"
        and use.entry is not None
        and (use.entry.people == 1)
    )


def _hides(one: TagUse, other: TagUse) -> bool:
    """Tell whether one of them hides the other: that is found by the rules on visibility."""
    return any(
        this.entry is not None
        and that.entry is not None
        and this.entry.hidden_regions & that.entry.regions
        for this, that in ((one, other), (other, one))
    )
