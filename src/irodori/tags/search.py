"""Finds tags by what was typed: beginnings, words, parts, aliases, misspellings.

Spellings are numbered by falling count (`database`), so every query reads the most used first and
stops when it has enough; no query's work grows with the number of tags that would fit.
"""

import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from irodori.tags.spelling import distance, distance_of_beginning
from irodori.tags.tag import MatchKind

TRIGRAM: Final = 3
"""Letters that the text index needs at least."""
COMMON: Final = 5000
"""Beginnings with more spellings than this are read in order of their number; those of fewer are
all looked at and sorted. With 400,000 spellings both are then equally quick."""
NEAR: Final = 250
"""Spellings that are compared letter by letter with a misspelled text, from each end."""
UNFINISHED: Final = 100
"""The same for a misspelled text whose last word is unfinished, from each piece of it."""
BONUS: Final = {
    # Added to the decimal logarithm of the count: a beginning is worth a hundredfold count.
    MatchKind.EXACT: 20.0,
    MatchKind.PREFIX: 2.0,
    MatchKind.WORD: 1.0,
    MatchKind.WORDS: 0.0,
    MatchKind.INFIX: 0.0,
    MatchKind.TYPO: -2.0,
}
ALIAS_PENALTY: Final = 0.5
TYPO_PENALTY: Final = 2.0
"""For each letter changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A spelling found: the number of its tag, the text, how it fits and how well."""

    tag: int
    text: str
    kind: MatchKind
    distance: int
    score: float


_Row = tuple[int, str, int, int]  # tag, text, is an alias, count
_COLUMNS: Final = "t.id, s.text, s.source IS NOT NULL, t.count"
_FROM: Final = f"SELECT {_COLUMNS} FROM spelling s JOIN tag t ON t.id = s.tag"  # noqa: S608  # constants
_FOUND: Final = (
    f"SELECT {_COLUMNS} FROM found f JOIN spelling s ON s.id = f.rowid"  # noqa: S608  # constants
    " JOIN tag t ON t.id = s.tag WHERE found MATCH ? ORDER BY f.rowid LIMIT ?"
)


class _Hits:
    """The best hit of each tag, and whether any query had more than it was asked for."""

    def __init__(self, text: str, each: int) -> None:
        self._text = text
        self._each = each
        self.best: dict[int, Hit] = {}
        self.complete = True

    def add(self, kind: MatchKind, rows: Iterable[_Row], edits: int = 0) -> None:
        """Take the rows of one query in."""
        taken = list(rows)
        for tag, spelling, is_alias, count in taken:
            fits = MatchKind.EXACT if spelling == self._text else kind
            score = math.log10(count + 1) + BONUS[fits]
            score -= is_alias * ALIAS_PENALTY + edits * TYPO_PENALTY
            if tag not in self.best or self.best[tag].score < score:
                self.best[tag] = Hit(tag=tag, text=spelling, kind=fits, distance=edits, score=score)
        self.complete = self.complete and len(taken) < self._each


def find(connection: sqlite3.Connection, text: str, limit: int) -> tuple[list[Hit], bool]:
    """Return the best hits, one a tag, best first, and whether they are all there are.

    Args:
        connection: to a vocabulary's file.
        text: a key (`naming.key`), not empty.
        limit: hits to return at most; misspellings are looked for only when nothing else fits.
    """
    enough = 2 * limit  # two spellings may be of one tag
    hits = _Hits(text, enough)
    hits.add(MatchKind.EXACT, connection.execute(f"{_FROM} WHERE s.text = ?", (text,)))
    hits.add(MatchKind.PREFIX, _beginning(connection, text, enough))
    if len(text) >= TRIGRAM:
        at_word = f"{_quoted(f' {text}')} OR {_quoted(f'({text}')}"
        hits.add(MatchKind.WORD, _matching(connection, at_word, enough))
        hits.add(MatchKind.INFIX, _matching(connection, _quoted(text), enough))
        words = [word for word in text.split() if len(word) >= TRIGRAM]
        if len(words) > 1:
            query = " AND ".join(map(_quoted, words))
            hits.add(MatchKind.WORDS, _matching(connection, query, enough))
        if not hits.best:
            for row, edits in misspelled(connection, text) or _unfinished(connection, text):
                hits.add(MatchKind.TYPO, (row,), edits)
    ranked = sorted(hits.best.values(), key=lambda hit: (-hit.score, hit.tag))
    return ranked[:limit], hits.complete and len(ranked) <= limit


def misspelled(connection: sqlite3.Connection, text: str) -> list[tuple[_Row, int]]:
    """Return spellings that differ from the text by few letters, with the letters changed.

    One letter for texts of four and more, two for nine and more. A spelling with so few faults has
    either its beginning or its end in common with the text, and only such ones are compared.
    """
    for allowed in range(1, _faults(text) + 1):
        found = [
            (row, edits)
            for row in _near(connection, text, allowed)
            if (edits := distance(text, row[1], allowed))
        ]
        if found:
            return found
    return []


def _faults(text: str) -> int:
    """Return how many letters of a text may be wrong."""
    return 0 if len(text) < 4 else 1 if len(text) < 9 else 2


def _unfinished(connection: sqlite3.Connection, text: str) -> list[tuple[_Row, int]]:
    """Return spellings whose beginning differs from the text by few letters: `holdng sw`.

    Only texts of more than one word: a single one that nothing begins like is a misspelling. Of
    a text with so few faults, one of the pieces it is cut into is right; spellings with such a
    piece are compared.
    """
    if " " not in text:
        return []
    for allowed in range(1, _faults(text) + 1):
        size = len(text) // (allowed + 1)
        ends = [size * number for number in range(1, allowed + 1)]
        pieces = [text[a:b] for a, b in pairwise([0, *ends, len(text)]) if b - a >= TRIGRAM]
        rows = {
            row[1]: row
            for piece in pieces
            for row in _matching(connection, _quoted(piece), UNFINISHED)
        }
        found = [
            (row, edits)
            for row in rows.values()
            if (edits := distance_of_beginning(text, row[1], allowed))
        ]
        if found:
            return found
    return []


def containing(connection: sqlite3.Connection, word: str, limit: int) -> list[int]:
    """Return the numbers of the most used tags with a word of three letters and more in a name."""
    return list(dict.fromkeys(row[0] for row in _matching(connection, _quoted(word), limit)))


def _beginning(connection: sqlite3.Connection, text: str, limit: int) -> Iterator[_Row]:
    bounds = (text, _after(text))
    common = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM spelling WHERE text >= ? AND text < ? LIMIT ?)",
        (*bounds, COMMON),
    ).fetchone()[0]
    # A unary plus keeps SQLite from using the index on a column: these are read by their number.
    column = "+text" if common == COMMON else "text"
    return connection.execute(
        f"SELECT {_COLUMNS} FROM (SELECT id FROM spelling WHERE {column} >= ? AND {column} < ?"  # noqa: S608  # constants
        " ORDER BY id LIMIT ?) f JOIN spelling s ON s.id = f.id JOIN tag t ON t.id = s.tag"
        " ORDER BY s.id",
        (*bounds, limit),
    )


def _matching(connection: sqlite3.Connection, query: str, limit: int) -> Iterator[_Row]:
    return connection.execute(_FOUND, (query, limit))


def _near(connection: sqlite3.Connection, text: str, allowed: int) -> list[_Row]:
    """Return spellings of nearly the text's length that share its beginning or its end."""
    part = max(2, len(text) // (allowed + 1))
    shortest, longest = len(text) - allowed, len(text) + allowed
    rows: dict[str, _Row] = {}
    for column, piece in (("text", text[:part]), ("reversed", text[::-1][:part])):
        query = (
            f"{_FROM} WHERE s.{column} >= ? AND s.{column} < ?"
            " AND length(s.text) BETWEEN ? AND ? ORDER BY s.tag LIMIT ?"
        )
        bounds = (piece, _after(piece), shortest, longest, NEAR)
        rows.update({row[1]: row for row in connection.execute(query, bounds)})
    return list(rows.values())


def _after(text: str) -> str:
    """Return the least text that no text beginning with this one reaches."""
    last = ord(text[-1])
    if last == 0x10FFFF:
        return text + chr(0x10FFFF)
    return text[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)


def _quoted(text: str) -> str:
    """Return a phrase of the index's query language."""
    return '"' + text.replace('"', '""') + '"'
