"""PPL010: more than two known characters in one chunk."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import people_of
from irodori.lint.rule import Option, Rule, RuleMeta


class ManyKnownTogether(Rule):
    """More than two known characters without BREAK.

    ## Why is this bad?
    Two names hold apart in one chunk; with three, hair and clothes change owners.

    ## Example
        3girls, side-by-side, hatsune miku, megurine luka, kagamine rin

    ## Use instead
        3girls, side-by-side BREAK hatsune miku BREAK megurine luka BREAK kagamine rin

    ## Options
    `ppl.together` (2): so many known characters go without BREAK.

    ## Fix
    None: what belongs to whom, only the author knows.

    ## Evidence
    Practice P13: two can go without BREAK.
    """

    meta = RuleMeta(
        code="PPL010",
        name="many-known-together",
        summary="more than two known characters in one chunk",
        severity=Severity.HINT,
        since="0.2.0",
        source="P13",
        options=(Option(name="ppl.together", doc="known characters that go without BREAK"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        named = people_of(context.positive).named
        most = context.settings.ppl.together
        place: dict[tuple[int, int], int] = {}
        for use in named:
            at = (use.part, use.section)
            place[at] = place.get(at, 0) + 1
            if place[at] == most + 1:
                yield self.at(
                    use.span,
                    f"'{use.text}' is one of more than {most} known characters in one chunk",
                    evidence=f"P13: {most} can go without BREAK",
                    help="give each character a chunk of their own, with BREAK between",
                )
