"""RCP017: a refiner that takes over before the composition stands."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_LEAST: Final = 2


class EarlyRefiner(Rule):
    """A refiner that takes over before the composition stands.

    ## Why is this bad?
    The first model owns the composition, and two to four steps of it are enough; with less there is
    nothing of it in the picture.

    ## Example
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Refiner: other, Refiner switch at: 0.05

    ## Use instead
        1girl, solo, smile
        Steps: 28, CFG scale: 5, Refiner: other, Refiner switch at: 0.15

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P17.
    """

    meta = RuleMeta(
        code="RCP017",
        name="early-refiner",
        summary="refiner takes over before the composition stands",
        severity=Severity.HINT,
        since="0.2.0",
        source="P17",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or recipe.refiner is None:
            return
        own = recipe.refiner.switch_at * recipe.base.steps
        if own < _LEAST:
            yield self.at(
                NOWHERE,
                f"the refiner takes over after {own:.2g} steps: nothing of the first model is left",
                field=Field.RECIPE,
                evidence="P17: 2-4 steps fix the composition",
                help=f"switch at {_LEAST / recipe.base.steps:.2g} or later",
            )
