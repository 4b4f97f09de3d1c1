"""SYN016: braces without | are text."""

from irodori.lint.diagnostic import Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class BracesAreText(ParserFinding):
    """Braces that neither choose nor emphasise.

    ## Why is this bad?
    `{a|b}` is a choice between texts. `{a}` is emphasis in another program and mere characters
    here.

    ## Example
        1girl, {smile}, long hair

    ## Use instead
        1girl, (smile), long hair

    ## Fix
    None: whether emphasis or the character is meant, only the author knows.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN016",
        name="braces-are-text",
        summary="braces without | are text",
        severity=Severity.HINT,
        since="0.2.0",
        source="P12",
    )
    parser_code = Code.BRACES_ARE_TEXT
