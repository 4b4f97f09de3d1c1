"""Descent, favourites and notes of pictures that the index knows."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from irodori.store.database import Database
from irodori.store.journal import Note, Star, append
from irodori.store.outputs import Output, find_ids

MOST_OF_A_FAMILY: Final = 1000
"""So many pictures of one family are given at once: what a person can look at."""

_ANCESTORS: Final = """
    WITH RECURSIVE line (id, depth) AS (
        SELECT ?, 0
        UNION
        SELECT l.parent, line.depth + 1 FROM line
        JOIN outputs o ON o.id = line.id JOIN lineage l ON l.child = o.number
        WHERE line.depth < 10000
    )
    SELECT id FROM line ORDER BY depth
"""
_DESCENDANTS: Final = """
    WITH RECURSIVE family (id) AS (
        SELECT ?
        UNION
        SELECT o.id FROM family
        JOIN lineage l ON l.parent = family.id JOIN outputs o ON o.number = l.child
    )
    SELECT o.id FROM family JOIN outputs o ON o.id = family.id ORDER BY o.number LIMIT ?
"""


def ancestors(db: Database, output: Output) -> tuple[str, ...]:
    """Return the ids a picture descends from, its parent first; a lost one ends the line."""
    return tuple(dict.fromkeys(row["id"] for row in db.rows(_ANCESTORS, output.id)[1:]))


def family(db: Database, output: Output) -> tuple[Output, ...]:
    """Return all pictures with the same first one, in the order they were made.

    Where the first one's file is gone, the family is what is left of it under the eldest known.
    """
    eldest = next(
        (one.id for one in reversed(find_ids(db, ancestors(db, output)))),
        output.id,
    )
    rows = db.rows(_DESCENDANTS, eldest, MOST_OF_A_FAMILY)
    return find_ids(db, [row["id"] for row in rows])


def children_of(db: Database, output: Output) -> tuple[Output, ...]:
    """Return the pictures made from one, in the order they were made."""
    rows = db.rows(
        "SELECT o.id FROM lineage l JOIN outputs o ON o.number = l.child "
        "WHERE l.parent = ? ORDER BY o.number",
        output.id,
    )
    return find_ids(db, [row["id"] for row in rows])


def children(outputs: Sequence[Output]) -> Mapping[str, tuple[Output, ...]]:
    """Return the children of each parent among some pictures, by the parent's id."""
    found: dict[str, list[Output]] = {}
    for output in outputs:
        found.setdefault(output.parent, []).append(output)
    return MappingProxyType({parent: tuple(each) for parent, each in found.items()})


def set_star(db: Database, output: Output, *, starred: bool) -> None:
    """Make a picture a favourite, or no longer."""
    append(db.outputs, Star(id=output.id, on=starred))
    with db.transaction() as connection:
        connection.execute(
            "UPDATE outputs SET starred = ? WHERE number = ?", (starred, output.number)
        )


def set_note(db: Database, output: Output, text: str) -> None:
    """Put a person's words on a picture in place of those before."""
    append(db.outputs, Note(id=output.id, text=text))
    with db.transaction() as connection:
        connection.execute("UPDATE outputs SET note = ? WHERE number = ?", (text, output.number))
