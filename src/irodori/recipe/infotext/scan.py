"""The scanner of a parameters line: keys, values, and what was neither.

A value is a JSON string, a bracketed value (`{...}` or `[...]`, kept whole whatever stands in
it), or everything up to the next comma. Linear in the length of the line.
"""

import re
from dataclasses import dataclass
from typing import Final

from irodori.recipe.infotext.quote import unquote

# The look-behind lets a match begin only where a run of key characters begins, and nothing gives
# characters back: without that, a long text without colons takes time by its square.
_KEY: Final = re.compile(r"(?<![\w \-/])[ \-/]*+(\w[\w \-/]++):\s*")
_LOOSE: Final = re.compile(
    r'(?<![\w \-/])[ \-/]*+\w[\w \-/]++:\s*+(?:"(?:\\.|[^\\"])++"|[^,]*+)(?:,|$)'
)
_STRING: Final = re.compile(r'"(?:\\.|[^\\"])*"')
_END: Final = re.compile(r"\s*(?:,|$)")
_CLOSES: Final = {"{": "}", "[": "]"}
_BRACKETS: Final = re.compile(r'[{}\[\]"]')
_BROKEN_LIMIT: Final = 32
"""After so many brackets that never close, brackets are read as text: keeps bad lines cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a line holds.

    Args:
        pairs: key and value in order; strings unquoted, everything else as written.
        unread: sentences about pieces that are no pair.
        loose_pairs: how many pairs A1111 would count.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    loose_pairs: int = 0


def scan(line: str) -> Scan:
    """Return the pairs of a parameters line; any text gives a result."""
    pairs: list[tuple[str, str]] = []
    unread: list[str] = []
    position = broken = 0
    while match := _KEY.search(line, position):
        _note(line[position : match.start()], unread)
        key = match[1].strip()
        value, position, closed = _value(line, match.end(), brackets=broken < _BROKEN_LIMIT)
        broken += not closed
        if value:
            pairs.append((key, unquote(value)))
        else:
            unread.append(f"'{key}' has no value")
    _note(line[position:], unread)
    return Scan(
        pairs=tuple(pairs),
        unread=tuple(unread),
        loose_pairs=sum(1 for _ in _LOOSE.finditer(line)),
    )


def _note(between: str, unread: list[str]) -> None:
    pieces = (piece.strip() for piece in between.split(","))
    unread.extend(f"not read: {piece[:80]!r}" for piece in pieces if piece)


def _value(line: str, start: int, *, brackets: bool) -> tuple[str, int, bool]:
    """Return a value as written, the position after its comma, and whether its bracket closed."""
    end = start
    bracketed = brackets and line[start : start + 1] in _CLOSES
    if line.startswith('"', start):
        string = _STRING.match(line, start)
        end = string.end() if string else start
    elif bracketed:
        end = _closing(line, start)
    closed = not bracketed or end > start
    if end > start and (stop := _END.match(line, end)):
        return line[start:end], stop.end(), closed
    comma = line.find(",", start)
    if comma < 0:
        return line[start:].strip(), len(line), closed
    return line[start:comma].strip(), comma + 1, closed


def _closing(line: str, start: int) -> int:
    """Return the position after the bracket that closes the one at start, or start if none does."""
    stack: list[str] = []
    position = start
    while match := _BRACKETS.search(line, position):
        mark = match[0]
        position = match.end()
        if mark == '"':
            string = _STRING.match(line, match.start())
            if string is None:
                return start
            position = string.end()
        elif mark in _CLOSES:
            stack.append(_CLOSES[mark])
        elif stack.pop() != mark:
            return start
        elif not stack:
            return position
    return start
