"""Where words that stand side by side may spell a known word together.

Joining every word with all that follow it takes seconds in a long text of single letters. What
spells a word has the word's *key*: digits and signs as letters, i as l, w as v (for `vv` is read
as w), each letter of a row of equal ones once. So only what begins with the beginning of some
word's key is joined; all else can spell nothing.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Final

from irodori.policy.fold import look_alikes
from irodori.policy.words import Form, known_words

_BEGINNING: Final = 4
"""Characters of a key that are compared; a shorter key is compared whole."""

_ALIKE: Final = str.maketrans("iw", "lv")


def places_to_join(tokens: Sequence[str], longest: int) -> list[bool]:
    """Return for each token whether it may begin a known word together with those after it.

    Args:
        tokens: the words of a tag, folded.
        longest: letters of the longest reading that is joined.
    """
    letters = _alike("".join(tokens))
    key, ends = _squeezed(letters)
    beginnings = _beginnings()
    inside = bytearray(len(letters) + 1)
    for start, end in _around_insides(key, ends, longest):
        inside[start:end] = b"\1" * (end - start)
    found = []
    at = row = 0
    for token in tokens:
        while row < len(ends) and ends[row] <= at:
            row += 1
        seen = key[row : row + _BEGINNING]
        begins = any(seen[:size] in beginnings for size in range(1, len(seen) + 1))
        found.append(begins or bool(inside[at]))
        at += len(token)
    return found


def _around_insides(key: str, ends: Sequence[int], longest: int) -> Iterator[tuple[int, int]]:
    """Yield the characters from which a reading may reach a word that is found anywhere in one."""
    for word in _insides():
        row = key.find(word)
        while row >= 0:
            start = ends[row - 1] if row else 0
            yield max(start - longest, 0), ends[row]
            row = key.find(word, row + 1)


@cache
def _beginnings() -> frozenset[str]:
    """Return the beginnings of the keys of all known words."""
    return frozenset(_key(word.core)[:_BEGINNING] for word in known_words())


@cache
def _insides() -> frozenset[str]:
    """Return the keys of the words that are found inside others."""
    return frozenset(_key(word.core) for word in known_words() if word.form is Form.INSIDE)


def _key(core: str) -> str:
    return _squeezed(_alike(core.replace(" ", "")))[0]


def _alike(letters: str) -> str:
    return letters.translate(look_alikes().digits).translate(_ALIKE)


def _squeezed(letters: str) -> tuple[str, list[int]]:
    """Return letters with each of a row of equal ones once, and where in them each row ends."""
    key, ends, at = [], [], 0
    for letter, row in groupby(letters):
        key.append(letter)
        at += sum(1 for _ in row)
        ends.append(at)
    return "".join(key), ends
