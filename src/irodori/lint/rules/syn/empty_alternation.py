"""SYN022: an alternation with nothing on one side."""

from collections.abc import Iterator

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.ast import Alternation, Group, Space
from irodori.prompt.entries import flat
from irodori.prompt.render import render_nodes


class EmptyAlternation(Rule):
    """An alternation or brackets with nothing on one side.

    ## Why is this bad?
    `[smile|]` draws a smile at every other step only, which is a weak smile that a weight gives
    more reliably (P15). Where all sides are empty nothing is drawn at all.

    ## Example
        1girl, [smile|], long hair

        1girl, [|], long hair

    ## Use instead
        1girl, (smile:0.7), long hair

        1girl, long hair

    ## Fix
    None: whether a weight or another text was meant, only the author knows.

    ## Evidence
    Practice P15: alternation is the unreliable blend. One person's experience.
    """

    meta = RuleMeta(
        code="SYN022",
        name="empty-alternation",
        summary="alternation or brackets with nothing inside",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P15",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for part in view.tree.parts:
                for node in flat(part.nodes):
                    if isinstance(node, Alternation):
                        yield from self._alternation(node, view)
                    elif isinstance(node, Group) and _is_empty(node.nodes):
                        said = node.span.of(view.text)
                        message = f"'{said}' has nothing inside"
                        yield self.at(node.span, message, field=view.field, help="take it out")

    def _alternation(self, node: Alternation, view: PromptView) -> Iterator[Diagnostic]:
        filled = [option for option in node.options if not _is_empty(option)]
        if len(filled) == len(node.options):
            return
        said = node.span.of(view.text)
        if not filled:
            yield self.at(
                node.span, f"'{said}' draws nothing", field=view.field, help="take it out"
            )
            return
        first = render_nodes(filled[0]).strip()
        yield self.at(
            node.span,
            f"'{said}' draws nothing at some of the steps",
            field=view.field,
            help=f"a weight is more reliable: ({first}:0.7)",
            severity=Severity.HINT,
        )


def _is_empty(nodes: tuple[object, ...]) -> bool:
    return all(isinstance(node, Space) for node in nodes)
