"""The vocabulary: every known tag by name, search, neighbours, what implies what."""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import platformdirs

from irodori.errors import OutputError
from irodori.tags.database import (
    connect,
    fill,
    from_shipped,
    is_current,
    is_readable,
    write,
    writing,
)
from irodori.tags.exclusive import ExclusiveSet, exclusive_sets
from irodori.tags.merge import merged
from irodori.tags.naming import key, keys
from irodori.tags.neighbours import neighbours
from irodori.tags.patterns import Classification, Patterns, read_patterns
from irodori.tags.rows import (
    Row,
    Stats,
    count_tags,
    read_dumps,
    read_sources,
    read_tag,
    row_by_key,
    row_by_number,
)
from irodori.tags.search import Hit, find
from irodori.tags.shipped import Source, fingerprint, read_shipped
from irodori.tags.tag import Match, MatchKind, Tag

REMEMBERED: Final = 4096
"""Tags kept in memory after they were asked for."""
_UNASKED: Final = object()


class Vocabulary:
    """The tags in one file, for reading; safe to share between threads.

    A tag above the ceiling is unknown: no method returns it.
    """

    def __init__(self, connection: sqlite3.Connection, ceiling: Callable[[Tag], bool]) -> None:
        self._connection = connection
        self._ceiling = ceiling
        self._known: dict[str, object] = {}
        self._rules: Patterns | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def get(self, name: str) -> Tag | None:
        r"""Return the tag that a text names, or None.

        Understands `Long_Hair`, `makima \(chainsaw man\)` and aliases; a tag's own name goes
        before another tag's alias.
        """
        known = self._known.get(name, _UNASKED)
        if known is _UNASKED:
            known = self._look_up(name)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name] = known
        return cast("Tag | None", known)  # what is not _UNASKED was put there by this method

    def search(self, text: str, limit: int = 10) -> list[Match]:
        """Return the tags that a text may mean, best first.

        A beginning goes before a word inside, a word before any part, each weighed against the
        number of pictures; misspellings are looked for when nothing fits as it stands.

        Args:
            text: what was typed; understands what `get` understands.
            limit: matches to return at most.
        """
        found = [
            match
            for wanted in keys(text)
            if wanted and limit > 0
            for match in self._search(wanted, limit)
        ]
        found.sort(key=lambda match: match.kind is not MatchKind.EXACT)
        return list({match.tag.name: match for match in reversed(found)}.values())[::-1][:limit]

    def neighbours(self, name: str, limit: int = 5, *, least: int = 1000) -> list[Tag]:
        """Return well-known tags to use instead of one, best first.

        For a misspelled name the tags it may mean; for a known or invented one those of the same
        facet that share its words.

        Args:
            name: a tag, known or not.
            limit: tags to return at most.
            least: pictures that a neighbour must have (P5).
        """
        wanted = keys(name)[0]
        known = self.get(name)
        facet = self._patterns().classify(name).facet if known is None else known.facet
        if not wanted:
            return []
        is_known = known is not None
        near = neighbours(self._connection, wanted, facet, self._read, is_known=is_known)
        return [tag for tag in near if tag.count >= least][:limit]

    def implied(self, name: str) -> frozenset[str]:
        """Return all that a tag implies, and what that implies, without the tag itself."""
        reached: set[str] = set()
        waiting = deque([name])
        while waiting:
            tag = self.get(waiting.popleft())
            if tag is not None:
                fresh = [each for each in tag.implies if each not in reached and each != name]
                reached.update(fresh)
                waiting.extend(fresh)
        return frozenset(reached)

    def exclusive(self) -> tuple[ExclusiveSet, ...]:
        """Return the sets of which one side at most is true, with whom they are true of."""
        return exclusive_sets()

    def classify(self, name: str) -> Classification:
        """Return what a name alone tells of a tag that nobody knows."""
        return self._patterns().classify(name)

    def sources(self) -> tuple[Source, ...]:
        """Return where the figures are from."""
        return read_sources(self._connection)

    def stats(self) -> Stats:
        """Return how many tags there are, by category, by source and by group."""
        return count_tags(self._connection)

    def _look_up(self, name: str) -> Tag | None:
        for wanted in keys(name):
            found = row_by_key(self._connection, wanted) if wanted else None
            if found is not None:
                return self._tag(found)
        return None

    def _search(self, wanted: str, limit: int) -> list[Match]:
        taken = limit
        while True:
            hits, complete = find(self._connection, wanted, taken)
            matches = [match for hit in hits if (match := self._match(hit)) is not None]
            if complete or len(matches) >= limit:
                return matches[:limit]
            taken *= 4  # several were of one tag, or above the ceiling

    def _match(self, hit: Hit) -> Match | None:
        tag = self._read(hit.tag)
        if tag is None:
            return None
        spelling = tag.name if hit.text == key(tag.name) else hit.text
        if spelling != tag.name and spelling not in tag.aliases:
            return None  # the alias is above the ceiling
        return Match(tag=tag, kind=hit.kind, spelling=spelling, distance=hit.distance)

    def _read(self, number: int) -> Tag | None:
        return self._tag(row_by_number(self._connection, number))

    def _tag(self, row: Row) -> Tag | None:
        tag = read_tag(self._connection, row)
        if not tag.curated:
            tag = self._patterns().describe(tag)
        if not self._ceiling(tag):
            return None
        seemly = tuple(alias for alias in tag.aliases if self._ceiling(_named(tag, alias)))
        return tag if seemly == tag.aliases else replace(tag, aliases=seemly)

    def _patterns(self) -> Patterns:
        if self._rules is None:
            self._rules = read_patterns()
        return self._rules


def _named(tag: Tag, alias: str) -> Tag:
    """Return an alias as a tag that nobody vouches for, to be judged by its own words."""
    return replace(tag, name=alias, curated=False)


def everything(tag: Tag) -> bool:
    """Let every tag through; the shipped table has none above `sensitive`."""
    del tag
    return True


def default_path() -> Path:
    """Return where the vocabulary's file is kept for this user."""
    return platformdirs.user_data_path("irodori") / "tags.sqlite"


def open_vocabulary(
    path: Path | None = None, *, ceiling: Callable[[Tag], bool] = everything
) -> Vocabulary:
    """Return the vocabulary, built from the shipped data where that is newer than the file.

    What was imported is kept when the shipped data changes. Where the file cannot be written, the
    shipped table is built in memory.

    Args:
        path: the file; None takes the user's own, `default_path()`.
        ceiling: tells whether a tag is within the rating ceiling. Default: all are.
    """
    path = path or default_path()
    current = fingerprint()
    if not is_current(path, current):
        try:
            refresh(path, current)
        except OutputError:
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            fill(connection, from_shipped(read_shipped(), current))
            return Vocabulary(connection, ceiling)
    return Vocabulary(connect(path), ceiling)


def refresh(path: Path, current: str) -> None:
    """Build a vocabulary's file from the shipped data, with the imports that the old one has.

    Raises:
        OutputError: the folder cannot be written, or another process keeps it from being.
    """
    with writing(path):
        if is_current(path, current):
            return  # another process was first
        contents = from_shipped(read_shipped(), current)
        if is_readable(path):
            with closing(connect(path)) as connection:
                contents = merged(contents, read_dumps(connection, without=contents.own_sources))
        write(path, contents)
