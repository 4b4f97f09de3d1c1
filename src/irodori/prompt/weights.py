r"""Setting, nudging and clearing the weight of what a cursor or a selection points at.

With a cursor: the network it touches; else the innermost group it is in, as in A1111's pages; else
the whole tag, escapes and all. With a selection: what is selected, widened to whole brackets. A
weight of 1 has no brackets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from irodori.prompt.ast import Alternation, Bracket, Group, Network, Node, Prompt
from irodori.prompt.entries import Edit, Entry, entries, inner_rows, is_sound, top_rows
from irodori.prompt.numbers import read_weight
from irodori.prompt.parser import parse
from irodori.prompt.span import Span

WEIGHT_STEP: Final = 0.1
NETWORK_STEP: Final = 0.05

_STRENGTHS: Final = frozenset({"te", "unet"})


def set_weight(text: str, selection: Span, weight: float) -> tuple[Edit, ...]:
    """Return the edits that give what is selected this weight.

    Args:
        text: a prompt.
        selection: code points; empty for a cursor.
        weight: any; 1 removes the brackets, or is written into a network.
    """
    target = _find(text, selection)
    return () if target is None else target.edits(weight)


def nudge_weight(text: str, selection: Span, steps: int) -> tuple[Edit, ...]:
    """Return the edits that raise the weight of what is selected by some steps.

    A step is 0.1, for networks 0.05. Falling weights stop at 0; one already below goes on.

    Args:
        text: a prompt.
        selection: code points; empty for a cursor.
        steps: how many; negative to lower.
    """
    target = _find(text, selection)
    return () if target is None else target.nudged(steps)


def clear_weight(text: str, selection: Span) -> tuple[Edit, ...]:
    """Return the edits that give what is selected a weight of 1."""
    return set_weight(text, selection, 1.0)


def weight_text(weight: float) -> str:
    """Return a weight with at most 4 decimals and no more than it needs: `1.2`, `-0.5`, `0`."""
    text = f"{weight:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Characters with emphasis around them, or none yet.

    Args:
        outer: the characters with their brackets.
        inner: without; equal to outer if there are none.
        weight: what the brackets make.
        keeps_brackets: they mean more than a weight, as in `(a|b:1.2)`.
    """

    outer: Span
    inner: Span
    weight: float = 1.0
    keeps_brackets: bool = False

    def nudged(self, steps: int) -> tuple[Edit, ...]:
        return self.edits(_stepped(self.weight, steps * WEIGHT_STEP))

    def edits(self, weight: float) -> tuple[Edit, ...]:
        if weight == self.weight and self.outer == self.inner:
            return ()
        opening, closing = "(", f":{weight_text(weight)})"
        if round(weight, 4) == 1.0 and not self.keeps_brackets:
            opening = closing = ""
        return (
            Edit(span=Span(self.outer.start, self.inner.start), text=opening),
            Edit(span=Span(self.inner.end, self.outer.end), text=closing),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _NetworkTag:
    """A network's strengths, each an item of its own."""

    node: Network

    def nudged(self, steps: int) -> tuple[Edit, ...]:
        return self._edits(steps * NETWORK_STEP, None)

    def edits(self, weight: float) -> tuple[Edit, ...]:
        return self._edits(0.0, weight)

    def _edits(self, change: float, weight: float | None) -> tuple[Edit, ...]:
        strengths = list(self._strengths())
        if any(value is None for _, value in strengths):
            return ()  # a curve over the steps has no one weight
        if not strengths:
            new = _stepped(1.0, change) if weight is None else weight
            end = self.node.span.end - 1
            return (Edit(span=Span(end, end), text=f":{weight_text(new)}"),)
        return tuple(
            Edit(span=span, text=weight_text(_stepped(value or 0.0, change, weight)))
            for span, value in strengths
        )

    def _strengths(self) -> Iterator[tuple[Span, float | None]]:
        """Yield the place and the number of each strength; None for what is no number."""
        at = self.node.span.start + len(self.node.kind) + 2
        position = 0
        for index, item in enumerate(self.node.items):
            name, equals, value = item.partition("=")
            end = at + len(item)
            if not equals or index == 0:
                if position in {1, 2}:
                    yield Span(at, end), read_weight(item)
                position += 1
            elif name.strip() in _STRENGTHS:
                yield Span(at + len(name) + 1, end), read_weight(value)
            at = end + 1


_Target: TypeAlias = _Stretch | _NetworkTag


def _stepped(value: float, change: float, weight: float | None = None) -> float:
    if weight is not None:
        return weight
    new = round(value + change, 4)
    return max(new, 0.0) if value >= 0 > new else new


def _find(text: str, selection: Span) -> _Target | None:
    prompt = parse(text)
    if not selection.is_empty:
        return _find_selected(prompt, selection, text)
    return _find_at(prompt, selection.start)


def _find_at(prompt: Prompt, cursor: int) -> _Target | None:
    """Find what a cursor points at, from the outside in; the innermost that fits wins."""
    found: _Target | None = None
    row: Sequence[Node] = next((row for row in top_rows(prompt) if _reaches(row, cursor)), ())
    while True:
        entry = _entry_at(row, cursor)
        if entry is None:
            return found
        touched = _node_at(entry.nodes, cursor)
        if isinstance(touched, Network):
            return _NetworkTag(node=touched)
        group = _emphasis(touched)
        if group is not None:
            # Of brackets directly inside brackets the outermost stands for all.
            found = found if _is_same(found, group) else group
        elif not isinstance(found, _Stretch) or found.outer == found.inner or _is_list(touched):
            found = _whole(entry)
        inside = [inner for inner in inner_rows(touched) if _reaches(inner, cursor)]
        if not inside:
            return found
        if _is_list(touched):
            found = None
        row = inside[0]


def _is_same(found: _Target | None, group: _Stretch) -> bool:
    return isinstance(found, _Stretch) and found.inner == group.inner


def _is_list(node: Node) -> bool:
    return bool(inner_rows(node)) and _emphasis(node) is None


def _reaches(row: Sequence[Node], cursor: int) -> bool:
    return bool(row) and row[0].span.start <= cursor <= row[-1].span.end


def _entry_at(row: Sequence[Node], cursor: int) -> Entry | None:
    touched = [entry for entry in entries(row) if entry.span.touches(cursor)]
    return touched[-1] if touched else None


def _node_at(nodes: Sequence[Node], cursor: int) -> Node:
    """Return the node of an entry at a cursor; between two, the one with brackets."""
    touched = [node for node in nodes if node.span.touches(cursor)]
    return next((node for node in touched if inner_rows(node)), touched[-1])


def _whole(entry: Entry) -> _Stretch | None:
    return _Stretch(outer=entry.span, inner=entry.span) if is_sound(entry.nodes) else None


def _emphasis(node: Node) -> _Stretch | None:
    """Return a group and those directly around its only content, as one stretch."""
    if isinstance(node, Alternation) and node.bracket is Bracket.ROUND:
        if node.weight is not None and node.weight.value is None:
            return None
        end = node.span.end - 1 if node.weight is None else node.weight.span.start
        weight = 1.0 if node.weight is None or node.weight.value is None else node.weight.value
        inner = Span(node.span.start + 1, end)
        return _Stretch(outer=node.span, inner=inner, weight=weight, keeps_brackets=True)
    if not isinstance(node, Group) or (node.weight is not None and node.weight.value is None):
        return None
    end = node.span.end - 1 if node.weight is None else node.weight.span.start
    weight = node.factor if node.weight is not None else round(node.factor, 2)
    here = _Stretch(outer=node.span, inner=Span(node.span.start + 1, end), weight=weight)
    if len(node.nodes) != 1 or not isinstance(node.nodes[0], Group):
        return here
    deeper = _emphasis(node.nodes[0])
    if deeper is None:
        return here
    weight = round(here.weight * deeper.weight, 2)
    return _Stretch(outer=node.span, inner=deeper.inner, weight=weight)


def _find_selected(prompt: Prompt, selection: Span, text: str) -> _Target | None:
    chosen = selection.of(text)
    start = selection.start + len(chosen) - len(chosen.lstrip(" \t\r\n,"))
    end = selection.start + len(chosen.rstrip(" \t\r\n,"))
    if start >= end:
        return None
    row = _common_row(prompt, start, end)
    nodes = [node for node in row if node.span.start < end and node.span.end > start]
    if not nodes:
        return None
    if len(nodes) == 1:
        if isinstance(nodes[0], Network):
            return _NetworkTag(node=nodes[0])
        if (stretch := _emphasis(nodes[0])) is not None:
            return stretch
    # A text can be taken in part, anything with brackets only whole.
    start = start if not inner_rows(nodes[0]) else nodes[0].span.start
    end = end if not inner_rows(nodes[-1]) else nodes[-1].span.end
    span = Span(start, end)
    return _Stretch(outer=span, inner=span) if is_sound(nodes) else None


def _common_row(prompt: Prompt, start: int, end: int) -> Sequence[Node]:
    """Return the innermost row that has both ends, not going into a fully selected group."""
    row: Sequence[Node] = next(
        (row for row in top_rows(prompt) if row[0].span.start <= start and end <= row[-1].span.end),
        (),
    )
    while True:
        inside = [
            inner
            for node in row
            for inner in inner_rows(node)
            if inner and inner[0].span.start <= start and end <= inner[-1].span.end
        ]
        if not inside:
            return row
        whole = inside[0][0].span.start == start and inside[0][-1].span.end == end
        around = next(node for node in row if inside[0] in inner_rows(node))
        if whole and _emphasis(around) is not None:
            return (around,)
        row = inside[0]
