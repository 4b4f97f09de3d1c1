"""SYN008: BREAK inside brackets is drawn as a word."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class BreakIsText(ParserFinding):
    """The word BREAK inside brackets.

    Dialect a1111 only; here BREAK works inside brackets, too.

    ## Why is this bad?
    A1111 draws it as a word, and the chunk goes on.

    ## Example
        Dialect: a1111
        1girl, (smile BREAK long hair:1.1)

    ## Use instead
        Dialect: a1111
        1girl, (smile:1.1) BREAK (long hair:1.1)

    ## Fix
    None: where the bracket should be closed and opened again is the author's choice.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN008",
        name="break-is-text",
        summary="BREAK inside brackets is drawn as a word",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.BREAK_IS_TEXT
