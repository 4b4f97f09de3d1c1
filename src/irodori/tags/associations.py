"""What tags carry without being asked (practice P8), as `data/associations.toml` lists it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from irodori.errors import InputError
from irodori.tags.shipped import data_folder


class Carries(StrEnum):
    """What kind of thing is carried."""

    AGE = "age"  # the age a person seems to have
    STYLE = "style"  # a franchise's drawing
    SCENE = "scene"  # clothes and things that belong to a place


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """One thing that some tags carry.

    Attributes:
        kind: what kind.
        tags: general tags that carry it.
        works: copyright tags that do.
        marks: what stands in the brackets of the names of such works' characters.
        brings: what comes with it; tags where there are any.
        cure: tags that name what is wanted instead, the best first.
        note: one sentence about it.
    """

    kind: Carries
    tags: tuple[str, ...]
    works: tuple[str, ...]
    marks: tuple[str, ...]
    brings: tuple[str, ...]
    cure: tuple[str, ...]
    note: str


def read_associations(folder: Traversable | None = None) -> tuple[Association, ...]:
    """Return all that is listed, in the order of the file.

    Args:
        folder: where `associations.toml` is; None reads the shipped one.

    Raises:
        InputError: an entry lacks a key or has one of another kind.
    """
    file = (folder or data_folder()) / "associations.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(_read(row, number) for number, row in enumerate(table["association"], start=1))


def _read(row: Mapping[str, Any], number: int) -> Association:
    try:
        return Association(
            kind=Carries(row["kind"]),
            tags=tuple(row.get("tags", ())),
            works=tuple(row.get("works", ())),
            marks=tuple(row.get("marks", ())),
            brings=tuple(row["brings"]),
            cure=tuple(row["cure"]),
            note=row["note"],
        )
    except (KeyError, ValueError) as error:
        raise InputError(f"associations.toml, entry {number}: {error}") from error


@cache
def carriers() -> Mapping[str, tuple[Association, ...]]:
    """Return the shipped associations by the tags and works that carry them, read once."""
    found: dict[str, list[Association]] = {}
    for each in read_associations():
        for name in (*each.tags, *each.works):
            found.setdefault(name, []).append(each)
        for mark in each.marks:
            found.setdefault(f"({mark})", []).append(each)
    return MappingProxyType({name: tuple(listed) for name, listed in found.items()})


def carried(name: str) -> tuple[Association, ...]:
    """Return the shipped associations that a tag carries.

    Args:
        name: a tag's own name, `pikachu` or `dawn (pokemon)`.
    """
    known = carriers()
    found = list(known.get(name, ()))
    _, opened, rest = name.partition(" (")
    if opened:
        for part in rest.split(" ("):
            found += [each for each in known.get(f"({part.rstrip(')')})", ()) if each not in found]
    return tuple(found)
