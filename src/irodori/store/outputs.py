"""Pictures in the index: one row each, written whole, found by id, path or place in time."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Final

from irodori.errors import InputError
from irodori.prompt.dialect import Dialect
from irodori.recipe.codec import from_json, to_json
from irodori.recipe.lineage import ID_DIGITS, Lineage, Step
from irodori.recipe.recipe import Recipe
from irodori.recipe.tag_diff import tags_of
from irodori.store.database import Database

LAST: Final = "last"
"""What a person may say for the latest picture."""

LEAST_DIGITS: Final = 4
"""So many digits of an id are enough where they are one picture's."""

COLUMNS: Final = (
    "o.number, o.id, o.path, o.width, o.height, o.bytes, o.modified, o.source, o.model, o.seed, "
    "o.prompt, o.negative_prompt, o.recipe, o.starred, o.note, "
    "(SELECT path FROM folders f WHERE f.number = o.folder) AS folder, "
    "coalesce(l.parent, '') AS parent, coalesce(l.step, '') AS step"
)
"""What `output_of` reads, of `outputs AS o` joined by `JOIN`."""

JOIN: Final = " LEFT JOIN lineage AS l ON l.child = o.number "


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A picture as the index knows it.

    Args:
        number: its place in time: microseconds since 1970 at which it was made, made unique.
        id: 12 hex digits, the same for ever.
        path: the file, absolute.
        width: pixels.
        height: pixels.
        bytes: the file's size.
        modified: the file's time, nanoseconds since 1970.
        source: the program that drew it.
        model: name of the checkpoint, or "".
        seed: decimal, or "".
        prompt: as written.
        negative_prompt: as written.
        recipe: key of its recipe, for `recipe_of`; None where nothing is known.
        starred: a favourite.
        note: a person's words on it.
        parent: id of the picture it was made from, or "".
        step: what was done to the parent; None for a first one.
    """

    number: int
    id: str
    path: Path
    width: int
    height: int
    bytes: int
    modified: int
    source: str
    model: str
    seed: str
    prompt: str
    negative_prompt: str
    recipe: int | None
    starred: bool
    note: str
    parent: str
    step: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is put into the index about one file.

    Args:
        path: the file, absolute.
        made: microseconds since 1970.
        width: pixels.
        height: pixels.
        bytes: the file's size.
        modified: nanoseconds since 1970.
        source: the program that drew it.
        prompt: as written.
        negative_prompt: as written.
        model: name of the checkpoint, or "".
        seed: decimal, or "".
        recipe: what drew it; None where it is not known.
        lineage: its id and descent.
    """

    path: Path
    made: int
    width: int
    height: int
    bytes: int
    modified: int
    source: str
    prompt: str
    negative_prompt: str
    model: str
    seed: str
    recipe: Recipe | None
    lineage: Lineage


def draw_id(db: Database, draw: Callable[[int], str]) -> str:
    """Return an id that no picture has.

    Args:
        db: the index.
        draw: returns so many random bytes as hex digits, such as `secrets.token_hex`.
    """
    while True:
        drawn = draw(ID_DIGITS // 2)
        if db.row("SELECT 1 FROM outputs WHERE id = ?", drawn) is None:
            return drawn


def put(db: Database, connection: Connection, entry: Entry) -> None:
    """Write what is known about a file; replaces what was known, keeps star and note.

    A second file with the same id is a copy and gets an id of its own, made from its path; where
    the first file is gone, it was moved and stays the same picture.

    Args:
        db: the index.
        connection: inside a transaction.
        entry: the file.
    """
    folder, path = _place(db, entry.path)
    known = connection.execute(
        "SELECT number, id FROM outputs WHERE coalesce(folder, 0) = ? AND path = ?",
        (folder or 0, path),
    ).fetchone()
    identity = entry.lineage.id
    other = connection.execute(
        "SELECT o.number, o.path, (SELECT path FROM folders f WHERE f.number = o.folder) AS folder "
        "FROM outputs o WHERE id = ?",
        (identity,),
    ).fetchone()
    if other is not None and (known is None or other["number"] != known["number"]):
        if known is None and not _path_of(db, other).exists():
            known = other
        else:
            identity = hashlib.sha256(f"{identity} {entry.path}".encode()).hexdigest()[:ID_DIGITS]
    values: dict[str, object] = {
        "id": identity,
        "folder": folder,
        "path": path,
        "width": entry.width,
        "height": entry.height,
        "bytes": entry.bytes,
        "modified": entry.modified,
        "source": entry.source,
        "model": entry.model,
        "seed": entry.seed,
        "prompt": entry.prompt,
        "negative_prompt": entry.negative_prompt,
        "recipe": _put_recipe(connection, entry.recipe),
    }
    number = _free_number(connection, entry.made) if known is None else int(known["number"])
    _write(connection, number, values, is_new=known is None)
    _put_lineage(connection, number, entry.lineage)
    dialect = Dialect.IRODORI if entry.recipe is None else entry.recipe.dialect
    _put_tags(connection, number, tag_names(entry.prompt, dialect))


def forget(connection: Connection, number: int) -> None:
    """Take a picture out of the index; its file is not touched."""
    recipe = connection.execute("SELECT recipe FROM outputs WHERE number = ?", (number,)).fetchone()
    connection.execute("DELETE FROM outputs WHERE number = ?", (number,))
    if recipe is not None and recipe["recipe"] is not None:
        connection.execute(
            "DELETE FROM recipes WHERE number = :recipe "
            "AND NOT EXISTS (SELECT 1 FROM outputs WHERE recipe = :recipe)",
            {"recipe": recipe["recipe"]},
        )


def find(db: Database, reference: str) -> Output:
    """Return the picture a person means.

    Args:
        db: the index.
        reference: an id, its first digits (4 or more), `last`, or the path of a file.

    Raises:
        InputError: there is none, or several begin with these digits.
    """
    if reference == LAST:
        return _only(_select(db, "ORDER BY o.number DESC LIMIT 1"), reference)
    if len(reference) >= LEAST_DIGITS and set(reference) <= set("0123456789abcdef"):
        after = f"{reference}g"  # the first text that does not begin with these digits
        found = _select(db, "WHERE o.id >= ? AND o.id < ? LIMIT 5", reference, after)
        if found:
            return _only(found, reference)
    return _only(find_paths(db, (Path(reference).expanduser().absolute(),)), reference)


def find_paths(db: Database, paths: Iterable[Path]) -> tuple[Output, ...]:
    """Return what is known of some files."""
    found: list[Output] = []
    for path in paths:
        folder, inside = _place(db, path)
        found += _select(db, "WHERE coalesce(o.folder, 0) = ? AND o.path = ?", folder or 0, inside)
    return tuple(found)


def find_ids(db: Database, ids: Iterable[str]) -> tuple[Output, ...]:
    """Return the pictures with these ids, in their order; those not known are left out."""
    return tuple(output for one in ids for output in _select(db, "WHERE o.id = ?", one))


def recipe_of(db: Database, output: Output) -> Recipe | None:
    """Return what drew a picture; None where it is not known.

    Raises:
        RecipeError: a newer Irodori wrote it.
    """
    row = db.row("SELECT json FROM recipes WHERE number = ?", output.recipe)
    return None if row is None else from_json(row["json"])


def output_of(db: Database, row: Row) -> Output:
    """Return the picture of a row with `COLUMNS`."""
    values = {name: row[name] for name in Output.__dataclass_fields__}
    values["path"] = _path_of(db, row)
    values["starred"] = bool(row["starred"])
    values["step"] = Step(row["step"]) if row["step"] else None
    return Output(**values)


def tag_names(prompt: str, dialect: Dialect) -> frozenset[str]:
    """Return the names under which a prompt's tags are indexed."""
    return frozenset(tag.key for tag in tags_of(prompt, dialect=dialect) if tag.key[:1] != " ")


def _select(db: Database, rest: str, *values: object) -> list[Output]:
    sql = f"SELECT {COLUMNS} FROM outputs AS o {JOIN} {rest}"  # noqa: S608  # constants only
    return [output_of(db, row) for row in db.rows(sql, *values)]


def _only(found: Iterable[Output], reference: str) -> Output:
    outputs = tuple(found)
    if len(outputs) == 1:
        return outputs[0]
    if outputs:
        ids = ", ".join(output.id for output in outputs)
        raise InputError(f"'{reference}' is the beginning of several ids: {ids}; give more digits")
    raise InputError(
        f"no picture '{reference}' in the history; see: irodori history log. A picture file that "
        "is not known yet is found by: irodori history rebuild"
    )


def _path_of(db: Database, row: Row) -> Path:
    folder, path = row["folder"], row["path"]
    return db.outputs / str(folder or "") / str(path)


def _place(db: Database, path: Path) -> tuple[int | None, str]:
    """Return the folder a file is known under (None for none) and its path there."""
    for row in db.rows("SELECT number, path FROM folders ORDER BY number"):
        folder = db.outputs / row["path"]
        if path.is_relative_to(folder):
            return int(row["number"]), path.relative_to(folder).as_posix()
    return None, str(path)


def _free_number(connection: Connection, made: int) -> int:
    while connection.execute("SELECT 1 FROM outputs WHERE number = ?", (made,)).fetchone():
        made += 1
    return made


def _write(connection: Connection, number: int, values: dict[str, object], *, is_new: bool) -> None:
    if is_new:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        sql = f"INSERT INTO outputs (number, {names}) VALUES (:number, {marks})"  # noqa: S608  # names are ours
    else:
        changes = ", ".join(f"{name} = :{name}" for name in values)
        sql = f"UPDATE outputs SET {changes} WHERE number = :number"  # noqa: S608  # names are ours
    connection.execute(sql, {**values, "number": number})


def _put_recipe(connection: Connection, recipe: Recipe | None) -> int | None:
    if recipe is None:
        return None
    text = to_json(recipe)
    digest = hashlib.sha256(text.encode()).hexdigest()
    connection.execute(
        "INSERT INTO recipes (digest, json) VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, text)
    )
    row = connection.execute("SELECT number FROM recipes WHERE digest = ?", (digest,)).fetchone()
    return int(row["number"])


def _put_lineage(connection: Connection, number: int, lineage: Lineage) -> None:
    connection.execute("DELETE FROM lineage WHERE child = ?", (number,))
    if lineage.parent and lineage.step is not None:
        connection.execute(
            "INSERT INTO lineage (child, parent, step) VALUES (?, ?, ?)",
            (number, lineage.parent, lineage.step.value),
        )


def _put_tags(connection: Connection, number: int, names: frozenset[str]) -> None:
    connection.execute("DELETE FROM output_tags WHERE output = ?", (number,))
    for name in sorted(names):
        connection.execute("INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
        connection.execute(
            "INSERT INTO output_tags (tag, output) SELECT number, ? FROM tags WHERE name = ?",
            (number, name),
        )
