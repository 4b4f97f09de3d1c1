"""SYN002: | outside of an alternation."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class StrayPipe(ParserFinding):
    """A `|` outside of an alternation.

    ## Why is this bad?
    Outside of `[a|b]` it is the character itself; in A1111 it makes every schedule of the prompt
    text.

    ## Example
        1girl, red hair | blue hair

    ## Use instead
        1girl, [red hair|blue hair]

    ## Fix
    Unsafe: a backslash makes the character literal.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN002",
        name="stray-pipe",
        summary="| outside of an alternation",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.STRAY_PIPE
