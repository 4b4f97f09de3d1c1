"""A tag with everything known of it, and a search's match."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from irodori.tags.schema import Category, Facet, Group, Region

FACET_PREFIX = "facet:"
"""Marks an entry of `Tag.hides` that names a facet and not a region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What is known of one tag.

    Attributes:
        name: spaces for underscores, no escapes, lower case: `makima (chainsaw man)`.
        category: the booru's kind.
        count: pictures on the booru that have it; 0 for words no booru counts (`masterpiece`).
        count_date: the day of that figure; None where the source gives none.
        source: where the figure is from, a key of the vocabulary's sources.
        facet: what the tag speaks of; None where nobody said and no pattern knows.
        regions: parts of a body that must be visible for the tag to be seen.
        colour: the colour it names, such as `red` or `multicolored`; else empty.
        people: the least number of people it needs.
        flags: `mutual` (an action between several), `pov`, `deprecated`, `vague`, `sensitive`.
        implies: tags that it brings of itself, nearest first.
        excludes: tags that cannot be true beside it, of one person or one picture.
        hides: regions it makes invisible, and facets as `facet:eye-colour`.
        aliases: other spellings that mean this tag.
        curated: whether the shipped table describes it; else its facet is a pattern's guess.
    """

    name: str
    category: Category
    count: int
    count_date: date | None
    source: str
    facet: Facet | None
    regions: frozenset[Region] = frozenset()
    colour: str = ""
    people: int = 0
    flags: frozenset[str] = frozenset()
    implies: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    curated: bool = False

    @property
    def group(self) -> Group | None:
        """The place in the order of a prompt (P2), which follows from the facet."""
        return None if self.facet is None else self.facet.group

    @property
    def hidden_regions(self) -> frozenset[Region]:
        """The regions in `hides`."""
        return frozenset(Region(item) for item in self.hides if not item.startswith(FACET_PREFIX))

    @property
    def hidden_facets(self) -> frozenset[Facet]:
        """The facets in `hides`."""
        return frozenset(
            Facet(item.removeprefix(FACET_PREFIX))
            for item in self.hides
            if item.startswith(FACET_PREFIX)
        )

    @property
    def mutual(self) -> bool:
        """Whether it is an action between several."""
        return "mutual" in self.flags

    @property
    def deprecated(self) -> bool:
        """Whether the booru no longer uses it."""
        return "deprecated" in self.flags

    @property
    def sensitive(self) -> bool:
        """Whether it belongs to the rating `sensitive` and not to `general`."""
        return "sensitive" in self.flags


class MatchKind(StrEnum):
    """How a tag's spelling fits what was searched for, best first."""

    EXACT = "exact"
    PREFIX = "prefix"
    WORD = "word"
    WORDS = "words"
    INFIX = "infix"
    TYPO = "typo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A tag that a search found.

    Attributes:
        tag: the tag.
        kind: how the spelling fits.
        spelling: what fitted: the tag's name or one of its aliases.
        distance: letters to change, for a typo; else 0.
    """

    tag: Tag
    kind: MatchKind
    spelling: str
    distance: int = 0

    @property
    def by_alias(self) -> bool:
        """Whether an alias fitted and not the name."""
        return self.spelling != self.tag.name
