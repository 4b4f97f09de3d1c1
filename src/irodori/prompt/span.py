"""Places in a prompt, counted in code points, and their conversion for the browser.

Python counts code points, JavaScript counts UTF-16 units; an emoji is one here and two there.
Everything inside Irodori holds code points; `to_utf16` converts once, as a response is encoded.
"""

from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range `[start, end)` of code points in the text that was parsed.

    A named tuple and not a dataclass: one is made for every node, and this halves the time to
    make it.
    """

    start: int
    end: int

    @property
    def is_empty(self) -> bool:
        """True if the span covers no character."""
        return self.start == self.end

    def touches(self, offset: int) -> bool:
        """True if a cursor standing before the character at `offset` is inside or at an edge."""
        return self.start <= offset <= self.end

    def of(self, text: str) -> str:
        """The part of `text` the span covers."""
        return text[self.start : self.end]


def to_utf16(text: str, spans: Iterable[Span]) -> list[Span]:
    """The same places counted in UTF-16 code units, as browsers count.

    Args:
        text: the whole text the spans belong to.
        spans: in code points, 0 <= start <= end <= len(text).

    Returns:
        One span for each given, in the given order.
    """
    if text.isascii():
        return list(spans)
    units = list(accumulate((1 + (ord(char) > 0xFFFF) for char in text), initial=0))
    return [Span(units[start], units[end]) for start, end in spans]


def from_utf16(text: str, spans: Iterable[Span]) -> list[Span]:
    """The places a browser named, counted in code points.

    Args:
        text: the whole text the spans belong to.
        spans: in UTF-16 code units; one inside a surrogate pair counts as before the pair, one
            past the end as the end.
    """
    points: list[int] = []
    for index, char in enumerate(text):
        points.extend([index] * (1 + (ord(char) > 0xFFFF)))
    points.append(len(text))
    last = len(points) - 1
    return [Span(points[min(start, last)], points[min(end, last)]) for start, end in spans]
