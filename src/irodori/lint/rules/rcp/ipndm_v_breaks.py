"""RCP003: IPNDM_V with more than 40 steps."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_MOST: Final = 40


class IpndmVBreaks(Rule):
    """IPNDM_V with more than 40 steps.

    ## Why is this bad?
    It breaks: the picture fills with coloured specks.

    ## Example
        1girl, solo, smile
        Steps: 50, Sampler: IPNDM_V, Schedule type: Karras, CFG scale: 5

    ## Use instead
        1girl, solo, smile
        Steps: 40, Sampler: IPNDM_V, Schedule type: Karras, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16: 15-40, best 40, breaks above 40.
    """

    meta = RuleMeta(
        code="RCP003",
        name="ipndm-v-breaks",
        summary="IPNDM_V breaks above 40 steps",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or recipe.base.sampler != "IPNDM_V" or recipe.base.steps <= _MOST:
            return
        yield self.at(
            NOWHERE,
            f"IPNDM_V breaks above {_MOST} steps, and {recipe.base.steps} are asked for",
            field=Field.RECIPE,
            evidence="P16: 15-40 steps, best 40",
            help=f"take {_MOST} steps, or IPNDM, which goes up to 80",
        )
