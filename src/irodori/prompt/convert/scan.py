"""Small things the readers share: partners of brackets, numbers, lists of options."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")
_COUNT: Final = re.compile(r"(\d*)(-?)(\d*)\$\$(?:([^${}|]*)\$\$)?")
_ODDS: Final = re.compile(r"\s*(\d+\.?\d*|\.\d+)::")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The inside of `{2$$ and $$0.3::a|b}`.

    Args:
        places: the begin and end of each option in the text.
        odds: of each.
        least: how many are drawn at least.
        most: how many at most.
        joiner: what stands between them.
    """

    places: tuple[tuple[int, int], ...]
    odds: tuple[float, ...]
    least: int
    most: int
    joiner: str


def number(text: str) -> float | None:
    """Return the finite number a text is, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def partners(text: str, pair: str, escapable: str) -> dict[int, int]:
    """Return where each opening bracket is closed; those without a partner are left out.

    Args:
        text: all of it.
        pair: the opening and the closing character.
        escapable: the characters a backslash before them makes literal.
    """
    found: dict[int, int] = {}
    stack: list[int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if is_escape(text, at, escapable):
            at += 2
            continue
        if char == pair[0]:
            stack.append(at)
        elif char == pair[1] and stack:
            found[stack.pop()] = at
        at += 1
    return found


def is_escape(text: str, at: int, escapable: str) -> bool:
    """Tell whether a backslash at a place makes the character after it literal."""
    return text[at] == "\\" and at + 1 < len(text) and text[at + 1] in escapable


def split_at(
    text: str, place: tuple[int, int], bar: str, *, nests: str = "", escapable: str = ""
) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a list between bars that lie in no bracket.

    Args:
        text: all of it.
        place: where the list begins and ends.
        bar: one or more characters.
        nests: opening and closing characters, in pairs: `<>{}`.
        escapable: the characters a backslash before them makes literal.
    """
    depth = 0
    start, end = place
    begin = at = start
    while at < end:
        char = text[at]
        if is_escape(text, at, escapable):
            at += 2
            continue
        if char in nests:
            depth += 1 if nests.index(char) % 2 == 0 else -1
        if depth <= 0 and text.startswith(bar, at, end):
            yield begin, at
            at += len(bar)
            begin = at
            continue
        at += 1
    yield begin, end


def options(text: str, start: int, end: int, escapable: str) -> Options:
    """Return what stands between the braces of `{a|b}`, dynamic prompts' counts and odds read.

    Args:
        text: all of it.
        start: after the opening brace.
        end: the closing brace.
        escapable: the characters a backslash before them makes literal.
    """
    count = _COUNT.match(text, start, end)
    least = most = 1
    joiner = ", "
    if count and (count[1] or count[3]):
        start = count.end()
        joiner = count[4] if count[4] is not None else ", "
        least = int(count[1] or 1)
        most = int(count[3]) if count[3] else (least if not count[2] else -1)
    places, odds = [], []
    for begin, stop in split_at(text, (start, end), "|", nests="{}", escapable=escapable):
        weighted = _ODDS.match(text, begin, stop)
        odds.append(float(weighted[1]) if weighted else 1.0)
        places.append((weighted.end() if weighted else begin, stop))
    if most < 0:
        most = len(places)
    return Options(
        places=tuple(places), odds=tuple(odds), least=least, most=max(least, most), joiner=joiner
    )
