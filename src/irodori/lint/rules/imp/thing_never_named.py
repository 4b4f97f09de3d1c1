"""IMP005: something is held, and nothing says what."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta

_VAGUE: Final = frozenset({"holding", "holding object", "holding weapon", "holding food"})
_THINGS: Final = ("weapon", "instrument", "bag", "prop", "food", "object", "animal", "plant")
_KINDS: Final = frozenset({"weapon", "food", "instrument", "bag"})


class ThingNeverNamed(Rule):
    """Something is held, and nothing says what.

    ## Why is this bad?
    The model fills the hand with something, another thing for each seed, or with more fingers.

    ## Example
        1girl, solo, standing, holding, smile

    ## Use instead
        1girl, solo, standing, holding umbrella, smile

    ## Fix
    None: only the author knows what is held.

    ## Evidence
    Practice P10: models do only what they are asked.
    """

    meta = RuleMeta(
        code="IMP005",
        name="thing-never-named",
        summary="something is held, and nothing says what",
        severity=Severity.HINT,
        since="0.2.0",
        source="P10",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        names_thing = any(
            use.name not in _KINDS for facet in _THINGS for use in view.in_facet(facet)
        )
        if names_thing or any(use.name not in _VAGUE for use in view.in_facet("holding")):
            return
        for use in view.in_facet("holding"):
            yield self.at(
                use.span,
                f"'{use.text}' does not say what is held, and no other tag does",
                evidence="P10: models do only what they are asked",
                help="name the thing: 'holding umbrella', 'holding book'",
            )
