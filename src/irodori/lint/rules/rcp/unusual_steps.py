"""RCP002: a number of steps outside what works with the sampler and schedule."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_SLACK: Final = (20, 40)


if TYPE_CHECKING:
    from irodori.recipe.sampler_info import Practice


class UnusualSteps(Rule):
    """A number of steps outside what works with the sampler and schedule.

    Where the practice names one number, 20 to 40 are spared. IPNDM_V above 40 is RCP003's.

    ## Why is this bad?
    With too few steps lines stay soft and hands unfinished; with too many the time is spent for
    nothing, or the picture burns.

    ## Example
        1girl, solo, smile
        Steps: 20, Sampler: DPM++ 3M SDE, Schedule type: Exponential, CFG scale: 5

        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Align Your Steps, CFG scale: 5

    ## Use instead
        1girl, solo, smile
        Steps: 60, Sampler: DPM++ 3M SDE, Schedule type: Exponential, CFG scale: 5

        1girl, solo, smile
        Steps: 12, Sampler: DPM++ 2M, Schedule type: Align Your Steps, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16, the table of samplers. One person's experience.
    """

    meta = RuleMeta(
        code="RCP002",
        name="unusual-steps",
        summary="number of steps does not suit the sampler",
        severity=Severity.HINT,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None:
            return
        from irodori.recipe.samplers import find_sampler

        base = context.recipe.base
        info = find_sampler(base.sampler)
        row = next((row for row in info.practice if base.schedule in row.schedules), None)
        if row is None or info.name == "LCM":
            return
        low, high = _bounds(row)
        if base.steps < low or (base.steps > high and info.name != "IPNDM_V"):
            yield self.at(
                NOWHERE,
                f"{base.steps} steps of {info.name} {base.schedule.value}: "
                f"{row.low} to {row.high} work"
                if row.low < row.high
                else f"{base.steps} steps of {info.name} {base.schedule.value}: {row.best} work",
                field=Field.RECIPE,
                evidence=f"P16{': ' + row.note if row.note else ''}",
                help=f"take {row.best} steps",
            )


def _bounds(row: "Practice") -> tuple[int, int]:
    if row.low == row.high:
        return min(row.low, _SLACK[0]), max(row.high, _SLACK[1])
    return row.low, row.high
