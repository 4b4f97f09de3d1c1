"""PPL003: one person's looks in the chunk that holds for all."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta

_SHOWN = 3


class PersonInSharedChunk(Rule):
    """One person's looks in the chunk that holds for all, the others' in chunks of their own.

    Looks in the first chunk that are followed by a chunk for everybody are shared, and fine.

    ## Why is this bad?
    The first chunk decides most of the picture, so its hair and clothes spread to everybody.

    ## Example
        2girls, side-by-side, smile, red shirt, orange hair BREAK black hair, sundress

    ## Use instead
        2girls, side-by-side, smile BREAK red shirt, jeans, orange hair BREAK black hair, sundress

    ## Fix
    None: the looks must be taken out of the first chunk by hand.

    ## Evidence
    Practice P13, whose example works about half the time.
    """

    meta = RuleMeta(
        code="PPL003",
        name="person-in-shared-chunk",
        summary="one person's looks in the chunk that holds for all",
        severity=Severity.HINT,
        since="0.2.0",
        source="P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        first = [use for use in view.tags if use.section == 0 and use.group == "appearance"]
        own = [section for _, section in who.sections if section > 0]
        if who.seen < 2 or not first or not own or who.named or len(own) >= who.least:
            return
        said = ", ".join([f"'{use.text}'" for use in first[:_SHOWN]])
        more = " ..." if len(first) > _SHOWN else ""
        yield self.at(
            first[0].span,
            f"{said}{more} stand in the chunk that holds for all {who.least}",
            evidence="P13: such a prompt works about half the time",
            help="put BREAK before one person's looks, and keep what is shared in the first chunk",
        )
