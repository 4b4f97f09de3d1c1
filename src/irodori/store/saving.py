"""Saving a picture: the file whole, its row in one transaction, and nothing lost in between.

    1  the intent: id and name, in the index
    2  the file: temporary, flushed, then under its name
    3  the row, and the intent gone

Whoever opens the index after a crash between 2 and 3 finds the intent, and the file, and writes
the row (`recover`). A crash before 2 leaves an intent without a file, which is dropped in time.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.errors import OutputError, PictureFileError, StoreError
from irodori.recipe.lineage import Lineage
from irodori.recipe.recipe import Recipe
from irodori.store.database import Database, open_database
from irodori.store.describe import describe
from irodori.store.files import TEMPORARY, Write, is_taken, write_whole
from irodori.store.journal import Elsewhere, append
from irodori.store.outputs import put

ABANDONED: Final = 3600 * 1_000_000
"""A save that was begun so many microseconds ago and has no file never ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutput:
    """A picture to save.

    Args:
        lineage: its id and descent.
        recipe: what drew it.
        names: paths to try, best first; the first free one is taken.
        write: writes the picture into the path it is given.
        now: microseconds since 1970.
    """

    lineage: Lineage
    recipe: Recipe
    names: Callable[[], Iterator[Path]]
    write: Write
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedOutput:
    """A picture that was saved.

    Args:
        path: its file.
        problem: why it is not in the index; None where it is. The next rebuild finds it.
    """

    path: Path
    problem: StoreError | None = None


def save_output(db: Database | None, new: NewOutput) -> SavedOutput:
    """Save a picture and its row.

    Args:
        db: the index; None where it cannot be opened: the picture is saved all the same.
        new: the picture.

    Raises:
        OutputError: the picture cannot be saved; neither file nor row is there then.
    """
    problem: StoreError | None = None
    taken: OutputError | None = None
    for path in new.names():
        try:
            _intend(db, new, path)
        except StoreError as error:
            problem, db = error, None
        try:
            write_whole(path, new.write)
        except OutputError as error:
            if is_taken(error):
                taken = error
                continue
            _drop_intent(db, new)
            raise
        return SavedOutput(path=path, problem=_record(db, new, path) or problem)
    _drop_intent(db, new)
    raise taken or OutputError("cannot save: no name is free; change the pattern of names")


def recover(db: Database, *, now: int) -> tuple[Path, ...]:
    """Write the rows of pictures whose save was cut off; return their files.

    Args:
        db: the index.
        now: microseconds since 1970.
    """
    found: list[Path] = []
    for row in db.rows("SELECT id, path, begun FROM saves"):
        path = Path(row["path"])
        try:
            entry = describe(path, made=int(row["begun"]))
        except PictureFileError:
            entry = None
        with db.transaction() as connection:
            if entry is not None and entry.lineage.id == row["id"]:
                put(db, connection, entry)
                found.append(path)
            elif now - row["begun"] < ABANDONED:
                continue  # another process may be writing it now
            connection.execute("DELETE FROM saves WHERE id = ?", (row["id"],))
        if entry is None:
            _remove_unfinished(path.parent, before=row["begun"] + ABANDONED)
    return tuple(found)


def open_store(outputs: Path, *, now: int) -> Database:
    """Return the index of an outputs folder, with what a crash left open put right.

    Raises:
        StoreError: see `open_database`.
    """
    db = open_database(outputs)
    # A full disk keeps nothing from being read; what was cut off is put right at a later opening.
    with suppress(StoreError):
        recover(db, now=now)
    return db


def _intend(db: Database | None, new: NewOutput, path: Path) -> None:
    if db is None:
        return
    with db.transaction() as connection:
        connection.execute(
            "INSERT INTO saves (id, path, begun) VALUES (:id, :path, :begun) "
            "ON CONFLICT (id) DO UPDATE SET path = :path, begun = :begun",
            {"id": new.lineage.id, "path": str(path.absolute()), "begun": new.now},
        )


def _drop_intent(db: Database | None, new: NewOutput) -> None:
    if db is None:
        return
    try:
        with db.transaction() as connection:
            connection.execute("DELETE FROM saves WHERE id = ?", (new.lineage.id,))
    except StoreError:
        return  # it is dropped in time


def _record(db: Database | None, new: NewOutput, path: Path) -> StoreError | None:
    """Write the row of a saved picture; return why that failed."""
    if db is None:
        return None
    path = path.absolute()
    try:
        entry = describe(path, made=new.now, drawn=(new.recipe, new.lineage))
        with db.transaction() as connection:
            put(db, connection, entry)
            connection.execute("DELETE FROM saves WHERE id = ?", (new.lineage.id,))
        if not path.is_relative_to(db.outputs):
            append(db.outputs, Elsewhere(path=str(path)))
    except StoreError as error:
        return error
    except PictureFileError as error:
        return StoreError(f"'{path}' was saved but cannot be read back: {error}")
    return None


def _remove_unfinished(folder: Path, *, before: int) -> None:
    """Remove temporary files that a crash left in a folder."""
    if not folder.is_dir():
        return
    for path in folder.glob(f"{TEMPORARY}*"):
        try:
            if path.stat().st_mtime_ns // 1000 < before:
                path.unlink()
        except OSError:  # somebody else removed it
            continue
