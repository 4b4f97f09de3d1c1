"""SYN004: schedule never switches."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class ScheduleWithoutEffect(ParserFinding):
    """A schedule that never switches, or has switched before the first step.

    ## Why is this bad?
    A number with a dot is a share of the steps, one without is a step: `12.0` is twelve times all
    steps, so the second text is never drawn.

    ## Example
        1girl, [red hair:blue hair:12.0]

    ## Use instead
        1girl, [red hair:blue hair:12]

    ## Fix
    Unsafe: the step is written without its dot, where that is what was meant.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN004",
        name="schedule-without-effect",
        summary="schedule never switches",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.SCHEDULE_WITHOUT_EFFECT
