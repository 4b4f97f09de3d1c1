"""SYN001: bracket has no partner."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class UnbalancedBracket(ParserFinding):
    """A bracket without a partner.

    ## Why is this bad?
    Here it is drawn as the character itself, in A1111 it changes the weight of all that follows.
    Either way it is not what was meant.

    ## Example
        1girl, ((smile), long hair

    ## Use instead
        1girl, ((smile)), long hair

    ## Fix
    Unsafe: a backslash makes the character literal. Whether it should be closed or removed
    instead, only the author knows.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN001",
        name="unbalanced-bracket",
        summary="bracket has no partner",
        severity=Severity.ERROR,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.UNBALANCED_BRACKET
