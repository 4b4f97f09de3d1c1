"""The index of pictures: one SQLite file in the outputs folder, its pragmas and transactions.

    outputs/.irodori/history.sqlite      the index; can be made again from the pictures
    outputs/.irodori/journal.jsonl       what no picture holds: stars, notes, folders
    outputs/.irodori/thumbnails/         a cache

A connection belongs to one thread. Any number of processes may have the file open: readers never
wait, writers wait for one another.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from irodori.errors import StoreError
from irodori.store.files import HIDDEN
from irodori.store.migrations import migrate

FILE: Final = "history.sqlite"
PATIENCE_MS: Final = 20_000
"""How long a writer waits for another."""

_NO_ROOM: Final = ("full", "disk I/O error")
"""What SQLite says where the disk has no room left."""

REBUILD: Final = "the pictures are safe; make the index again with: irodori history rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open index.

    Attributes:
        outputs: the folder whose pictures it knows, absolute.
        connection: of this thread.
    """

    outputs: Path
    connection: sqlite3.Connection

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return what a query gives.

        Raises:
            StoreError: the index is damaged or busy for too long.
        """
        with _translated(self.outputs):
            return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row that a query gives, or None."""
        with _translated(self.outputs):
            found: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
            return found

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a transaction that is kept whole or not at all.

        Raises:
            StoreError: the disk is full, or the index is damaged or busy for too long.
        """
        with _translated(self.outputs):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()


def database_path(outputs: Path) -> Path:
    """Return where the index of an outputs folder is."""
    return outputs / HIDDEN / FILE


def open_database(outputs: Path) -> Database:
    """Return the index of an outputs folder, made or brought up to date where needed.

    Raises:
        StoreError: the index is damaged, by a newer Irodori, or the folder cannot be written.
    """
    outputs = outputs.expanduser().absolute()
    path = database_path(outputs)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make '{path.parent}': {error.strerror or error}") from error
    with _translated(outputs):
        try:
            connection = _connected(path)
        except sqlite3.OperationalError as error:
            if not any(word in str(error) for word in _NO_ROOM):
                raise
            connection = _connected(path, alone=True)
    return Database(outputs=outputs, connection=connection)


def set_damaged_aside(outputs: Path) -> Path | None:
    """Move an index that cannot be used out of the way; return its new name, None if it is sound.

    Raises:
        StoreError: it cannot be moved.
    """
    path = database_path(outputs.expanduser().absolute())
    if not path.exists() or _is_sound(path):
        return None
    number = 1
    while (aside := path.with_name(f"{FILE}.damaged-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
        for ending in ("-wal", "-shm"):
            path.with_name(FILE + ending).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot move '{path}': {error.strerror or error}") from error
    return aside


def _is_sound(path: Path) -> bool:
    connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
    try:
        _prepare(connection)
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    except sqlite3.OperationalError as error:
        return "no such table" in str(error)
    except sqlite3.DatabaseError:
        return False
    else:
        return bool(verdict == "ok")
    finally:
        connection.close()


def _connected(path: Path, *, alone: bool = False) -> sqlite3.Connection:
    """Return a connection that is ready.

    Args:
        path: the index.
        alone: keep what connections share in memory instead of in a file beside the index. A disk
            without room for that file is read so, and no other process can have the index open.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        _prepare(connection)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # A picture takes seconds to draw; that its row is on the disk is worth a millisecond.
    connection.execute("PRAGMA synchronous = FULL")


def _hint(error: sqlite3.OperationalError) -> str:
    if any(word in str(error) for word in _NO_ROOM):
        return "; is the disk full?"
    return "" if "locked" in str(error) else f"; {REBUILD}"


@contextlib.contextmanager
def _translated(outputs: Path) -> Iterator[None]:
    path = database_path(outputs)
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # our own fault, not the file's
    except sqlite3.OperationalError as error:
        raise StoreError(f"the index '{path}' cannot be used: {error}{_hint(error)}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the index '{path}' is damaged ({error}); {REBUILD}") from error
