"""From a text as somebody spelled it to plain Latin letters.

Accents, look-alikes of other scripts, full-width, circled and mathematical letters become the
letter they look like; characters without a picture of their own disappear. Digits stay digits:
whether `0` is an o only the word around it tells (see `irodori.policy.spelling`).
"""

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from types import MappingProxyType
from typing import Final

DATA: Final = files("irodori.policy") / "data"

_UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Characters that draw nothing although their category says they do."""

_ENCLOSED: Final = ((0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
"""Rows of the letters A to Z that NFKD leaves alone: (first code point, how many)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlikes:
    """What looks like what.

    Attributes:
        letters: a character's code point to the letter it looks like.
        digits: the same of digits and signs that stand for letters in words.
    """

    letters: MappingProxyType[int, str]
    digits: MappingProxyType[int, str]


@cache
def look_alikes() -> LookAlikes:
    """Return the shipped table."""
    table = tomllib.loads((DATA / "look_alikes.toml").read_text(encoding="utf-8"))
    enclosed = {first + i: chr(ord("a") + i) for first, count in _ENCLOSED for i in range(count)}
    return LookAlikes(
        letters=MappingProxyType(_by_character(table["letters"]) | enclosed),
        digits=MappingProxyType(_by_character(table["digits"])),
    )


def fold(text: str) -> str:
    """Return a text in plain small letters; blanks, digits and punctuation stay."""
    if text.isascii():
        return text.casefold()
    letters = look_alikes().letters
    plain = unicodedata.normalize("NFKD", text.translate(letters))
    seen = "".join([c for c in plain if not _is_unseen(c)])
    return seen.translate(letters).casefold().translate(letters)


def _is_unseen(character: str) -> bool:
    if character in _UNSEEN:
        return True
    return unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc", "Cs", "Co"} and (
        not character.isspace()
    )


def _by_character(letters: dict[str, str]) -> dict[int, str]:
    return dict(
        chain.from_iterable(
            [(ord(character), letter) for character in characters]
            for letter, characters in letters.items()
        )
    )
