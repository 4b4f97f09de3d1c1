"""SYN003: schedule without a readable number is text."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class ScheduleIsText(ParserFinding):
    """Square brackets that look like a schedule and are text.

    ## Why is this bad?
    `[red hair:blue hair]` lacks the number that says when to switch: it lowers the weight of the
    words, colon included.

    ## Example
        1girl, [red hair:blue hair]

    ## Use instead
        1girl, [red hair:blue hair:0.5]

    ## Fix
    None: only the author knows when to switch.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN003",
        name="schedule-is-text",
        summary="schedule without a readable number is text",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.SCHEDULE_IS_TEXT
