"""The index made from the files: what a folder holds is read, what is damaged is told.

Nothing but the index is written. Files whose size and time are as they were are not read again
unless everything is asked for.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.errors import InputError, PictureFileError
from irodori.store.database import Database
from irodori.store.describe import describe
from irodori.store.journal import Elsewhere, Folder, Note, Star, append, read_journal
from irodori.store.outputs import Entry, find_paths, forget, put

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif"})
"""Endings of the files that are looked into."""

TOGETHER: Final = 200
"""Pictures put into the index in one transaction."""

Told = Callable[[int, int], None]
"""Hears how many files are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that is not in the index, and why."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a scan did.

    Args:
        read: files read and put into the index.
        kept: files that were as before.
        gone: files that are no longer there, taken out of the index.
        problems: files that could not be read.
    """

    read: int
    kept: int
    gone: int
    problems: tuple[Problem, ...]


def rebuild(db: Database, *, everything: bool = True, tell: Told = lambda *_: None) -> ScanReport:
    """Make the index agree with the files of all its folders, then with its journal.

    Args:
        db: the index.
        everything: read every file; else only those that are new or changed.
        tell: hears of the progress.
    """
    lines = tuple(read_journal(db.outputs))
    _restore_folders(db, lines)
    folders = [db.outputs / row["path"] for row in db.rows("SELECT path FROM folders")]
    elsewhere = {Path(line.path) for line in lines if isinstance(line, Elsewhere)}
    paths = [*dict.fromkeys(path for folder in folders for path in _pictures(folder))]
    paths += sorted(path for path in elsewhere if path.is_file() and path not in set(paths))
    report = _index(db, paths, everything=everything, tell=tell)
    gone = _forget_missing(db)
    _restore_marks(db, lines)
    with db.transaction() as connection:
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    return ScanReport(read=report.read, kept=report.kept, gone=gone, problems=report.problems)


def add_folder(db: Database, folder: Path, *, tell: Told = lambda *_: None) -> ScanReport:
    """Index a folder of pictures where it lies; nothing in it is ever written.

    Raises:
        InputError: there is no such folder, or it is known already as part of another.
    """
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder")
    if db.outputs.is_relative_to(folder) or folder.is_relative_to(db.outputs):
        raise InputError(f"'{folder}' and the outputs folder '{db.outputs}' lie in one another")
    append(db.outputs, Folder(path=str(folder), on=True))
    with db.transaction() as connection:
        connection.execute(
            "INSERT INTO folders (path) VALUES (?) ON CONFLICT DO NOTHING", (str(folder),)
        )
    return _index(db, list(_pictures(folder)), everything=False, tell=tell)


def remove_folder(db: Database, folder: Path) -> int:
    """Take a folder's pictures out of the index; return how many. The files stay.

    Raises:
        InputError: it is not indexed.
    """
    path = str(folder.expanduser().absolute())
    row = db.row("SELECT number FROM folders WHERE path = ?", path)
    if row is None:
        raise InputError(f"'{path}' is not indexed; see: irodori history folders")
    append(db.outputs, Folder(path=path, on=False))
    numbers = db.rows("SELECT number FROM outputs WHERE folder = ?", row["number"])
    with db.transaction() as connection:
        for each in numbers:
            forget(connection, each["number"])
        connection.execute("DELETE FROM folders WHERE number = ?", (row["number"],))
    return len(numbers)


def list_folders(db: Database) -> tuple[tuple[Path, int], ...]:
    """Return the indexed folders, the outputs folder first, with how many pictures each has."""
    rows = db.rows(
        "SELECT f.path, count(o.number) AS pictures FROM folders f "
        "LEFT JOIN outputs o ON o.folder = f.number GROUP BY f.number ORDER BY f.number"
    )
    return tuple((db.outputs / row["path"], int(row["pictures"])) for row in rows)


def _pictures(folder: Path) -> Iterator[Path]:
    """Yield a folder's pictures, oldest first; hidden files and folders are left out."""
    found: list[tuple[int, Path]] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if name.startswith(".") or path.suffix.lower() not in PICTURES:
                continue
            try:
                found.append((path.stat().st_mtime_ns, path))
            except OSError:
                found.append((0, path))
    for _, path in sorted(found):
        yield path


def _index(db: Database, paths: list[Path], *, everything: bool, tell: Told) -> ScanReport:
    problems: list[Problem] = []
    read = kept = 0
    for start in range(0, len(paths), TOGETHER):
        entries: list[Entry] = []
        for path in paths[start : start + TOGETHER]:
            if not everything and _is_as_before(db, path):
                kept += 1
                continue
            try:
                entries.append(_described(db, path))
            except (PictureFileError, OSError) as error:
                problems.append(Problem(path=path, why=str(error).removeprefix(f"{path}: ")))
        with db.transaction() as connection:
            for entry in entries:
                put(db, connection, entry)
        read += len(entries)
        tell(min(start + TOGETHER, len(paths)), len(paths))
    return ScanReport(read=read, kept=kept, gone=0, problems=tuple(problems))


def _described(db: Database, path: Path) -> Entry:
    """Return what a file says; a picture that is known keeps its place in time."""
    known = find_paths(db, (path,))
    return describe(path, made=known[0].number if known else None)


def _is_as_before(db: Database, path: Path) -> bool:
    known = find_paths(db, (path,))
    try:
        stat = path.stat()
    except OSError:
        return False
    return bool(known) and (known[0].bytes, known[0].modified) == (stat.st_size, stat.st_mtime_ns)


def _forget_missing(db: Database) -> int:
    gone = 0
    rows = db.rows(
        "SELECT o.number, o.path, f.path AS folder FROM outputs o "
        "LEFT JOIN folders f ON f.number = o.folder"
    )
    missing = [
        row for row in rows if not (db.outputs / (row["folder"] or "") / row["path"]).exists()
    ]
    with db.transaction() as connection:
        for row in missing:
            forget(connection, row["number"])
            gone += 1
    return gone


def _restore_folders(db: Database, lines: tuple[object, ...]) -> None:
    state = {line.path: line.on for line in lines if isinstance(line, Folder)}
    with db.transaction() as connection:
        for path, on in state.items():
            if on:
                connection.execute(
                    "INSERT INTO folders (path) VALUES (?) ON CONFLICT DO NOTHING", (path,)
                )


def _restore_marks(db: Database, lines: tuple[object, ...]) -> None:
    stars = {line.id: line.on for line in lines if isinstance(line, Star)}
    notes = {line.id: line.text for line in lines if isinstance(line, Note)}
    with db.transaction() as connection:
        for identity, on in stars.items():
            connection.execute("UPDATE outputs SET starred = ? WHERE id = ?", (on, identity))
        for identity, text in notes.items():
            connection.execute("UPDATE outputs SET note = ? WHERE id = ?", (text, identity))
