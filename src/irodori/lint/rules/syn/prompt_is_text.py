"""SYN005: backslash makes every schedule text."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class PromptIsText(ParserFinding):
    r"""A backslash at the end of a line, which makes every schedule text.

    Dialect a1111 only.

    ## Why is this bad?
    A1111's grammar has no place for it: the whole prompt is then read as plain text, schedules
    included.

    ## Example
        Dialect: a1111
        1girl, [red hair:blue hair:0.5] \

    ## Use instead
        Dialect: a1111
        1girl, [red hair:blue hair:0.5]

    ## Fix
    Unsafe: the backslash is taken out, and the schedules of the prompt begin to work.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN005",
        name="prompt-is-text",
        summary="backslash makes every schedule text",
        severity=Severity.ERROR,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.PROMPT_IS_TEXT
