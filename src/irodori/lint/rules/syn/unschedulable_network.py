"""SYN014: A1111 does not schedule networks."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class UnschedulableNetwork(ParserFinding):
    """A network inside a schedule that A1111 does not schedule.

    Dialect a1111 only; here networks are scheduled.

    ## Why is this bad?
    A1111 takes networks out of the text before it looks for schedules: this one is on at every
    step.

    ## Example
        Dialect: a1111
        1girl, [:<lora:my_style:0.7>:0.2]

    ## Use instead
        [1girl:1girl, <lora:my_style:0.7>:0.2]

    ## Fix
    None: read the prompt in the dialect irodori.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN014",
        name="unschedulable-network",
        summary="A1111 does not schedule networks",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.UNSCHEDULABLE_NETWORK
