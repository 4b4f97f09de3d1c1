r"""The weights of ComfyUI, which SwarmUI has too: `(x)`, `(x:1.2)`, `\(`.

A number replaces the weight around it, where A1111's multiplies: `((x:1.2):1.3)` weighs 1.2. So
texts are read into runs of one weight each and written that way.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from irodori.prompt.convert.document import Item, Listed, Plain, Weighted
from irodori.prompt.convert.scan import is_escape, number, partners
from irodori.prompt.span import Span
from irodori.prompt.weights import weight_text

_ESCAPABLE: Final = "()"

# Reads what begins at a place of the text, under a weight: its items and where it ends, or None.
Special: TypeAlias = Callable[[int, int, float], tuple[list[Item], int] | None]


class ParenReader:
    """Reads runs of text of one weight; what else a tool knows is read by `special`.

    Args:
        text: all of it.
        special: asked at every character.
        escapable: the characters a backslash makes literal.
    """

    def __init__(self, text: str, special: Special, escapable: str = _ESCAPABLE) -> None:
        self._text = text
        self._special = special
        self._escapable = escapable
        self._partners = partners(text, "()", escapable)

    def items(self, start: int, end: int, weight: float = 1.0) -> Iterator[Item]:
        """Yield the items of `text[start:end]`, weights given by where they stand."""
        plain: list[str] = []
        begin = at = start
        while at < end:
            found = self._special(at, end, weight)
            close = self._partners.get(at, end)
            if found is None and close >= end:
                taken = is_escape(self._text, at, self._escapable) and at + 1 < end
                plain.append(self._text[at + taken])
                at += 1 + taken
                continue
            yield from _run("".join(plain), Span(begin, at), weight)
            plain = []
            if found is not None:
                yield from [_weighted(item, weight) for item in found[0]]
                at = found[1]
            else:
                yield from self._group(at, close, weight)
                at = close + 1
            begin = at
        yield from _run("".join(plain), Span(begin, end), weight)

    def _group(self, opened: int, close: int, weight: float) -> Iterator[Item]:
        colon = self._text.rfind(":", opened + 1, close)
        given = number(self._text[colon + 1 : close]) if colon > opened + 1 else None
        if given is None:
            yield from self.items(opened + 1, close, weight * 1.1)
        else:
            yield from self.items(opened + 1, colon, given)


def write_runs(items: Iterable[Item], special: Callable[[Item], str]) -> str:
    """Return items whose weights are inside (`with_weights_inside`) as text.

    Args:
        items: of the document.
        special: writes all but weights.
    """
    out = []
    for item in items:
        if isinstance(item, Weighted):
            inside = "".join([special(one) for one in item.items])
            out.append(f"({inside}:{weight_text(item.weight)})")
        else:
            out.append(special(item))
    return "".join(out)


def _run(text: str, span: Span, weight: float) -> Iterator[Item]:
    if text:
        yield _weighted(Plain(span=span, text=text), weight)


def _weighted(item: Item, weight: float) -> Item:
    """Return what can carry a weight with it; what holds items has given it to them."""
    if weight == 1.0 or not isinstance(item, Plain | Listed):
        return item
    return Weighted(span=item.span, items=(item,), weight=weight)
