"""RCP001: a sampler with a schedule that people do not use with it."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE, predicts_v
from irodori.lint.rule import Rule, RuleMeta

_ANY: Final = frozenset({"Euler", "Euler a"})
"""The practice ends their list of schedules with dots."""


class UnusualSchedule(Rule):
    """A sampler with a schedule that people do not use with it.

    Samplers that the practice says nothing of are spared, and so are Euler and Euler a, which
    take many.

    ## Why is this bad?
    Each sampler takes its steps where its formula expects them. On other sigmas it needs more
    steps, or leaves noise.

    ## Example
        1girl, solo, smile
        Steps: 40, Sampler: DEIS, Schedule type: Karras, CFG scale: 5

    ## Use instead
        1girl, solo, smile
        Steps: 40, Sampler: DEIS, Schedule type: SGM Uniform, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16, the table of samplers. One person's experience.
    """

    meta = RuleMeta(
        code="RCP001",
        name="unusual-schedule",
        summary="sampler with a schedule that is not used with it",
        severity=Severity.HINT,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or predicts_v(context):
            return
        from irodori.recipe.samplers import find_sampler

        base = context.recipe.base
        info = find_sampler(base.sampler)
        usual = [schedule for row in info.practice for schedule in row.schedules]
        if not usual or base.schedule in usual or info.name in _ANY:
            return
        yield self.at(
            NOWHERE,
            f"{info.name} is not used with {base.schedule.value}",
            field=Field.RECIPE,
            evidence="P16",
            help="take " + " or ".join(schedule.value for schedule in usual),
        )
