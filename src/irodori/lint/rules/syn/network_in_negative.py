"""SYN013: network in the negative prompt does nothing."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class NetworkInNegative(ParserFinding):
    """A network in the negative prompt.

    ## Why is this bad?
    Networks change the model, not the text: in the negative prompt they do nothing at all. To turn
    one around, give it a negative weight in the prompt.

    ## Example
        1girl, smile
        Negative prompt: worst quality, <lora:my_style:0.7>

    ## Use instead
        1girl, smile, <lora:my_style:-0.7>
        Negative prompt: worst quality

    ## Fix
    Safe: it is taken out, and the picture stays the same.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN013",
        name="network-in-negative",
        summary="network in the negative prompt does nothing",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )
    parser_code = Code.NETWORK_IN_NEGATIVE
