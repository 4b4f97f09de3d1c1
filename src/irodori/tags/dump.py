"""What an import brings: figures, aliases and implications of one source."""

from dataclasses import dataclass

from irodori.tags.schema import Category
from irodori.tags.shipped import Source


@dataclass(frozen=True, slots=True)
class Figure:
    """One tag of a dump. Positional: a dump has some hundred thousand.

    Attributes:
        name: as `naming.canonical` spells it.
        category: the booru's kind.
        count: pictures.
        deprecated: whether the booru no longer uses it.
    """

    name: str
    category: Category
    count: int
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """All that one source says; it replaces what the same source said before.

    Attributes:
        source: with the day its figures are of.
        figures: the tags.
        aliases: (alias, name).
        implications: (name, implied).
    """

    source: Source
    figures: tuple[Figure, ...]
    aliases: tuple[tuple[str, str], ...] = ()
    implications: tuple[tuple[str, str], ...] = ()
