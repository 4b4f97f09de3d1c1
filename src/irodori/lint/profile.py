"""What a family of models was taught: its quality words, and what differs in the rules for it.

Source: practice P3 (quality words), P18 (newer models); the words of NoobAI are its model card's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import UnknownNameError

_ILLUSTRIOUS_GOOD: Final = frozenset(
    {
        "masterpiece",
        "best quality",
        "amazing quality",
        "great quality",
        "good quality",
        "very aesthetic",
        "absurdres",
        "highres",
        "newest",
        "recent",
    }
)
_ILLUSTRIOUS_BAD: Final = frozenset(
    {
        "average quality",
        "normal quality",
        "bad quality",
        "low quality",
        "worst quality",
        "worst detail",
        "bad detail",
        "lowres",
        "old",
        "oldest",
        "early",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A family of models, as far as prompts for it differ.

    Args:
        name: what `--profile` takes.
        summary: one line for people.
        quality_good: words that the family knows as praise; they belong in no booru list.
        quality_bad: the same as blame, for the negative prompt.
        takes_phrases: natural language may be mixed in (P18).
        is_v_prediction: models of the family predict v, so lighting tags over-expose (P18).
        layer: thresholds that differ, in the shape of `[lint]` in `irodori.toml`.
    """

    name: str
    summary: str
    quality_good: frozenset[str] = _ILLUSTRIOUS_GOOD
    quality_bad: frozenset[str] = _ILLUSTRIOUS_BAD
    takes_phrases: bool = False
    is_v_prediction: bool = False
    layer: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def is_quality(self, name: str) -> bool:
        """Tell whether a tag is one of the family's quality words."""
        return name in self.quality_good or name in self.quality_bad


PROFILES: Final = (
    Profile(name="illustrious-0.1", summary="Illustrious 0.1 and its merges"),
    Profile(
        name="illustrious-1.x",
        summary="Illustrious 1.0 and 1.1, which read phrases too",
        takes_phrases=True,
        layer=MappingProxyType({"rcp": {"area-high": 2.4}}),  # up to 1536x1536 (P18)
    ),
    Profile(
        name="noobai",
        summary="NoobAI-XL and its merges",
        quality_good=_ILLUSTRIOUS_GOOD | {"very awa", "highly detailed"},
        quality_bad=_ILLUSTRIOUS_BAD | {"worst aesthetic", "displeasing", "very displeasing"},
    ),
    Profile(
        name="noobai-vpred",
        summary="NoobAI-XL v-prediction and its merges",
        quality_good=_ILLUSTRIOUS_GOOD | {"very awa", "highly detailed"},
        quality_bad=_ILLUSTRIOUS_BAD | {"worst aesthetic", "displeasing", "very displeasing"},
        is_v_prediction=True,
    ),
)
"""The first is used when nothing is said."""


def find_profile(name: str) -> Profile:
    """Return the profile of a name.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    for profile in PROFILES:
        if profile.name == name.casefold():
            return profile
    raise UnknownNameError("profile", name, [profile.name for profile in PROFILES])
