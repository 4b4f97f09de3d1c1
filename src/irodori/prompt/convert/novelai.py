"""NovelAI: `1.2::x::`, `{x}` for 1.05, `[x]` for 1/1.05, `||a|b||` drawn at random.

A new number ends the one before, so numbers do not nest. Parentheses, colons and angle brackets
mean nothing. There is no escape: text with a brace or `::` in it cannot be written.
"""

import re
from collections.abc import Iterator
from typing import Final

from irodori.prompt.convert.document import (
    Document,
    Item,
    Loss,
    Picked,
    Plain,
    Weighted,
    single,
    with_weights_inside,
)
from irodori.prompt.convert.lower import Abilities
from irodori.prompt.convert.scan import split_at
from irodori.prompt.span import Span
from irodori.prompt.weights import weight_text

ABILITIES: Final = Abilities(name="NovelAI")

_STEP: Final = 1.05
_MARK: Final = re.compile(
    r"(?P<number>(?<![\d.])-?(?:\d+\.?\d*|\.\d+))?::|(?P<pick>\|\|(?P<options>.+?)\|\|)|[{}\[\]]",
    re.DOTALL,
)
_CLOSER: Final = {"{": "}", "[": "]"}


def read(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a NovelAI prompt says."""
    return single(_items(text, 0, len(text))), ()


def _items(text: str, start: int, end: int) -> Iterator[Item]:
    factor = 1.0
    opened: list[str] = []
    at = start
    for mark in _MARK.finditer(text, start, end):
        weight = factor * _STEP ** (opened.count("}") - opened.count("]"))
        sign = mark.group()
        if sign in "}]" and sign not in opened:
            continue  # closes nothing: text
        yield from _run(text, at, mark.start(), weight)
        at = mark.end()
        if sign in _CLOSER:
            opened.append(_CLOSER[sign])
        elif sign in "}]":
            opened.reverse()
            opened.remove(sign)
            opened.reverse()
        elif mark["pick"]:
            yield _pick(text, mark, weight)
        else:
            factor = float(mark["number"]) if mark["number"] else 1.0
    weight = factor * _STEP ** (opened.count("}") - opened.count("]"))
    yield from _run(text, at, end, weight)


def _pick(text: str, mark: re.Match[str], weight: float) -> Item:
    places = list(split_at(text, mark.span("options"), "|"))
    options = tuple(tuple(_items(text, *place)) for place in places)
    pick = Picked(span=Span(*mark.span()), options=options, odds=(1.0,) * len(options))
    if weight == 1.0:
        return pick
    return Weighted(span=pick.span, items=(pick,), weight=weight)


def _run(text: str, start: int, end: int, weight: float) -> Iterator[Item]:
    if start < end:
        span = Span(start, end)
        plain = Plain(span=span, text=text[start:end])
        yield plain if weight == 1.0 else Weighted(span=span, items=(plain,), weight=weight)


def write(document: Document) -> str:
    """Return a document of what NovelAI can express as its text."""
    return _written(with_weights_inside(document.sections[0].items))


def _written(items: Iterator[Item]) -> str:
    out = ""
    for item in items:
        match item:
            case Weighted():
                gap = " " if out[-1:].isdigit() or out.endswith((".", "-")) else ""
                out += f"{gap}{weight_text(item.weight)}::{_written(iter(item.items))}::"
            case Plain():
                out += item.text
            case Picked():
                out += f"||{'|'.join([_written(iter(option)) for option in item.options])}||"
            case _:
                raise AssertionError(item)  # lowered away
    return out
