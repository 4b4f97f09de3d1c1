"""PPL007: a known character beside an invented one."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta


class KnownWithInvented(Rule):
    """A known character in one chunk, an invented person in another.

    ## Why is this bad?
    A name is far stronger than any description: the invented one gets the known one's hair, eyes
    and clothes.

    ## Example
        2girls, side-by-side BREAK hatsune miku BREAK red hair, dress

    ## Use instead
        2girls, side-by-side BREAK hatsune miku BREAK megurine luka, dress

    ## Fix
    None.

    ## Evidence
    Practice P13: do not mix known and invented ones.
    """

    meta = RuleMeta(
        code="PPL007",
        name="known-with-invented",
        summary="known character beside an invented one",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if not who.named or len(who.named) >= who.least or who.seen < 2:
            return
        for place in who.invented:
            first = next(
                use
                for use in view.tags
                if (use.part, use.section) == place and use.group == "appearance"
            )
            yield self.at(
                first.span,
                f"this chunk invents a person beside '{who.named[0].text}', who is known",
                evidence="P13: a name is stronger than any description",
                help="name both, or invent both",
            )
