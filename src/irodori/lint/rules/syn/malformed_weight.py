"""SYN009: weight is no number."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class MalformedWeight(ParserFinding):
    """Something that is no number where a weight should be.

    ## Why is this bad?
    It is drawn as text, and the emphasis is that of the bare brackets.

    ## Example
        1girl, (smile:1,2)

    ## Use instead
        1girl, (smile:1.2)

    ## Fix
    Unsafe: a comma in the number becomes a dot.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN009",
        name="malformed-weight",
        summary="weight is no number",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.MALFORMED_WEIGHT
