"""The dialect of tags that a family of models was taught: its quality words, what it knows.

One file a family in `profiles/`, named as `--profile` takes it. A file may go on from another
(`base`); what it lists is added, what it sets is set.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import UnknownNameError

DEFAULT_PROFILE: Final = "illustrious-0.1"
"""The family that is meant when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A family of models, as far as prompts for it differ.

    Attributes:
        name: what `--profile` takes.
        summary: one line for people.
        quality_good: words that the family knows as praise; a booru has no such tags.
        quality_bad: the same as blame, for the negative prompt.
        takes_phrases: natural language may be mixed in (P18).
        is_v_prediction: models of the family predict v, so lighting tags over-expose (P18).
        layer: thresholds, in the shape of `[lint]` in `irodori.toml`.
        tags: all that the family was taught; None is all that a booru has.
    """

    name: str
    summary: str
    quality_good: frozenset[str] = frozenset()
    quality_bad: frozenset[str] = frozenset()
    takes_phrases: bool = False
    is_v_prediction: bool = False
    layer: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    tags: frozenset[str] | None = None

    def is_quality(self, name: str) -> bool:
        """Tell whether a tag is one of the family's quality words."""
        return name in self.quality_good or name in self.quality_bad

    def may_know(self, name: str) -> bool:
        """Tell whether models of the family can have been taught a tag."""
        return self.tags is None or name in self.tags or self.is_quality(name)


def profile_names() -> tuple[str, ...]:
    """Return the names of all profiles, the default first."""
    found = [file.name.removesuffix(".toml") for file in _folder().iterdir()]
    return tuple(sorted(found, key=lambda name: (name != DEFAULT_PROFILE, name)))


@cache
def load_profile(name: str = DEFAULT_PROFILE) -> Profile:
    """Return the profile of a name.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    wanted = name.casefold()
    if wanted not in profile_names():
        raise UnknownNameError("profile", name, profile_names())
    table = tomllib.loads((_folder() / f"{wanted}.toml").read_text(encoding="utf-8"))
    base = load_profile(table["base"]) if "base" in table else Profile(name="", summary="")
    return Profile(
        name=wanted,
        summary=table["summary"],
        quality_good=base.quality_good | _words(table, "quality-good"),
        quality_bad=base.quality_bad | _words(table, "quality-bad"),
        takes_phrases=table.get("takes-phrases", base.takes_phrases),
        is_v_prediction=table.get("is-v-prediction", base.is_v_prediction),
        layer=_layered(base.layer, table.get("lint", {})),
        tags=_words(table, "tags") if "tags" in table else base.tags,
    )


def _folder() -> Traversable:
    return files("irodori.tags") / "profiles"


def _words(table: Mapping[str, Iterable[str]], name: str) -> frozenset[str]:
    return frozenset(table.get(name, ()))


def _layered(under: Mapping[str, Any], over: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return thresholds by family, those of the second before those of the first."""
    families = {**under, **over}
    return MappingProxyType(
        {name: MappingProxyType({**under.get(name, {}), **over.get(name, {})}) for name in families}
    )
