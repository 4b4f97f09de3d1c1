"""SYN010: a text that is read as a weight."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.syn.parser_finding import ParserFinding
from irodori.prompt.ast import Bracket, Code, Group
from irodori.prompt.dialect import Dialect
from irodori.prompt.entries import flat
from irodori.prompt.render import render_nodes
from irodori.prompt.span import Span

_FACE: Final = re.compile(r">?:\d")


class WeightSwallowsText(ParserFinding):
    """A text that is read as a weight, here or in A1111: `(:3)`, `(12:30)`.

    ## Why is this bad?
    What follows the last colon inside round brackets is a weight. `(12:30)` is `12` at thirty times
    its strength; `(:3)` is the face here, and nothing at three times its strength in A1111.

    ## Example
        1girl, (:3)

        1girl, clock, (12:30)

    ## Use instead
        1girl, (:3:1.1)

        1girl, clock, (12:30:1.1)

    ## Fix
    Safe for faces, which keep the weight they have here; unsafe otherwise: the weight 1.1, that of
    bare brackets, is written after the text.

    ## Evidence
    The grammar of prompts, practice P12: see `irodori explain`.
    """

    meta = RuleMeta(
        code="SYN010",
        name="weight-swallows-text",
        summary="text in brackets is read as a weight",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )
    parser_code = Code.WEIGHT_SWALLOWS_TEXT

    def check(self, context: Context) -> Iterator[Diagnostic]:
        yield from super().check(context)
        if context.positive.tree.dialect is Dialect.IRODORI:
            for view in context.views:
                yield from self._faces(view)

    def _faces(self, view: PromptView) -> Iterator[Diagnostic]:
        """Yield faces alone in brackets, which only this dialect reads as such."""
        for part in view.tree.parts:
            for node in flat(part.nodes):
                if not isinstance(node, Group) or node.weight or node.bracket is Bracket.SQUARE:
                    continue
                face = render_nodes(node.nodes).strip()
                if not _FACE.fullmatch(face):
                    continue
                end = node.nodes[-1].span.end
                edit = Edit(field=view.field, span=Span(end, end), text=":1.1")
                yield self.at(
                    node.span,
                    f"'({face})' is a face here; A1111 draws nothing, with the weight {face[-1]}",
                    field=view.field,
                    help="give the weight after it",
                    fixes=fix(f"write ({face}:1.1)", (edit,), Applicability.SAFE),
                    severity=Severity.HINT,
                )
