"""From a text as somebody spelled it to plain Latin letters.

Accents, look-alikes of other scripts, full-width, circled and mathematical letters become the
letter they look like; characters without a picture of their own disappear. Digits stay digits:
whether `0` is an o only the word around it tells (see `irodori.policy.spelling`).
"""

import re
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

_UNSEEN_CATEGORIES: Final = frozenset({"Mn", "Me", "Cf", "Cc", "Cs", "Co"})

_NAMED: Final = re.compile(
    r"(?:COMBINING |NEGATIVE CIRCLED |NEGATIVE SQUARED |MODIFIER )?"
    r"(?:LATIN|REGIONAL INDICATOR SYMBOL) (?:SMALL |CAPITAL )?LETTER "
    r"(?:SMALL CAPITAL |DOTLESS |LONG |SCRIPT |REVERSED |SIDEWAYS |TURNED |BARRED )*"
    r"([A-Z])(?: WITH .*)?"
)
"""Names of characters that are a Latin letter in some dress; the group is the letter."""


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
    return LookAlikes(
        letters=MappingProxyType(_by_character(table["letters"])),
        digits=MappingProxyType(_by_character(table["digits"])),
    )


def fold(text: str) -> str:
    """Return a text in plain small letters; blanks, digits and punctuation stay."""
    if text.isascii():
        return text.casefold()
    letters = look_alikes().letters
    plain = unicodedata.normalize("NFKD", text.translate(letters))
    named = "".join([c if c.isascii() else _by_name(c) for c in plain.translate(letters)])
    return named.casefold().translate(letters)


def _by_name(character: str) -> str:
    """Return the letter that a character's name calls it, itself, or nothing if it is unseen."""
    name = _NAMED.fullmatch(unicodedata.name(character, ""))
    if name is not None:
        return name[1].lower()
    is_unseen = unicodedata.category(character) in _UNSEEN_CATEGORIES and not character.isspace()
    return "" if is_unseen or character in _UNSEEN else character


def _by_character(letters: dict[str, str]) -> dict[int, str]:
    return dict(
        chain.from_iterable(
            [(ord(character), letter) for character in characters]
            for letter, characters in letters.items()
        )
    )
