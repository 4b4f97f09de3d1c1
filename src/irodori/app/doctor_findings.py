"""What the doctor says: a finding, its effect, and what a check looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from irodori.app.shelf import Shelf
from irodori.recipe.codec import Json
from irodori.recipe.info import PictureInfo
from irodori.recipe.passes import SourcePicture
from irodori.recipe.recipe import Recipe


class Effect(IntEnum):
    """What a finding does to the picture, mildest first."""

    NOTE = 0
    LOW_BITS = 1
    DIFFERS = 2
    CANNOT = 3

    @property
    def words(self) -> str:
        """What people are told."""
        return ("to know", "low bits differ", "will differ", "cannot be drawn")[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason.

    Args:
        code: its stable name.
        effect: what it does to the picture.
        why: the reason, with the values.
        cure: what to do, or "".
    """

    code: str
    effect: Effect
    why: str
    cure: str = ""

    def to_mapping(self) -> dict[str, Json]:
        """Return values that JSON can hold."""
        return {
            "code": self.code,
            "effect": self.effect.name.lower(),
            "why": self.why,
            "cure": self.cure,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """This machine.

    Args:
        shelf: its model files.
        device: what draws: `cpu`, `cuda`, `mps`; "" where it is not known without PyTorch.
        has_source: tells whether a picture that a recipe begins with is here.
    """

    shelf: Shelf
    device: str = ""
    has_source: Callable[[SourcePicture], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a check looks at."""

    info: PictureInfo
    recipe: Recipe
    place: Place
