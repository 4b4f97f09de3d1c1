"""What a name alone tells of a tag: `red hair` is a hair colour, `holding sword` an action.

The rules are data, `data/patterns.toml`, which also says how they are written. The first rule that
fits decides; then the words the name ends with, then those it begins with, the longest first.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import Any, Final

from irodori.errors import InputError
from irodori.tags.naming import canonical
from irodori.tags.schema import Category, Facet, Group, Region
from irodori.tags.shipped import data_folder, split
from irodori.tags.tag import Tag

_LISTED: Final = re.compile(r"\\\{([\w\\-]+)\\\}")
KEYS: Final = ("match", "facet", "region", "people", "flags", "implies", "hides")
"""What a rule may have."""
LONGEST: Final = 5
"""Names of more words are phrases, of which no one word tells the kind."""
_QUALIFIER: Final = re.compile(r" \([^()]*\)$")
_OF_CATEGORY: Final[Mapping[Category, Facet]] = {
    Category.CHARACTER: Facet.CHARACTER,
    Category.COPYRIGHT: Facet.COPYRIGHT,
    Category.ARTIST: Facet.ARTIST,
    Category.RATING: Facet.RATING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a name tells.

    Attributes:
        facet: what the tag speaks of; None where no rule fits.
        regions: parts of a body that must be visible for it to be seen.
        colour: the colour it names, else empty.
        people: the least number of people it needs.
        flags: as of `Tag.flags`.
        implies: tags that it brings: `red jacket` implies `jacket`.
        hides: as of `Tag.hides`.
    """

    facet: Facet | None = None
    regions: frozenset[Region] = frozenset()
    colour: str = ""
    people: int = 0
    flags: frozenset[str] = frozenset()
    implies: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    @property
    def group(self) -> Group | None:
        """The facet's group."""
        return None if self.facet is None else self.facet.group


NOTHING: Final = Classification()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    shape: re.Pattern[str]
    result: Classification


class Patterns:
    """The rules of `patterns.toml`, ready to be applied."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._words = {name: split(listed) for name, listed in table["words"].items()}
        self._regions = {
            Facet(facet): _regions(listed) for facet, listed in table["regions"].items()
        }
        self._rules = tuple(self._rule(row) for row in table["patterns"])
        self._first = _facets_by_word(table["first"])
        self._last = _facets_by_word(table["last"])
        self._colour = re.compile(f"({self._any('colour')}) ")

    def classify(self, name: str, category: Category | None = None) -> Classification:
        """Return what a name and its category tell of a tag.

        Args:
            name: any spelling.
            category: None and `general` look at the name; the others decide by themselves, but
                for `meta`, where the name is asked first.
        """
        if category is not None and category in _OF_CATEGORY:
            return self._plain(_OF_CATEGORY[category])
        wanted = canonical(name)
        found = self._by_name(wanted)
        if found is None and _QUALIFIER.search(wanted):
            found = self._by_name(_QUALIFIER.sub("", wanted))
        if found is not None:
            return found
        return self._plain(Facet.COMMENTARY) if category is Category.META else NOTHING

    def describe(self, tag: Tag) -> Tag:
        """Return a tag that nobody described with what its name tells."""
        told = self.classify(tag.name, tag.category)
        return replace(
            tag,
            facet=told.facet,
            regions=told.regions,
            colour=told.colour,
            people=told.people,
            flags=tag.flags | told.flags,
            implies=tag.implies + tuple(name for name in told.implies if name not in tag.implies),
            hides=told.hides,
        )

    def regions_of(self, facet: Facet) -> frozenset[Region]:
        """Return the regions where most tags of a facet are seen."""
        return self._regions.get(facet, frozenset())

    def _by_name(self, name: str) -> Classification | None:
        for rule in self._rules:
            fits = rule.shape.fullmatch(name)
            if fits is not None:
                return replace(rule.result, colour=fits.groupdict().get("colour", ""))
        words = name.split(" ")
        if len(words) > LONGEST:
            return None
        for start in range(len(words)):
            facet = self._last.get(" ".join(words[start:]))
            if facet is not None:
                return self._coloured(name, self._plain(facet))
        for length in range(len(words) - 1, 0, -1):
            facet = self._first.get(" ".join(words[:length]))
            if facet is not None:
                return self._coloured(name, self._plain(facet))
        return None

    def _coloured(self, name: str, told: Classification) -> Classification:
        """Return the classification with the colour a name begins with, and the garment of it."""
        fits = self._colour.match(name)
        if fits is None:
            return told
        garment = name.removeprefix(fits[0])
        implied = (garment,) if garment in self._words["garment"] else ()
        return replace(told, colour=fits[1], implies=implied)

    def _plain(self, facet: Facet) -> Classification:
        return Classification(facet=facet, regions=self.regions_of(facet))

    def _rule(self, row: Mapping[str, Any]) -> _Rule:
        unknown = set(row) - set(KEYS)
        if unknown or not {"match", "facet"} <= set(row):
            raise ValueError(f"a rule has {' and '.join(KEYS[:2])}, and may have {KEYS[2:]}: {row}")
        facet = Facet(row["facet"])
        regions = _regions(row["region"]) if "region" in row else self.regions_of(facet)
        return _Rule(
            shape=self._shape(row["match"]),
            result=Classification(
                facet=facet,
                regions=regions,
                people=row.get("people", 0),
                flags=frozenset(split(row.get("flags", ""))),
                implies=split(row.get("implies", "")),
                hides=split(row.get("hides", "")),
            ),
        )

    def _shape(self, text: str) -> re.Pattern[str]:
        """Return the regular expression of a rule: `*` any text, `#` digits, `{list}` a word."""
        shape = re.escape(text).replace(r"\*", ".+").replace(r"\#", r"\d+\+?")
        return re.compile(_LISTED.sub(self._listed, shape))

    def _listed(self, found: re.Match[str]) -> str:
        listed = found[1].replace("\\", "")
        group = "?P<colour>" if listed == "colour" else "?:"
        return f"({group}{self._any(listed)})"

    def _any(self, listed: str) -> str:
        """Return the alternatives of a list, longest first."""
        if listed not in self._words:
            raise ValueError(f"no list '{listed}' under [words]")
        return "|".join(re.escape(word) for word in sorted(self._words[listed], key=_longest_first))


def read_patterns(folder: Traversable | None = None) -> Patterns:
    """Return the rules of `data/patterns.toml`.

    Args:
        folder: where the file is; None reads the shipped one.

    Raises:
        InputError: a rule is wrong; says which value.
    """
    file = (folder or data_folder()) / "patterns.toml"
    try:
        return Patterns(tomllib.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError) as error:
        raise InputError(f"{file.name}: {error}") from error


def classify(name: str, category: Category | None = None) -> Classification:
    """Return what a name and its category tell of a tag, by the shipped rules.

    The rules are read at every call: `Vocabulary.classify` keeps them.
    """
    return read_patterns().classify(name, category)


def _facets_by_word(table: Mapping[str, str]) -> dict[str, Facet]:
    return {word: Facet(facet) for facet, listed in table.items() for word in split(listed)}


def _regions(listed: str) -> frozenset[Region]:
    return frozenset(Region(item) for item in split(listed))


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word
