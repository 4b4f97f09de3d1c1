"""The vocabulary's file: one SQLite database, only ever replaced as a whole.

Rows are numbered by falling count, so that reading in order of the number is reading the most used
first; the text index answers in that order and stops as soon as enough is found. Writers build a
new file beside the old one and rename it; readers keep the file they opened.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from irodori.errors import OutputError
from irodori.tags.naming import key
from irodori.tags.shipped import Shipped, Source
from irodori.tags.tag import Tag

LAYOUT: Final = 1
"""Raised whenever the tables change: files of another layout are built anew."""
LOCK_TIMEOUT: Final = 60.0
"""Seconds to wait for another process that is writing."""

_TABLES: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE source (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, taken TEXT, note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    count INTEGER NOT NULL,
    count_date TEXT,
    source TEXT NOT NULL,
    curated INTEGER NOT NULL,
    facet TEXT, regions TEXT, colour TEXT, people INTEGER, flags TEXT,
    implies TEXT, excludes TEXT, hides TEXT
) STRICT;
CREATE TABLE spelling (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    reversed TEXT NOT NULL,
    tag INTEGER NOT NULL,
    source TEXT  -- of an alias; NULL where the text is the tag's own name
) STRICT;
CREATE TABLE implication (
    key TEXT NOT NULL, implied TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (key, implied)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE found USING fts5(
    text, content='spelling', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1'
);
"""
_INDEXES: Final = """
CREATE INDEX spelling_text ON spelling (text, tag);
CREATE INDEX spelling_reversed ON spelling (reversed, text, tag);
CREATE INDEX spelling_alias ON spelling (tag) WHERE source IS NOT NULL;
INSERT INTO found (found) VALUES ('rebuild');
"""
_INSERT_TAG: Final = f"INSERT INTO tag VALUES ({', '.join('?' * 16)})"  # noqa: S608  # no values
SEPARATOR: Final = "\n"
"""Between the entries of a list in one column: no tag's name has a line break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything a vocabulary's file holds.

    Attributes:
        fingerprint: of the shipped data it was built from.
        tags: all tags; their aliases are in `aliases` alone.
        aliases: (alias, name, source).
        implications: imported ones: (name, implied, source).
        sources: where figures are from.
    """

    fingerprint: str
    tags: tuple[Tag, ...]
    aliases: tuple[tuple[str, str, str], ...]
    implications: tuple[tuple[str, str, str], ...]
    sources: tuple[Source, ...]


def from_shipped(shipped: Shipped, fingerprint: str) -> Contents:
    """Return the contents of a file without any import."""
    return Contents(
        fingerprint=fingerprint,
        tags=shipped.tags,
        aliases=tuple((alias, name, "curated") for alias, name in shipped.aliases),
        implications=(),
        sources=shipped.sources,
    )


def fill(connection: sqlite3.Connection, contents: Contents) -> None:
    """Create the tables in an empty database and fill them."""
    connection.executescript(f"PRAGMA page_size = 8192; PRAGMA synchronous = OFF; {_TABLES}")
    tags = sorted(contents.tags, key=lambda tag: (-tag.count, tag.name))
    numbers = {key(tag.name): number for number, tag in enumerate(tags, start=1)}
    with connection:
        connection.executemany("INSERT INTO fact VALUES (?, ?)", _facts(contents))
        connection.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?)",
            [(s.key, s.title, _iso(s.taken), s.note) for s in contents.sources],
        )
        connection.executemany(
            _INSERT_TAG, (_row(number, tag) for number, tag in enumerate(tags, start=1))
        )
        connection.executemany(
            "INSERT INTO spelling (text, reversed, tag, source) VALUES (?, ?, ?, ?)",
            _spellings(contents, numbers),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO implication VALUES (?, ?, ?)",
            ((key(name), implied, source) for name, implied, source in contents.implications),
        )
    connection.executescript(_INDEXES)


def is_current(path: Path, fingerprint: str) -> bool:
    """Tell whether a file exists, is whole, and was built from this shipped data."""
    facts = _facts_of(path)
    return facts.get("fingerprint") == fingerprint and facts.get("layout") == str(LAYOUT)


def is_readable(path: Path) -> bool:
    """Tell whether a file is a vocabulary of this layout, of whatever shipped data."""
    return _facts_of(path).get("layout") == str(LAYOUT)


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection for reading; the file is never changed in place, so nothing is locked."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def write(path: Path, contents: Contents) -> None:
    """Replace a vocabulary's file by one with these contents; readers see the old or the new.

    Raises:
        OutputError: the folder cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".tags-", dir=path.parent) as folder:
            fresh = Path(folder) / "tags.sqlite"
            with closing(sqlite3.connect(fresh)) as connection:
                fill(connection, contents)
            fresh.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"cannot write the vocabulary '{path}': {error}") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep other processes from writing while the block reads a vocabulary and replaces it.

    The lock is a database of its own beside the file; it ends with the process that holds it.

    Raises:
        OutputError: another process held it for a minute, or the folder cannot be written.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(lock, timeout=LOCK_TIMEOUT, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"cannot write beside '{path}': {error}") from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise OutputError(f"another process is writing '{path}': {error}") from error
        yield


def _facts_of(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with closing(connect(path)) as connection:
            return dict(connection.execute("SELECT name, value FROM fact"))
    except sqlite3.Error:
        return {}


def _facts(contents: Contents) -> list[tuple[str, str]]:
    return [("fingerprint", contents.fingerprint), ("layout", str(LAYOUT))]


def _row(number: int, tag: Tag) -> tuple[object, ...]:
    known = (
        number, key(tag.name), tag.name, tag.category.value, tag.count, _iso(tag.count_date),
        tag.source, int(tag.curated),
    )  # fmt: skip
    if not tag.curated:
        return (*known, None, None, None, None, _text(tag.flags), None, None, None)
    return (
        *known,
        tag.facet,
        _text(sorted(tag.regions)),
        tag.colour or None,
        tag.people or None,
        _text(sorted(tag.flags)),
        _text(tag.implies),
        _text(tag.excludes),
        _text(tag.hides),
    )


def _spellings(
    contents: Contents, numbers: dict[str, int]
) -> Iterator[tuple[str, str, int, str | None]]:
    """Yield every name and alias by falling count of its tag; a name outranks an alias."""
    names = [(number, text, None) for text, number in numbers.items()]
    aliases = {
        key(alias): (numbers[key(name)], key(alias), source)
        for alias, name, source in contents.aliases
        if key(name) in numbers and key(alias) not in numbers
    }
    for number, text, source in sorted([*names, *aliases.values()], key=lambda each: each[:2]):
        yield text, text[::-1], number, source


def _text(items: Iterable[str]) -> str | None:
    return SEPARATOR.join(items) or None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
