"""SYN015: rest of the line is a comment."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.lint.suppress import SUPPRESSION
from irodori.prompt.ast import Code


class CommentSwallowsText(ParserFinding):
    r"""A comment behind text on the same line.

    Comments to the linter (`# irodori: ignore ...`) are none.

    ## Why is this bad?
    From `#` to the end of the line nothing is drawn. In a prompt of one line that can be half of
    it.

    ## Example
        1girl, #1 idol, long hair

    ## Use instead
        1girl, \#1 idol, long hair

    ## Fix
    Shown only: a backslash makes the character literal. None in the dialect a1111, which has no way
    to draw a `#`.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN015",
        name="comment-swallows-text",
        summary="rest of the line is a comment",
        severity=Severity.HINT,
        since="0.2.0",
        source="P12",
        applicability=Applicability.DISPLAY,
    )
    parser_code = Code.COMMENT_SWALLOWS_TEXT

    def check(self, context: Context) -> Iterator[Diagnostic]:
        texts = {view.field: view.text for view in context.views}
        for found in super().check(context):
            if not SUPPRESSION.match(found.span.of(texts[found.field])):
                yield found
