"""PPL002: looks of several people in one chunk."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta

_TELLING: Final = ("hair-colour", "eye-colour", "hair-length")
_CLOTHES: Final = "full"  # of a girl and a boy, a dress and a suit find their owners


class PeopleInOneChunk(Rule):
    """Looks of several invented people in one chunk.

    Two known characters go without BREAK. Looks that all share are fine too; the rule speaks where
    two tags of one kind tell people apart, such as two colours of hair.

    ## Why is this bad?
    Within a chunk nothing says whose hair is red: the looks mix, or everybody gets both.

    ## Example
        2girls, side-by-side, red hair, dress, black hair, shirt, smile

    ## Use instead
        2girls, side-by-side, smile BREAK red hair, dress BREAK black hair, shirt, jeans

    ## Fix
    None: who has what, only the author knows.

    ## Evidence
    Practice P13: each person in a chunk of their own, and even that works about half the time.
    """

    meta = RuleMeta(
        code="PPL002",
        name="people-in-one-chunk",
        summary="looks of several people in one chunk",
        severity=Severity.HINT,
        since="0.2.0",
        source="P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if who.is_split or who.seen < 2 or who.total - len(who.named) < 2:
            return
        for facet in (*_TELLING, _CLOTHES) if len(who.counts) == 1 else _TELLING:
            uses = _apart([use for use in view.in_facet(facet) if use.is_drawn])
            if len(uses) > 1:
                said = " and ".join([f"'{use.text}'" for use in uses[:2]])
                yield self.at(
                    uses[1].span,
                    f"{said} stand in one chunk: nothing says who has which",
                    evidence="P13: each person in a chunk of their own after BREAK",
                    help="give each person a chunk: ... BREAK ... BREAK ...",
                )
                return


def _apart(uses: list[TagUse]) -> list[TagUse]:
    """Return the first tag and those that are in force with it and not implied by it."""
    if not uses:
        return []
    first = uses[0]
    return [first] + [
        use
        for use in uses[1:]
        if use.meets(first)
        and use.name != first.name
        and not (use.implies(first) or first.implies(use))
    ]
