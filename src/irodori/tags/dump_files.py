"""Dumps people have on their disks: the CSV of tagcomplete, and that of hanatsumi.

- a1111-sd-webui-tagcomplete: `name,type,count,"alias,alias"`, no header.
- hanatsumi: a header with `name`, `post_count`, `category`, `is_deprecated` among its columns.

Other tools' files with such a header (`name`, `category` or `type`, `count` or `post_count`,
`aliases`) are read alike.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TextIO

from irodori.errors import InputError
from irodori.tags.dump import Dump, Figure
from irodori.tags.naming import canonical
from irodori.tags.schema import Category
from irodori.tags.shipped import Source

CATEGORIES: Final[Mapping[str, Category]] = {
    "0": Category.GENERAL,
    "1": Category.ARTIST,
    "3": Category.COPYRIGHT,
    "4": Category.CHARACTER,
    "5": Category.META,
}
"""Danbooru's numbers of its categories."""
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "tag"),
    "category": ("category", "type"),
    "count": ("post_count", "count"),
    "aliases": ("aliases", "alias"),
    "deprecated": ("is_deprecated", "deprecated"),
}
_TRUE: Final = frozenset({"true", "t", "1", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    name: int
    category: int
    count: int
    aliases: int | None
    deprecated: int | None


TAGCOMPLETE: Final = _Columns(name=0, category=1, count=2, aliases=3, deprecated=None)


def read_dump(path: Path, taken: date, *, least: int = 1) -> Dump:
    """Return the tags in a CSV file.

    Args:
        path: UTF-8, with or without a byte order mark.
        taken: the day its figures are of.
        least: tags with fewer pictures are left out.

    Raises:
        InputError: the file cannot be read or is no such CSV; says which line is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return _read(handle, path.name, taken, least)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read '{path}': {error}") from error


def _read(handle: TextIO, name: str, taken: date, least: int) -> Dump:
    rows = csv.reader(handle)
    first = next(rows, None)
    if first is None:
        raise InputError(f"'{name}' is empty")
    columns = _columns(first)
    figures: list[Figure] = []
    aliases: list[tuple[str, str]] = []
    for number, row in _lines(rows, first, with_header=columns is not TAGCOMPLETE):
        try:
            count = int(row[columns.count])
            category = CATEGORIES[row[columns.category]]
            tag = row[columns.name]
        except (IndexError, KeyError, ValueError) as error:
            raise InputError(
                f"'{name}', line {number}: needs a name, a category ({', '.join(CATEGORIES)}) and "
                f"a count, and is {','.join(row)[:80]!r}"
            ) from error
        if count < least or not tag:
            continue
        spelled = canonical(tag)
        figures.append(Figure(spelled, category, count, _flag(row, columns.deprecated)))
        aliases += [(alias, spelled) for alias in _aliases(row, columns.aliases)]
    key = "tagcomplete" if columns is TAGCOMPLETE else "hanatsumi"
    source = Source(key=key, title=f"imported from {name}", taken=taken)
    return Dump(source=source, figures=tuple(figures), aliases=tuple(aliases))


def _lines(
    rows: Iterable[list[str]], first: list[str], *, with_header: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold a tag, with the number of their record in the file."""
    if not with_header:
        yield 1, first
    for number, row in enumerate(rows, start=2):
        if row:
            yield number, row


def _columns(first: Sequence[str]) -> _Columns:
    """Return where things stand: by the header's names, or tagcomplete's when there is none."""
    headings = [heading.strip().lower() for heading in first]
    places = {
        what: next((headings.index(name) for name in names if name in headings), None)
        for what, names in _HEADINGS.items()
    }
    name, category, count = places["name"], places["category"], places["count"]
    if name is None or category is None or count is None:
        return TAGCOMPLETE
    return _Columns(
        name=name,
        category=category,
        count=count,
        aliases=places["aliases"],
        deprecated=places["deprecated"],
    )


def _flag(row: Sequence[str], column: int | None) -> bool:
    return column is not None and column < len(row) and row[column].strip().lower() in _TRUE


def _aliases(row: Sequence[str], column: int | None) -> list[str]:
    if column is None or column >= len(row) or not row[column]:
        return []
    return [canonical(alias) for alias in row[column].split(",") if alias.strip()]
