"""The known words, arranged for looking up what a text has and what it may spell."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final, TypeAlias

from irodori.policy.spelling import Reading, Spelled
from irodori.policy.words import Form, Kind, Word, known_words

_ENDINGS: Final = ("", "s", "es", "z")
_SHORT: Final = 3
"""Letters of a word that ordinary words join to by chance: never found by joining words."""

_BEGINNING: Final = 3
"""Letters by which words found at the start of longer ones are looked up; none has fewer."""

_Runs: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A known word in a text.

    Attributes:
        word: the word.
        text: what stands for it in the text, folded.
    """

    word: Word
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """The words by their letters, each letter of a row of equal ones once.

    Attributes:
        whole: with how often each letter stands in a row in the word.
        starts: words of `Form.START`, by their first letters.
        insides: words of `Form.INSIDE`.
        cores: every word that is not short, without blanks.
    """

    whole: Mapping[str, tuple[tuple[_Runs, Word], ...]]
    starts: Mapping[str, tuple[tuple[str, Word], ...]]
    insides: tuple[tuple[str, Word], ...]
    cores: tuple[tuple[str, Word], ...]

    def find(self, reading: Reading, letters: str) -> Iterator[Word]:
        squeezed, runs = _squeeze(letters)
        for least, word in self.whole.get(squeezed, ()):
            if _fits(reading, runs, least):
                yield word
        if reading.is_joined:
            return
        for core, word in self.starts.get(letters[:_BEGINNING], ()):
            if letters.startswith(core):
                yield word
        for core, word in self.cores if reading.is_run else self.insides:
            if core in letters:
                yield word


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words in the forms they are compared in."""

    patterns: tuple[tuple[re.Pattern[str], Word], ...]
    exact: _Index
    guessed: _Index

    def find(self, spelled: Spelled) -> Iterator[Hit]:
        """Yield known words that a text has or may spell: of each kind and rating, if any."""
        for pattern, word in self.patterns:
            match = pattern.search(spelled.plain)
            if match is not None:
                yield Hit(word=word, text=match[0])
        for reading in spelled.readings:
            yield from self.find_reading(reading)
        for starred in spelled.starred:
            for word in _completed(starred):
                yield Hit(word=word, text=starred)

    def find_reading(self, reading: Reading) -> Iterator[Hit]:
        """Yield the known words that a reading is."""
        letters = reading.letters.replace("i", "l") if reading.is_guess else reading.letters
        index = self.guessed if reading.is_guess else self.exact
        for word in index.find(reading, letters):
            yield Hit(word=word, text=reading.letters)


@cache
def lexicon() -> Lexicon:
    """Return the shipped words, arranged."""
    words = known_words()
    return Lexicon(
        patterns=tuple(_patterns(words)),
        exact=_index([(word.core.replace(" ", ""), word) for word in words]),
        guessed=_index([(word.core.replace(" ", "").replace("i", "l"), word) for word in words]),
    )


def _patterns(words: Iterable[Word]) -> Iterator[tuple[re.Pattern[str], Word]]:
    """Yield one expression for the words of each kind and rating, with one of them."""
    classes: defaultdict[tuple[Kind, str], list[Word]] = defaultdict(list)
    for word in words:
        classes[word.kind, word.rating].append(word)
    for members in classes.values():
        alternatives = "|".join(map(_expression, members))
        yield re.compile(rf"(?<!\S)(?:{alternatives})(?!\S)"), members[0]


def _expression(word: Word) -> str:
    core = re.escape(word.core)
    match word.form:
        case Form.WHOLE:
            return rf"{core}(?:s|es)?"
        case Form.START:
            return rf"{core}\S*"
        case Form.INSIDE:
            return rf"\S*{core}\S*"


def _index(cores: list[tuple[str, Word]]) -> _Index:
    whole: defaultdict[str, list[tuple[_Runs, Word]]] = defaultdict(list)
    starts: defaultdict[str, list[tuple[str, Word]]] = defaultdict(list)
    for core, word in cores:
        for ending in _ENDINGS:
            squeezed, runs = _squeeze(core + ending)
            whole[squeezed].append((runs, word))
        if word.form is not Form.WHOLE:
            starts[core[:_BEGINNING]].append((core, word))
    return _Index(
        whole={squeezed: tuple(found) for squeezed, found in whole.items()},
        starts={letters: tuple(found) for letters, found in starts.items()},
        insides=tuple([(core, word) for core, word in cores if word.form is Form.INSIDE]),
        cores=tuple([(core, word) for core, word in cores if len(core) > _SHORT]),
    )


def _fits(reading: Reading, runs: _Runs, least: _Runs) -> bool:
    """Whether a reading's repeated letters are those of a word.

    A word may be drawn out; words that are joined must give it exactly, for the chance is large.
    """
    if reading.is_joined:
        return runs == least and sum(runs) > _SHORT
    return all(map(int.__ge__, runs, least))


def _completed(starred: str) -> Iterator[Word]:
    """Yield the words that a word with letters left out may be."""
    given = sum(character != "*" for character in starred)
    if len(starred) <= _SHORT or given * 2 < len(starred):
        return
    pattern = re.compile(starred.replace("*", "[a-z]"))
    for word in known_words():
        if any(pattern.fullmatch(word.core + ending) for ending in _ENDINGS):
            yield word


def _squeeze(letters: str) -> tuple[str, _Runs]:
    """Return a word with each letter of a row once, and how often each stood in it."""
    runs = [(letter, len(list(row))) for letter, row in groupby(letters)]
    return "".join([letter for letter, _ in runs]), tuple([count for _, count in runs])
