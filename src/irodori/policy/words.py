"""The words the policy knows, read from its data once."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Final

from irodori.policy.fold import DATA, fold
from irodori.policy.rating import Rating


class Kind(Enum):
    """What a word speaks of."""

    MINOR = "minor"
    """a child; refused beside anything sexual"""

    BOTH = "both"
    """a name of sexual pictures of children; refused by itself"""

    RATED = "rated"
    """something that belongs to a rating above `general`"""


class Form(Enum):
    """Where a word is found."""

    WHOLE = "whole"
    START = "start"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of the lists.

    Attributes:
        core: its letters, folded, with single blanks between its parts.
        form: alone, at the start of a longer word, or anywhere in one.
        kind: what it speaks of.
        rating: the mildest ceiling it is within.
    """

    core: str
    form: Form
    kind: Kind
    rating: Rating


TABLES: Final = MappingProxyType(
    {
        "minor": (Kind.MINOR, Rating.GENERAL),
        "both": (Kind.BOTH, Rating.EXPLICIT),
        "sensitive": (Kind.RATED, Rating.SENSITIVE),
        "questionable": (Kind.RATED, Rating.QUESTIONABLE),
        "explicit": (Kind.RATED, Rating.EXPLICIT),
    }
)


@cache
def known_words() -> tuple[Word, ...]:
    """Return every word of the lists."""
    tables = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
    return tuple(
        _word(written, *TABLES[name])
        for name, table in tables.items()
        for written in table["words"]
    )


@cache
def harmless_phrases() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return phrases that hold a known word and mean nothing by it, longest first.

    Each is its words; they are filed under the first.
    """
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for line in sorted(_lines("harmless.txt"), key=len, reverse=True):
        phrase = tuple(line.split())
        found[phrase[0]].append(phrase)
    return MappingProxyType({first: tuple(phrases) for first, phrases in found.items()})


@cache
def known_tags() -> Mapping[str, tuple[Kind, Rating]]:
    """Return what tags without a word of the lists speak of, by their key."""
    found = {}
    for line in _lines("tags.txt"):
        table, _, keys = line.partition(" ")
        found.update(dict.fromkeys(keys.split(), TABLES[table]))
    return MappingProxyType(found)


def _word(written: str, kind: Kind, rating: Rating) -> Word:
    form = Form.WHOLE
    if written.endswith("*"):
        form = Form.INSIDE if written.startswith("*") else Form.START
    return Word(core=fold(written.strip("*")), form=form, kind=kind, rating=rating)


def _lines(name: str) -> Iterator[str]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
