"""SYN006: text is read as the weight of an AND part."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Code


class AccidentalAndWeight(ParserFinding):
    """A text at the end that is read as the weight of an AND part.

    ## Why is this bad?
    `AND ... , :3` makes the whole part three times as strong and draws no face.

    ## Example
        1girl AND 1boy, :3

    ## Use instead
        1girl AND 1boy, :3,

    ## Fix
    Unsafe: a comma after it makes it text.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN006",
        name="accidental-and-weight",
        summary="text is read as the weight of an AND part",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.ACCIDENTAL_AND_WEIGHT
