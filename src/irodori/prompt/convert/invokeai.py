r"""InvokeAI: `word+`, `(some words)++`, `(some words)1.2`, `("a", "b").and()`.

One `+` is 1.1, one `-` is 0.9; nested weights multiply. Parentheses without a weight only group.
`.and()` encodes its texts one by one and joins them, which is what BREAK does.

Source: compel's doc/syntax.md (the prompt language InvokeAI uses).
"""

import re
from collections.abc import Iterator
from typing import Final

from irodori.prompt.convert.document import (
    ChunkBreak,
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
from irodori.prompt.convert.scan import options, partners
from irodori.prompt.span import Span
from irodori.prompt.weights import weight_text

ABILITIES: Final = Abilities(
    name="InvokeAI",
    breaks=True,
    odds=True,
    counts=True,
    least_weight=0.0,
    most_weight=2.0,
)

_MORE: Final = 1.1
_LESS: Final = 0.9
_QUOTED: Final = r'"((?:\\.|[^"\\])*)"'
_CALL: Final = re.compile(
    rf"\s*\(\s*{_QUOTED}(?:\s*,\s*{_QUOTED})*\s*\)\s*\.(and|blend)\(([^()]*)\)\s*", re.DOTALL
)
_QUOTED_TEXT: Final = re.compile(_QUOTED, re.DOTALL)
_WEIGHT: Final = re.compile(r"(\++|-+)|(\d+\.?\d*|\.\d+)")
_WORD: Final = re.compile(r"(?:\\.|[^\s\\(),{}|\"])+", re.DOTALL)
_MARKED: Final = re.compile(r"(.*[^+-])(\++|-+)", re.DOTALL)
_SWAP: Final = re.compile(r"\.swap\(")
_ESCAPABLE: Final = '()"\\{}|'
_ESCAPE: Final = re.compile(r"\\([()\"\\{}|])")
_ESCAPED: Final = re.compile(r"[()\"\\{}|]")


def read(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what an InvokeAI prompt says, and what of `.blend()` and `.swap()` is lost."""
    losses = [
        Loss(span=Span(*swap.span()), message="InvokeAI's .swap() was read as text")
        for swap in _SWAP.finditer(text)
    ]
    call = _CALL.fullmatch(text)
    if call is None:
        return single(_Reading(text).items(0, len(text))), tuple(losses)
    if call[3] == "blend" or call[4].strip():
        what = "blend of texts" if call[3] == "blend" else "weights of .and()"
        message = f"InvokeAI's {what} was read as one chunk after the other, weights left out"
        losses.append(Loss(span=Span(*call.span()), message=message))
    items: list[Item] = []
    reading = _Reading(text)
    for quoted in _QUOTED_TEXT.finditer(text, 0, call.start(3)):
        if items:
            items.append(ChunkBreak(span=Span(quoted.start(), quoted.start())))
        items.extend(reading.items(*quoted.span(1)))
    return single(items), tuple(losses)


class _Reading:
    def __init__(self, text: str) -> None:
        self.text = text
        self.parens = partners(text, "()", _ESCAPABLE)
        self.braces = partners(text, "{}", _ESCAPABLE)

    def items(self, start: int, end: int) -> Iterator[Item]:
        at = start
        while at < end:
            close = self.parens.get(at, end)
            if close < end:
                item, at = self.group(at, close, end)
                yield item
                continue
            close = self.braces.get(at, end)
            if close < end:
                yield self.pick(at, close)
                at = close + 1
                continue
            word = _WORD.match(self.text, at, end)
            stop = word.end() if word else at + 1
            yield self.word(at, stop)
            at = stop

    def group(self, opened: int, close: int, end: int) -> tuple[Item, int]:
        weight, stop = 1.0, close + 1
        given = _WEIGHT.match(self.text, close + 1, end)
        if given:
            weight = float(given[2]) if given[2] else _factor(given[1])
            stop = given.end()
        inside = tuple(self.items(opened + 1, close))
        return Weighted(span=Span(opened, stop), items=inside, weight=weight), stop

    def pick(self, opened: int, close: int) -> Item:
        found = options(self.text, opened + 1, close, _ESCAPABLE)
        return Picked(
            span=Span(opened, close + 1),
            options=tuple(tuple(self.items(*place)) for place in found.places),
            odds=found.odds,
            least=found.least,
            most=found.most,
            joiner=found.joiner,
        )

    def word(self, start: int, end: int) -> Item:
        span = Span(start, end)
        word = span.of(self.text)
        marked = _MARKED.fullmatch(word)
        if marked is None:
            return Plain(span=span, text=_ESCAPE.sub(r"\1", word))
        plain = Plain(span=span, text=_ESCAPE.sub(r"\1", marked[1]))
        return Weighted(span=span, items=(plain,), weight=_factor(marked[2]))


def _factor(marks: str) -> float:
    base: float = _MORE if marks[0] == "+" else _LESS
    return base ** len(marks)


def write(document: Document) -> str:
    """Return a document of what InvokeAI can express as its text."""
    chunks: list[list[Item]] = [[]]
    for item in with_weights_inside(document.sections[0].items):
        if isinstance(item, ChunkBreak):
            chunks.append([])
        else:
            chunks[-1].append(item)
    texts = [_written(chunk).strip() for chunk in chunks]
    if len(texts) == 1:
        return texts[0]
    return "(" + ", ".join([f'"{text}"' for text in texts]) + ").and()"


def _written(items: list[Item] | tuple[Item, ...]) -> str:
    out = ""
    for item in items:
        match item:
            case Weighted():
                out += f"({_written(item.items)}){weight_text(item.weight)}"
            case Plain():
                text = _ESCAPED.sub(r"\\\g<0>", item.text)
                # What follows a weight's digits must not be read as more of them.
                out += f" {text}" if out and text[:1] in tuple("0123456789.+-") else text
            case Picked():
                counts = ""
                if (item.least, item.most) != (1, 1):
                    most = f"-{item.most}" if item.most > item.least else ""
                    counts = f"{item.least}{most}$${item.joiner}$$"
                choices = [
                    ("" if odds == 1.0 else f"{odds:g}::") + _written(option)
                    for option, odds in zip(item.options, item.odds, strict=True)
                ]
                out += "{" + counts + "|".join(choices) + "}"
            case _:
                raise AssertionError(item)  # lowered away
    return out
