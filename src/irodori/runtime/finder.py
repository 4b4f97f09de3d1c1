"""Where a recipe's files are: recipes name them, only who knows the folders can find them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.catalog.detectors import find_detector
from irodori.catalog.upscalers import find_upscaler
from irodori.errors import InputError
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import SourcePicture


def _no_model(file: FileIdentity) -> Path:
    raise InputError(f"the checkpoint '{file.title}' of a later pass is not known here")


def _no_picture(source: SourcePicture) -> Path:
    raise InputError(f"the picture '{source.name}' that the recipe begins with was not given")


def _no_autoencoder(file: FileIdentity) -> None:
    """Find nothing."""


def _no_network(name: str) -> None:
    """Find nothing."""


def _bundled_upscaler(name: str) -> Path | None:
    return find_upscaler(name, ())


def _bundled_detector(name: str) -> Path | None:
    return find_detector(name, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Paths by identity.

    Attributes:
        model: of the checkpoint of a later pass or the refiner.
        picture: of the picture or mask a recipe begins with.
        network: of a network by the name a prompt has for it; None where there is none.
        autoencoder: in place of a checkpoint's own; None where there is none of that name.
        embeddings: of all textual inversions, by the names prompts have for them.
        upscaler: of an upscaler by its name; None where there is none.
        detector: of a detector by its name; None where there is none.

    The first two raise an `InputError` where there is no such file.
    """

    model: Callable[[FileIdentity], Path] = _no_model
    picture: Callable[[SourcePicture], Path] = _no_picture
    network: Callable[[str], Path | None] = _no_network
    autoencoder: Callable[[FileIdentity], Path | None] = _no_autoencoder
    embeddings: Callable[[], Mapping[str, Path]] = dict
    upscaler: Callable[[str], Path | None] = _bundled_upscaler
    detector: Callable[[str], Path | None] = _bundled_detector


NOTHING_FOUND: Final = Finder()
"""For recipes that need their model only."""
