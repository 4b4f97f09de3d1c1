"""From the text in force to segments with weights.

In dialect irodori the weights are read from the tree. A1111 reads them from the text in force,
where a schedule may have brought half a bracket; dialect a1111 does the same, and both multiply
in A1111's order, so that weights are equal to the last bit.

Source: P12 for what the brackets mean; AUTOMATIC1111's webui for the rest.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final

from irodori.prompt.ast import (
    Break,
    Comment,
    Escape,
    Group,
    Network,
    Node,
    Separator,
    Space,
    Text,
)
from irodori.prompt.chunk import Segment
from irodori.prompt.dialect import Dialect
from irodori.prompt.parser import parse
from irodori.prompt.render import render_node, render_weight
from irodori.prompt.schedule import Clock, resolve
from irodori.prompt.span import Span

_TOKEN: Final = re.compile(r"\\[()\[\]\\]|\\|[(\[]|:\s*([+-]?[.\d]+)\s*\)|[)\]]|[^\\()\[\]:]+|:")
_BREAK: Final = re.compile(r"\bBREAK\b")
_FACTOR: Final = {"(": 1.1, "[": 1 / 1.1}
_OPENER: Final = {")": "(", "]": "["}
_FIRST_STEP: Final = Clock(steps=10**9)


class EmphasisMode(StrEnum):
    """What is done with weights; the values are A1111's names.

    `ORIGINAL` multiplies and restores the mean, `NO_NORM` multiplies only, `IGNORE` reads the
    syntax and weighs nothing, `NONE` reads nothing: brackets and BREAK are text.
    """

    ORIGINAL = "Original"
    NO_NORM = "No norm"
    IGNORE = "Ignore"
    NONE = "None"


def emphasis(
    text: str,
    *,
    dialect: Dialect | str = "irodori",
    mode: EmphasisMode = EmphasisMode.ORIGINAL,
) -> list[tuple[str, float]]:
    """The segments of a text in force, each with its weight; BREAK is `("BREAK", -1)`.

    Neighbours of equal weight are one segment; an empty text is one empty segment. AND is text
    here. What a schedule draws first counts, in dialect irodori; in a1111 schedules are expected
    to be gone, and one that is not is text in square brackets.

    Args:
        text: what a schedule's entry says.
        dialect: how the text is read.
        mode: `IGNORE` gives every segment the weight 1, `NONE` gives the text as it is.

    Raises:
        UnknownNameError: no such dialect.
    """
    if Dialect.named(dialect) is Dialect.A1111:
        segments = read_text(text, [Span(i, i + 1) for i in range(len(text))], mode)
    else:
        nodes = parse(text, negative=True).parts[0].nodes
        segments = read_nodes(resolve(nodes, 1, _FIRST_STEP), mode)
    return [(segment.text, segment.weight) for segment in segments]


@dataclass(slots=True)
class _Item:
    """A segment in the making: its weight grows as the groups around it close."""

    text: str
    spans: Sequence[Span]
    weight: float = 1.0
    is_break: bool = False


# --- dialect irodori: from the tree ---------------------------------------------------------------


def read_nodes(
    nodes: Iterable[Node], mode: EmphasisMode = EmphasisMode.ORIGINAL
) -> tuple[Segment, ...]:
    """The segments of resolved nodes, in dialect irodori: BREAK always breaks.

    Args:
        nodes: of one part, without schedules and alternations (`irodori.prompt.schedule.resolve`).
        mode: as in `emphasis`.
    """
    nodes = tuple(nodes)
    if mode is EmphasisMode.NONE:
        return (_verbatim(nodes),)
    writer = _Writer()
    writer.add(nodes)
    return _finished(writer.items, mode)


class _Writer:
    """Collects the text of nodes; BREAK takes the blanks around it away."""

    def __init__(self) -> None:
        self.items: list[_Item] = []
        self._run = 0  # first item that BREAK may strip: none from behind a bracket or escape
        self._is_fresh = False  # BREAK was last, so blanks are dropped

    def add(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            match node:
                case Text() | Separator() | Space():
                    self._add_text(node.source, node.span)
                case Group(nodes=inside):
                    self._end_run()
                    first = len(self.items)
                    self.add(inside)
                    for item in self.items[first:]:
                        item.weight *= 1.0 if item.is_break else node.factor
                    self._end_run()
                case Break(span=span):
                    self._add_break(span)
                case Escape(span=span, value=value):
                    self._end_run()
                    self.items.append(_Item(value, [span] * len(value)))
                    self._end_run()
                case Network() | Comment():
                    pass
                case _:
                    self._add_text(render_node(node), node.span)

    def _end_run(self) -> None:
        self._run = len(self.items)
        self._is_fresh = False

    def _add_text(self, text: str, span: Span) -> None:
        start = span.start
        if self._is_fresh:
            start += len(text) - len(text.lstrip())
            text = text.lstrip()
            self._is_fresh = not text
        if text:
            self.items.append(_Item(text, _each(start, start + len(text))))

    def _add_break(self, span: Span) -> None:
        for item in reversed(self.items[self._run :]):
            item.text = item.text.rstrip()
            item.spans = item.spans[: len(item.text)]
            if item.text:
                break
        breaking = _Item("BREAK", [span] * 5, weight=-1, is_break=True)
        # As upstream, there is a text on both sides, if only an empty one.
        self.items += [_Item("", ()), breaking, _Item("", ())]
        self._run = len(self.items)
        self._is_fresh = True


# --- dialect a1111: from the text -----------------------------------------------------------------


def read_text(
    text: str, spans: Sequence[Span], mode: EmphasisMode = EmphasisMode.ORIGINAL
) -> tuple[Segment, ...]:
    """The segments of a text, as A1111 reads them.

    BREAK inside a group is multiplied with it and so becomes a word of weight -1.1. A weight that
    is no number (`1..2`), which stops A1111, is text.

    Args:
        text: of one part, without schedules.
        spans: for each character, where it comes from.
        mode: as in `emphasis`.
    """
    if mode is EmphasisMode.NONE:
        return (Segment(text=text, spans=tuple(spans)),)
    items: list[_Item] = []
    is_open: dict[str, list[int]] = {"(": [], "[": []}
    at = 0
    while match := _TOKEN.match(text, at):
        token, start, at = match.group(), at, match.end()
        is_weight = match[1] is not None and bool(is_open["("])
        if token in _FACTOR:
            is_open[token].append(len(items))
        elif is_weight and (number := _number(match[1])) is not None:
            _multiply(items, is_open["("].pop(), number)
        elif token in _OPENER and is_open[_OPENER[token]]:
            _multiply(items, is_open[_OPENER[token]].pop(), _FACTOR[_OPENER[token]])
        elif is_weight:
            at = start + 1  # the colon is text; what follows is read anew
            items.append(_Item(":", spans[start:at]))
        else:
            items += _text_items(token, spans[start:at])
    for opener, starts in is_open.items():
        _multiply_by_open(items, starts, _FACTOR[opener])
    for item in items:
        item.is_break = item.text == "BREAK" and item.weight == -1
    return _finished(items, mode)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _multiply(items: Sequence[_Item], first: int, factor: float) -> None:
    for index in range(first, len(items)):
        items[index].weight *= factor


def _multiply_by_open(items: Sequence[_Item], starts: Sequence[int], factor: float) -> None:
    """Multiply once for each bracket left open before an item, one after the other.

    The products are kept, so that many brackets left open take no longer than few.
    """
    powers: dict[float, list[float]] = {}
    for index, item in enumerate(items):
        products = powers.setdefault(item.weight, [item.weight])
        count = bisect_right(starts, index)
        while len(products) <= count:
            products.append(products[-1] * factor)
        item.weight = products[count]


def _text_items(token: str, spans: Sequence[Span]) -> Iterator[_Item]:
    if token[0] == "\\":
        both = Span(spans[0].start, spans[-1].end)
        yield _Item(token[1:], [both] * (len(token) - 1))
        return
    start = 0
    for match in _BREAK.finditer(token):
        yield _stretch(token, spans, start, match.start(), is_last=False)
        yield _Item("BREAK", spans[match.start() : match.end()], weight=-1)
        start = match.end()
    yield _stretch(token, spans, start, len(token), is_last=True)


def _stretch(token: str, spans: Sequence[Span], start: int, end: int, *, is_last: bool) -> _Item:
    """The text between two BREAKs, without the blanks next to them."""
    text = token[start:end]
    if start > 0:
        text = text.lstrip()
        start = end - len(text)
    if not is_last:
        text = text.rstrip()
    return _Item(text, spans[start : start + len(text)])


def read_resolved(
    nodes: Iterable[Node], mode: EmphasisMode = EmphasisMode.ORIGINAL
) -> tuple[Segment, ...]:
    """The segments of resolved nodes, read as A1111 reads their text."""
    whole = _verbatim(nodes)
    return read_text(whole.text, whole.spans, mode)


# --- both -----------------------------------------------------------------------------------------


def _verbatim(nodes: Iterable[Node]) -> Segment:
    """The text of nodes as written, without networks and comments."""
    texts: list[str] = []
    spans: list[Span] = []
    for text, span in _pieces(nodes):
        texts.append(text)
        is_source = len(text) == span.end - span.start
        spans += _each(*span) if is_source else [span] * len(text)
    return Segment(text="".join(texts), spans=tuple(spans))


def _pieces(nodes: Iterable[Node]) -> Iterator[tuple[str, Span]]:
    for node in nodes:
        match node:
            case Group(span=span, bracket=bracket, nodes=inside, weight=weight):
                yield bracket.value, Span(span.start, span.start + 1)
                yield from _pieces(inside)
                if weight is not None:
                    yield render_weight(weight), weight.span
                yield bracket.closer, Span(span.end - 1, span.end)
            case Network() | Comment():
                pass
            case _:
                yield render_node(node), node.span


def _each(start: int, end: int) -> list[Span]:
    return list(map(Span, range(start, end), range(start + 1, end + 1)))


def _finished(items: Sequence[_Item], mode: EmphasisMode) -> tuple[Segment, ...]:
    """Join neighbours of equal weight, as A1111 does."""
    groups: list[list[_Item]] = []
    for item in items or [_Item("", ())]:
        last = groups[-1][0] if groups else None
        if last and last.weight == item.weight and not (last.is_break or item.is_break):
            groups[-1].append(item)
        else:
            groups.append([item])
    segments = tuple(
        Segment(
            text="".join([item.text for item in group]),
            weight=group[0].weight,
            spans=tuple(chain.from_iterable(item.spans for item in group)),
            is_break=group[0].is_break,
        )
        for group in groups
    )
    if mode is EmphasisMode.IGNORE:
        segments = tuple(s if s.is_break else replace(s, weight=1.0) for s in segments)
    return segments
