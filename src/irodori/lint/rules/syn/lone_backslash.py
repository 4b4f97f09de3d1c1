"""SYN017: backslash with nothing after it."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class LoneBackslash(ParserFinding):
    r"""A backslash with nothing after it.

    ## Why is this bad?
    It makes the next character literal, and there is none: nothing of it is drawn.

    ## Example
        1girl, smile\

    ## Use instead
        1girl, smile

    ## Fix
    Safe: it is taken out, and the picture stays the same.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN017",
        name="lone-backslash",
        summary="backslash with nothing after it",
        severity=Severity.HINT,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )
    parser_code = Code.LONE_BACKSLASH
