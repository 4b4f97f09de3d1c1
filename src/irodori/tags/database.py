"""The vocabulary's file: one SQLite database, only ever replaced as a whole.

Rows are numbered by falling count, so that reading in order of the number is reading the most used
first; the text index answers in that order and stops as soon as enough is found. Writers build a
new file beside the old one and rename it; readers keep the file they opened.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from irodori.errors import OutputError
from irodori.tags.dump import Figure
from irodori.tags.naming import key
from irodori.tags.shipped import Shipped, Source
from irodori.tags.tag import Tag

LAYOUT: Final = 1
"""Raised whenever the tables change: files of another layout are built anew."""
CURATED: Final = "curated"
"""The source of aliases that the shipped table brings."""
LOCK_TIMEOUT: Final = 60.0
"""Seconds to wait for another process that is writing."""

_TABLES: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE source (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, taken TEXT, note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    count INTEGER NOT NULL,
    source TEXT NOT NULL,
    deprecated INTEGER NOT NULL
) STRICT;
CREATE TABLE description (
    id INTEGER PRIMARY KEY REFERENCES tag,
    facet TEXT NOT NULL, regions TEXT, colour TEXT, people INTEGER, flags TEXT,
    implies TEXT, excludes TEXT, hides TEXT
) STRICT;
CREATE TABLE spelling (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    reversed TEXT NOT NULL,
    tag INTEGER NOT NULL REFERENCES tag,
    source TEXT  -- of an alias; NULL where the text is the tag's own name
) STRICT;
CREATE TABLE implication (
    tag INTEGER NOT NULL REFERENCES tag, implied TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (tag, implied)
) STRICT, WITHOUT ROWID;
"""
_UNSHARED: Final = """
PRAGMA page_size = 8192;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -262144;
"""
"""For a new file that nobody else sees: nothing to restore, up to 256 MB kept in memory."""
_INDEXES: Final = """
CREATE VIRTUAL TABLE found USING fts5(
    text, content='spelling', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1'
);
INSERT INTO found (found) VALUES ('rebuild');
CREATE INDEX spelling_text ON spelling (text, tag);
CREATE INDEX spelling_reversed ON spelling (reversed, text, tag);
CREATE INDEX spelling_alias ON spelling (tag) WHERE source IS NOT NULL;
"""
# The text index is filled first: with an index on the text SQLite would read the rows in the order
# of that, and the text index takes six times as long when the numbers do not rise.
SEPARATOR: Final = "\n"
"""Between the entries of a list in one column: no tag's name has a line break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything a vocabulary's file holds.

    Attributes:
        fingerprint: of the shipped data it was built from.
        figures: of every tag, by its key: the figure and the key of its source.
        descriptions: of the tags in the shipped table, by key.
        aliases: (alias, name, source); of two for one spelling the last counts.
        implications: imported ones: (name, implied, source).
        sources: where figures are from.
    """

    fingerprint: str
    figures: Mapping[str, tuple[Figure, str]]
    descriptions: Mapping[str, Tag]
    aliases: tuple[tuple[str, str, str], ...]
    implications: tuple[tuple[str, str, str], ...]
    sources: tuple[Source, ...]

    @property
    def own_sources(self) -> frozenset[str]:
        """The keys of all its sources."""
        return frozenset(source.key for source in self.sources)


def from_shipped(shipped: Shipped, fingerprint: str) -> Contents:
    """Return the contents of a file without any import."""
    described = {key(tag.name): tag for tag in shipped.tags}
    return Contents(
        fingerprint=fingerprint,
        figures={
            text: (Figure(tag.name, tag.category, tag.count, tag.deprecated), tag.source)
            for text, tag in described.items()
        },
        descriptions=described,
        aliases=tuple((alias, name, CURATED) for alias, name in shipped.aliases),
        implications=(),
        sources=shipped.sources,
    )


def fill(connection: sqlite3.Connection, contents: Contents) -> None:
    """Create the tables in an empty database and fill them."""
    connection.executescript(f"{_UNSHARED}{_TABLES}")
    falling = sorted(contents.figures.items(), key=lambda item: (-item[1][0].count, item[0]))
    numbers = {text: number for number, (text, _) in enumerate(falling, start=1)}
    with connection:
        connection.executemany("INSERT INTO fact VALUES (?, ?)", _facts(contents))
        connection.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?)",
            [(s.key, s.title, _iso(s.taken), s.note) for s in contents.sources],
        )
        connection.executemany(
            "INSERT INTO tag VALUES (?, ?, ?, ?, ?, ?)",
            (
                (number, f.name, f.category.value, f.count, source, f.deprecated)
                for number, (_, (f, source)) in enumerate(falling, start=1)
            ),
        )
        connection.executemany(
            "INSERT INTO description VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_description(numbers[text], tag) for text, tag in contents.descriptions.items()),
        )
        connection.executemany(
            "INSERT INTO spelling (text, reversed, tag, source) VALUES (?, ?, ?, ?)",
            _spellings(contents, numbers),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO implication VALUES (?, ?, ?)",
            (
                (number, implied, source)
                for name, implied, source in contents.implications
                if (number := numbers.get(key(name))) is not None
            ),
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


def _description(number: int, tag: Tag) -> tuple[object, ...]:
    return (
        number,
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
    contents: Contents, numbers: Mapping[str, int]
) -> Iterator[tuple[str, str, int, str | None]]:
    """Yield every name and alias by falling count of its tag; a name outranks an alias."""
    aliases: dict[str, tuple[int, str]] = {}
    for alias, name, source in contents.aliases:
        text, number = key(alias), numbers.get(key(name))
        if number is not None and text not in numbers:
            aliases[text] = (number, source)
    of_tag: dict[int, list[str]] = {}
    for text, (number, _) in aliases.items():
        of_tag.setdefault(number, []).append(text)
    for text, number in numbers.items():
        yield text, text[::-1], number, None
        for alias in sorted(of_tag.get(number, ())):
            yield alias, alias[::-1], number, aliases[alias][1]


def _text(items: Iterable[str]) -> str | None:
    return SEPARATOR.join(items) or None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
