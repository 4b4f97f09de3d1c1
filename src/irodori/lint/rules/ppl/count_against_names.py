"""PPL008: more or fewer names than people."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import People, people_of
from irodori.lint.rule import Rule, RuleMeta


class CountAgainstNames(Rule):
    """More names of characters than people, or fewer.

    A warning for `solo` with two people's names, else a hint: some characters are no people, and
    some people need no name.

    ## Why is this bad?
    With more names than people, two characters grow into one; with fewer, the person without a name
    becomes a twin of the other.

    ## Example
        1girl, hatsune miku, megurine luka, smile

        2girls, side-by-side, hatsune miku, smile

    ## Use instead
        2girls, side-by-side, hatsune miku, megurine luka, smile

    ## Fix
    None: whether a person or a name is missing, only the author knows.

    ## Evidence
    Practice P13.
    """

    meta = RuleMeta(
        code="PPL008",
        name="count-against-names",
        summary="number of people and number of names differ",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        who = people_of(context.positive)
        names = len(who.named)
        if not who.counts or not names or who.is_open:
            return
        if names > who.least:
            solo_pair = who.is_solo and names > 1
            yield self.at(
                who.named[-1].span,
                f"{names} characters have a name, and {_counted(who)} says {who.least}",
                help="raise the number of people, or take a name out",
                severity=None if solo_pair else Severity.HINT,
            )
        elif names < who.seen and not who.invented:
            yield self.at(
                who.counts[0].span,
                f"{_counted(who)} says {who.least}, and {names} of them has a name"
                if names == 1
                else f"{_counted(who)} says {who.least}, and {names} of them have names",
                help="name all of them, or none",
                severity=Severity.HINT,
            )


def _counted(who: People) -> str:
    return " and ".join([f"'{use.text}'" for use in who.counts])
