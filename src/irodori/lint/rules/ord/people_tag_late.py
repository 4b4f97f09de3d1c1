"""ORD003: the people come late."""

from collections.abc import Iterator, Sequence
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix
from irodori.lint.order import in_order, sorted_edits, stretches
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
    Safe: the tags of the chunk are sorted by group. None where that would bring them no further
    forward: tags of no known group stay where they are.

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
            people, before = _people(stretch.uses)
            if people is None or before <= context.settings.ord.people_after:
                continue
            _, after = _people(in_order(stretch.uses))
            edits = sorted_edits(view, stretch) if after < before else ()
            yield self.at(
                people.span,
                f"'{people.name}' stands behind {before} other tags",
                help="begin with it: earlier is stronger",
                fixes=fix("sort the tags of this chunk", edits, Applicability.SAFE),
            )


def _people(entries: Sequence[Sequence[TagUse]]) -> tuple[TagUse | None, int]:
    """Return the first tag of people, if any, and how many count as standing before it."""
    uses = [use for inside in entries for use in inside]
    at = next((i for i, use in enumerate(uses) if use.group == "people"), None)
    if at is None:
        return None, 0
    before = _stations([use for use in uses[:at] if use.group not in _MAY_PRECEDE])
    return uses[at], len(before)


def _stations(uses: Sequence[TagUse]) -> set[object]:
    """Return the places of some tags; the options of one bracket are at one place."""
    return {use.branches[0][0] if use.branches else use.outer for use in uses}
