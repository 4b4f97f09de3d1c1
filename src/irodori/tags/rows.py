"""Rows of the vocabulary's file as tags."""

import sqlite3
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from irodori.tags.database import SEPARATOR
from irodori.tags.dump import Dump, Figure
from irodori.tags.schema import Category, Facet, Group, Region
from irodori.tags.shipped import Source
from irodori.tags.tag import Tag

Row = tuple[object, ...]
"""The columns of `_TAG`."""

_DEPRECATED: Final = frozenset({"deprecated"})
_TAG: Final = (
    "SELECT t.id, t.name, t.category, t.count, x.taken, t.source, t.deprecated, d.facet, d.regions,"
    " d.colour, d.people, d.flags, d.implies, d.excludes, d.hides FROM tag t"
    " JOIN source x ON x.name = t.source LEFT JOIN description d ON d.id = t.id"
)


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
    row: Row | None = connection.execute(
        f"{_TAG} JOIN spelling s ON s.tag = t.id WHERE s.text = ?", (wanted,)
    ).fetchone()
    return row


def row_by_number(connection: sqlite3.Connection, number: int) -> Row:
    """Return the row of a tag whose number a search gave."""
    row: Row = connection.execute(f"{_TAG} WHERE t.id = ?", (number,)).fetchone()
    return row


def read_tag(connection: sqlite3.Connection, row: Row) -> Tag:
    """Return a row's tag with its aliases and the implications of imports."""
    (number, name, category, count, taken, source, deprecated, facet, *described) = row
    regions, colour, people, flags, implies, excludes, hides = described
    aliases = connection.execute(
        "SELECT text FROM spelling WHERE tag = ? AND source IS NOT NULL ORDER BY text", (number,)
    )
    implied = connection.execute(
        "SELECT implied FROM implication WHERE tag = ? ORDER BY implied", (number,)
    )
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
        flags=frozenset(_list(flags)) | (_DEPRECATED if deprecated else frozenset()),
        implies=tuple(dict.fromkeys((*_list(implies), *(each for (each,) in implied)))),
        excludes=_list(excludes),
        hides=_list(hides),
        aliases=tuple(alias for (alias,) in aliases),
        curated=facet is not None,
    )


def read_sources(connection: sqlite3.Connection) -> tuple[Source, ...]:
    """Return where the figures are from."""
    return tuple(
        Source(key=name, title=title, taken=_date(taken), note=note)
        for name, title, taken, note in connection.execute("SELECT * FROM source")
    )


def read_dumps(connection: sqlite3.Connection, *, without: Container[str]) -> tuple[Dump, ...]:
    """Return what was imported, one dump a source, without some sources.

    Args:
        connection: to a vocabulary's file.
        without: keys of sources to leave out: those of the shipped table, and the one that is
            about to be replaced.
    """
    return tuple(
        Dump(
            source=source,
            figures=tuple(
                Figure(name, Category(category), count, bool(deprecated))
                for name, category, count, deprecated in connection.execute(
                    "SELECT name, category, count, deprecated FROM tag WHERE source = ?",
                    (source.key,),
                )
            ),
            aliases=tuple(
                connection.execute(
                    "SELECT s.text, t.name FROM spelling s JOIN tag t ON t.id = s.tag"
                    " WHERE s.source = ?",
                    (source.key,),
                )
            ),
            implications=tuple(
                connection.execute(
                    "SELECT t.name, i.implied FROM implication i JOIN tag t ON t.id = i.tag"
                    " WHERE i.source = ?",
                    (source.key,),
                )
            ),
        )
        for source in read_sources(connection)
        if source.key not in without
    )


def count_tags(connection: sqlite3.Connection) -> Stats:
    """Return how many tags a file holds."""
    return Stats(
        tags=_number(connection, "SELECT count(*) FROM tag"),
        curated=_number(connection, "SELECT count(*) FROM description"),
        aliases=_number(connection, "SELECT count(*) FROM spelling WHERE source IS NOT NULL"),
        implications=_number(connection, "SELECT count(*) FROM implication"),
        categories=dict(connection.execute("SELECT category, count(*) FROM tag GROUP BY 1")),
        sources=dict(connection.execute("SELECT source, count(*) FROM tag GROUP BY 1")),
        facets={
            Facet(facet): number
            for facet, number in connection.execute(
                "SELECT facet, count(*) FROM description GROUP BY 1"
            )
        },
    )


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(value).split(SEPARATOR)) if value else ()


def _date(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
