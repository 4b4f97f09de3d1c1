"""RCP004: Align Your Steps with three people or more."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta

_CROWD: Final = 3
_NAME: Final = "Align Your Steps"


class CrowdInFewSteps(Rule):
    """Align Your Steps with three people or more.

    ## Why is this bad?
    Its ten to twelve steps look like 28, but hands that touch or lie close grow together.

    ## Example
        3girls, side-by-side, smile
        Steps: 12, Sampler: DPM++ 2M, Schedule type: Align Your Steps, CFG scale: 5

    ## Use instead
        3girls, side-by-side, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5

        1girl, solo, smile
        Steps: 12, Sampler: DPM++ 2M, Schedule type: Align Your Steps, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16: merges hands in crowded pictures.
    """

    meta = RuleMeta(
        code="RCP004",
        name="crowd-in-few-steps",
        summary="Align Your Steps merges the hands of three and more people",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or not recipe.base.schedule.value.startswith(_NAME):
            return
        who = people_of(context.positive)
        if who.seen >= _CROWD:
            yield self.at(
                NOWHERE,
                f"{recipe.base.schedule.value} with {who.seen} people: hands merge",
                field=Field.RECIPE,
                evidence="P16",
                help="take DPM++ 2M Karras with 28 steps for crowded pictures",
            )
