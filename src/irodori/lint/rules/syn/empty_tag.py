"""SYN023: two commas with nothing between them."""

from collections.abc import Iterator, Sequence

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.ast import Node, Separator, Space
from irodori.prompt.entries import rows
from irodori.prompt.span import Span


class EmptyTag(Rule):
    """Two commas with nothing between them.

    ## Why is this bad?
    Each comma is a token: it costs room and, many times over, moves the weights of the others.

    ## Example
        1girl, smile,, long hair

    ## Use instead
        1girl, smile, long hair

    ## Fix
    Safe: the second comma is taken out.

    ## Evidence
    The tokens: `irodori explain "smile,, long hair"`. Recipes of the practice have such commas
    where a tag was deleted by hand.
    """

    meta = RuleMeta(
        code="SYN023",
        name="empty-tag",
        summary="two commas with nothing between them",
        severity=Severity.HINT,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for row in rows(view.tree):
                yield from self._row(row, view)

    def _row(self, row: Sequence[Node], view: PromptView) -> Iterator[Diagnostic]:
        comma: Separator | None = None
        for node in row:
            if isinstance(node, Space):
                continue
            if not isinstance(node, Separator) or node.source != ",":
                comma = None
                continue
            if comma is not None:
                taken = Edit(field=view.field, span=Span(comma.span.end, node.span.end), text="")
                yield self.at(
                    Span(comma.span.start, node.span.end),
                    "nothing stands between these commas",
                    field=view.field,
                    help="take one out",
                    fixes=fix("remove the comma", (taken,), Applicability.SAFE),
                )
            comma = node
