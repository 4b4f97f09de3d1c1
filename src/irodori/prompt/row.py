"""Collects the leaves of one row of nodes, joining what belongs to one tag's text."""

from typing import Final

from irodori.prompt.ast import Break, Comment, Network, Node, Separator, Space, Text
from irodori.prompt.span import Span

_NO_TEXT: Final = -1


class Row:
    """Nodes in the making.

    Text arrives in pieces (words, colons, characters without a meaning) with blanks between them;
    it becomes one `Text` without blanks at its ends.
    """

    __slots__ = ("_first", "_last", "_nodes", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._nodes: list[Node] = []
        self._first = _NO_TEXT
        self._last = _NO_TEXT

    def add_text(self, start: int, end: int) -> None:
        """Take `text[start:end]` as part of a tag's text; it follows what came before."""
        if self._first == _NO_TEXT:
            self._first = start
        self._last = end

    def add_space(self, start: int, end: int) -> None:
        """Take blanks; they belong to the text around them if there is some on both sides."""
        if self._first == _NO_TEXT:
            span = Span(start, end)
            self._nodes.append(Space(span=span, source=self._text[start:end]))

    def add(self, node: Node) -> None:
        """Take a finished node that follows what came before."""
        if self._first != _NO_TEXT:
            self._flush(node.span[0])
        self._nodes.append(node)

    @property
    def in_tag(self) -> bool:
        """True if a tag has begun: there is text, or a node that draws something."""
        if self._first != _NO_TEXT:
            return True
        for node in reversed(self._nodes):
            if not isinstance(node, Space | Comment | Network):
                return not isinstance(node, Separator | Break)
        return False

    def finish(self, end: int) -> tuple[Node, ...]:
        """All nodes; the row reaches to `end`."""
        if self._first != _NO_TEXT:
            self._flush(end)
        return tuple(self._nodes)

    def _flush(self, end: int) -> None:
        first, last, text = self._first, self._last, self._text
        self._nodes.append(Text(span=Span(first, last), source=text[first:last]))
        if last < end:
            self._nodes.append(Space(span=Span(last, end), source=text[last:end]))
        self._first = _NO_TEXT
