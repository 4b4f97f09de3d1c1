"""SYN012: network of an unknown kind does nothing."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class UnknownNetworkKind(ParserFinding):
    """A network of a kind that does not exist.

    ## Why is this bad?
    The tag is taken out of the text and nothing is done with it. Kinds are `lora`, `lyco` and
    `hypernet`, in lower case.

    ## Example
        1girl, <LoRA:my_style:0.7>

    ## Use instead
        1girl, <lora:my_style:0.7>

    ## Fix
    None: the kind decides which file is meant.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN012",
        name="unknown-network-kind",
        summary="network of an unknown kind does nothing",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.UNKNOWN_NETWORK_KIND
