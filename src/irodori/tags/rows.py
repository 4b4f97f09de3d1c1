"""Rows of the vocabulary's file as tags."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from irodori.tags.database import SEPARATOR, Contents
from irodori.tags.schema import Category, Facet, Group, Region
from irodori.tags.shipped import Source
from irodori.tags.tag import Tag

Row = tuple[object, ...]
"""All columns of the table `tag`, in its order."""

_BY_ALIAS = "SELECT t.* FROM spelling s JOIN tag t ON t.id = s.tag WHERE s.text = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How many tags a vocabulary holds.

    Attributes:
        tags: all of them.
        curated: those that the shipped table describes.
        aliases: other spellings.
        implications: imported ones; those of the shipped table stand with their tags.
        categories: tags by category.
        sources: tags by the source of their count.
        facets: curated tags by facet.
    """

    tags: int
    curated: int
    aliases: int
    implications: int
    categories: Mapping[str, int]
    sources: Mapping[str, int]
    facets: Mapping[Facet, int]

    @property
    def groups(self) -> dict[Group, int]:
        """Curated tags by group, in the order of a prompt."""
        return {
            group: sum(n for facet, n in self.facets.items() if facet.group is group)
            for group in Group
        }


def row_by_key(connection: sqlite3.Connection, wanted: str) -> Row | None:
    """Return the row of the tag with a key, or with an alias of that key."""
    row: Row | None = connection.execute("SELECT * FROM tag WHERE key = ?", (wanted,)).fetchone()
    if row is None:
        row = connection.execute(_BY_ALIAS, (wanted,)).fetchone()
    return row


def row_by_number(connection: sqlite3.Connection, number: int) -> Row:
    """Return the row of a tag whose number a search gave."""
    row: Row = connection.execute("SELECT * FROM tag WHERE id = ?", (number,)).fetchone()
    return row


def read_tag(connection: sqlite3.Connection, row: Row) -> Tag:
    """Return a row's tag with its aliases and the implications of imports."""
    aliases = connection.execute(
        "SELECT text FROM spelling WHERE tag = ? AND source IS NOT NULL ORDER BY text", (row[0],)
    )
    implied = connection.execute(
        "SELECT implied FROM implication WHERE key = ? ORDER BY implied", (row[1],)
    )
    return tag_of(row, tuple(alias for (alias,) in aliases), tuple(name for (name,) in implied))


def tag_of(row: Row, aliases: tuple[str, ...] = (), implied: tuple[str, ...] = ()) -> Tag:
    """Return the tag of a row as it is stored."""
    (_, _, name, category, count, taken, source, curated, *described) = row
    facet, regions, colour, people, flags, implies, excludes, hides = described
    own = _list(implies)
    return Tag(
        name=str(name),
        category=Category(str(category)),
        count=int(str(count)),
        count_date=_date(taken),
        source=str(source),
        facet=None if facet is None else Facet(str(facet)),
        regions=frozenset(Region(item) for item in _list(regions)),
        colour=str(colour or ""),
        people=int(str(people or 0)),
        flags=frozenset(_list(flags)),
        implies=own + tuple(name for name in implied if name not in own),
        excludes=_list(excludes),
        hides=_list(hides),
        aliases=aliases,
        curated=bool(curated),
    )


def read_sources(connection: sqlite3.Connection) -> tuple[Source, ...]:
    """Return where the figures are from."""
    return tuple(
        Source(key=name, title=title, taken=_date(taken), note=note)
        for name, title, taken, note in connection.execute("SELECT * FROM source")
    )


def read_contents(connection: sqlite3.Connection) -> Contents:
    """Return everything in a vocabulary's file, the inverse of `database.fill`."""
    facts = dict(connection.execute("SELECT name, value FROM fact"))
    return Contents(
        fingerprint=facts["fingerprint"],
        tags=tuple(tag_of(row) for row in connection.execute("SELECT * FROM tag ORDER BY id")),
        aliases=tuple(
            connection.execute(
                "SELECT s.text, t.name, s.source FROM spelling s JOIN tag t ON t.id = s.tag"
                " WHERE s.source IS NOT NULL"
            )
        ),
        implications=tuple(
            connection.execute(
                "SELECT t.name, i.implied, i.source FROM implication i JOIN tag t USING (key)"
            )
        ),
        sources=read_sources(connection),
    )


def count_tags(connection: sqlite3.Connection) -> Stats:
    """Return how many tags a file holds."""
    return Stats(
        tags=_number(connection, "SELECT count(*) FROM tag"),
        curated=_number(connection, "SELECT count(*) FROM tag WHERE curated"),
        aliases=_number(connection, "SELECT count(*) FROM spelling WHERE source IS NOT NULL"),
        implications=_number(connection, "SELECT count(*) FROM implication"),
        categories=dict(connection.execute("SELECT category, count(*) FROM tag GROUP BY 1")),
        sources=dict(connection.execute("SELECT source, count(*) FROM tag GROUP BY 1")),
        facets={
            Facet(facet): number
            for facet, number in connection.execute(
                "SELECT facet, count(*) FROM tag WHERE curated GROUP BY 1"
            )
        },
    )


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(value).split(SEPARATOR)) if value else ()


def _date(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
