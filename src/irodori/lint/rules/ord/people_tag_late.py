"""ORD003: the people come late."""

from collections.abc import Iterator, Sequence
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix
from irodori.lint.order import sorted_edits, stretches
from irodori.lint.rule import Option, Rule, RuleMeta

_MAY_PRECEDE: Final = frozenset({"quality", "rating", "style", "meta", "people"})


class PeopleTagLate(Rule):
    """The people come late in the prompt.

    ## Why is this bad?
    Earlier is stronger, and nothing decides a picture more than who is in it.

    ## Example
        long hair, smile, red dress, forest, 1girl

    ## Use instead
        1girl, smile, long hair, red dress, forest

    ## Options
    `ord.people-after` (2): how many tags may stand before them. Quality, rating and style do not
    count.

    ## Fix
    Safe: the tags of the chunk are sorted by group.

    ## Evidence
    Practice P2. One person's experience.
    """

    meta = RuleMeta(
        code="ORD003",
        name="people-tag-late",
        summary="people come late in the prompt",
        severity=Severity.HINT,
        since="0.2.0",
        source="P2",
        applicability=Applicability.SAFE,
        options=(Option(name="ord.people-after", doc="tags that may stand before the people"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        for stretch in view.once(stretches)[:1]:
            uses = [use for inside in stretch.uses for use in inside]
            at = next((i for i, use in enumerate(uses) if use.group == "people"), None)
            if at is None:
                continue
            before = _stations([use for use in uses[:at] if use.group not in _MAY_PRECEDE])
            if len(before) > context.settings.ord.people_after:
                yield self.at(
                    uses[at].span,
                    f"'{uses[at].name}' stands behind {len(before)} other tags",
                    help="begin with it: earlier is stronger",
                    fixes=fix(
                        "sort the tags of this chunk",
                        sorted_edits(view, stretch),
                        Applicability.SAFE,
                    ),
                )


def _stations(uses: Sequence[TagUse]) -> set[object]:
    """Return the places of some tags; the options of one bracket are at one place."""
    return {use.branches[0][0] if use.branches else use.outer for use in uses}
