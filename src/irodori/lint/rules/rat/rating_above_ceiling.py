"""RAT002: a rating above the owner's ceiling."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix, replaced
from irodori.lint.rule import Option, Rule, RuleMeta

_LADDER: Final = ("general", "sensitive", "questionable", "explicit")


class RatingAboveCeiling(Rule):
    """A rating tag above the owner's ceiling.

    ## Why is this bad?
    It asks for what this installation does not draw; the policy refuses it before drawing.

    ## Example
        1girl, solo, smile, questionable

    ## Use instead
        1girl, solo, smile, general

    ## Options
    `rat.ceiling` (sensitive): the highest rating that the owner lets through.

    ## Fix
    Unsafe: `general` is written in its place.

    ## Evidence
    Practice P9; the project's content policy.
    """

    meta = RuleMeta(
        code="RAT002",
        name="rating-above-ceiling",
        summary="rating tag above the ceiling",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P9",
        applicability=Applicability.UNSAFE,
        options=(Option(name="rat.ceiling", doc="highest rating that is let through"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        ceiling = context.settings.rat.ceiling
        view = context.positive
        for use in view.tags:
            if not is_above(use.name, ceiling):
                continue
            edits: tuple[Edit, ...] = replaced(view, use, _LADDER[0])
            yield self.at(
                use.span,
                f"'{use.text}' is above the ceiling, which is '{ceiling}'",
                help="take it out; the owner sets the ceiling",
                fixes=fix(f"write '{_LADDER[0]}'", edits, Applicability.UNSAFE),
            )


def is_above(name: str, ceiling: str) -> bool:
    """Tell whether a tag is a rating above a ceiling; nothing is above one that does not exist."""
    if name not in _LADDER or ceiling not in _LADDER:
        return False
    return _LADDER.index(name) > _LADDER.index(ceiling)
