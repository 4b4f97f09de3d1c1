"""SYN007: AND inside brackets is text."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class AndInBrackets(ParserFinding):
    """The word AND inside brackets.

    ## Why is this bad?
    AND joins whole prompts and so works outside of brackets only. Inside it is drawn as a word.

    ## Example
        1girl AND (red hair AND blue eyes)

    ## Use instead
        1girl AND red hair AND blue eyes

    ## Fix
    Unsafe: it is written `and`, which is what is drawn.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN007",
        name="and-in-brackets",
        summary="AND inside brackets is text",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.AND_IN_BRACKETS
