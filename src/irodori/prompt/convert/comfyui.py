r"""ComfyUI: weights in parentheses, `{a|b}` drawn by its page, comments.

No schedules, no BREAK, no networks in the text: those are nodes of the graph there. Weights act
otherwise than in A1111 (they blend with the empty prompt and no mean is restored); the numbers are
kept all the same.
"""

import re
from typing import Final

from irodori.prompt.convert.document import (
    Document,
    Item,
    Loss,
    Picked,
    Plain,
    Remark,
    single,
    with_weights_inside,
)
from irodori.prompt.convert.lower import Abilities
from irodori.prompt.convert.parens import ParenReader, write_runs
from irodori.prompt.convert.scan import partners, split_at
from irodori.prompt.span import Span

ABILITIES: Final = Abilities(name="ComfyUI", remarks=True)

_COMMENT: Final = re.compile(r"/\*(.*?)\*/|//([^\n]*)", re.DOTALL)
_ESCAPABLE: Final = "(){}|"
_ESCAPED: Final = re.compile(r"[(){}|]")


def read(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a ComfyUI prompt says; everything in it has a meaning here."""
    braces = partners(text, "{}", _ESCAPABLE)

    def special(at: int, end: int, weight: float) -> tuple[list[Item], int] | None:
        comment = _COMMENT.match(text, at, end)
        if comment:
            said = comment[1] if comment[1] is not None else comment[2]
            return [Remark(span=Span(*comment.span()), text=said.strip())], comment.end()
        close = braces.get(at, end)
        if close >= end:
            return None
        options = tuple(
            tuple(reader.items(begin, stop, weight))
            for begin, stop in split_at(
                text, (at + 1, close), "|", nests="{}", escapable=_ESCAPABLE
            )
        )
        odds = (1.0,) * len(options)
        return [Picked(span=Span(at, close + 1), options=options, odds=odds)], close + 1

    reader = ParenReader(text, special, _ESCAPABLE)
    return single(reader.items(0, len(text))), ()


def write(document: Document) -> str:
    """Return a document of what ComfyUI can express as its text."""
    return write_runs(with_weights_inside(document.sections[0].items), _special)


def _special(item: Item) -> str:
    match item:
        case Plain():
            return _ESCAPED.sub(r"\\\g<0>", item.text)
        case Picked():
            return "{" + "|".join([write_runs(o, _special) for o in item.options]) + "}"
        case Remark():
            return f"/* {item.text} */"
        case _:
            raise AssertionError(item)  # lowered away
