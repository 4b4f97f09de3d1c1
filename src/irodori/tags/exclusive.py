"""Sets of tags of which one side at most is true: two framings, two lengths of hair."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable


class Scope(StrEnum):
    """Of what one side of a set is true."""

    PERSON = "person"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusiveSet:
    """Sides that contradict one another.

    Attributes:
        name: the set's name for messages, `hair length`.
        scope: whether two people may be on two sides.
        sides: each a tuple of tags that agree with one another.
    """

    name: str
    scope: Scope
    sides: tuple[tuple[str, ...], ...]

    def rivals(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each tag with those of the other sides that it is not itself a member of."""
        for side in self.sides:
            others = tuple(name for other in self.sides if other is not side for name in other)
            for name in side:
                yield name, tuple(other for other in others if other not in side)


def exclusive_sets(folder: Traversable | None = None) -> tuple[ExclusiveSet, ...]:
    """Return the sets of `data/facets.toml`, in its order.

    Args:
        folder: where `facets.toml` is; None reads the shipped one.
    """
    source = (folder or files("irodori.tags") / "data") / "facets.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    return tuple(
        ExclusiveSet(
            name=row["name"],
            scope=Scope(row["of"]),
            sides=tuple(tuple(side) for side in row["sides"]),
        )
        for row in table["exclusive"]
    )
