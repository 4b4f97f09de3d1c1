"""SYN011: network tag cannot be obeyed."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class MalformedNetwork(ParserFinding):
    """A network tag that cannot be obeyed.

    ## Why is this bad?
    `<lora:name` without its end is drawn as text; a strength that is no number does nothing.

    ## Example
        1girl, <lora:my_style:0.7

    ## Use instead
        1girl, <lora:my_style:0.7>

    ## Fix
    None: what is missing is the author's to say.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN011",
        name="malformed-network",
        summary="network tag cannot be obeyed",
        severity=Severity.ERROR,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.MALFORMED_NETWORK
