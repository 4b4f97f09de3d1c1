"""Which model file draws, and what its card says about drawing with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.app.library import Library
from irodori.catalog.describe import MODEL_INDEX, SAFETENSORS
from irodori.catalog.hashes import HASHES_FILE, HashCache
from irodori.catalog.header import Header, read_header
from irodori.catalog.record import ModelKind, model_name
from irodori.errors import UnknownNameError
from irodori.recipe.parts import FileIdentity

SHIPPED: Final = Path(__file__).resolve().parents[1] / "assets" / "sumire.safetensors"
"""The small SDXL that comes with Irodori."""

CARD_KEY: Final = "irodori.card"
"""Metadata in which a model states its name and the settings it draws best with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """A model file that was found.

    Attributes:
        path: the file.
        title: its name for people.
        card: what it states about itself; empty for most files.
        hashes: what is remembered of files.
    """

    path: Path
    title: str
    card: Mapping[str, object]
    hashes: HashCache

    def identity(self, *, later: bool = False) -> FileIdentity:
        """Return name and sha256.

        Args:
            later: where the hash is not remembered leave it out; otherwise read the whole file.
        """
        hashes = self.hashes.known(self.path) if later else self.hashes.of(self.path)
        return FileIdentity(name=model_name(self.path), sha256=hashes.sha256 if hashes else "")

    def defaults(self) -> Mapping[str, object]:
        """Return the settings that the card recommends, as a partial recipe."""
        stated = self.card.get("defaults")
        return stated if isinstance(stated, dict) else {}


def choose_model(name: str | None, config: Config) -> ChosenModel:
    """Return the model a person means.

    Args:
        name: the path of a file or of a folder of diffusers, or the name of one in the configured
            folders with or without its ending, or `sumire`; None is the one that comes with
            Irodori.
        config: has the folders.

    Raises:
        UnknownNameError: there is no such file or name.
        ModelFileError: the file cannot be read as a model.
    """
    path = SHIPPED if name is None else _found(name, config)
    # Pickled files and folders have no card.
    card = _card(read_header(path)) if path.suffix.lower() == SAFETENSORS else {}
    title = card.get("name")
    return ChosenModel(
        path=path,
        title=title if isinstance(title, str) else model_name(path),
        card=card,
        hashes=HashCache(config.cache / HASHES_FILE),
    )


def _found(name: str, config: Config) -> Path:
    direct = Path(name).expanduser()
    if direct.is_file() or (direct / MODEL_INDEX).is_file():
        return direct
    if name.casefold() == SHIPPED.stem:
        return SHIPPED
    library = Library(config)
    found = library.checkpoint(name)
    if found is None:
        names = [each.name for each in library.records if each.kind is ModelKind.CHECKPOINT]
        raise UnknownNameError("model", name, (SHIPPED.stem, *names))
    return found


def _card(header: Header) -> Mapping[str, object]:
    """Return the card in a file's metadata; a damaged one counts as none."""
    try:
        card = json.loads(header.metadata.get(CARD_KEY, "{}"))
    except ValueError:
        return {}
    return card if isinstance(card, dict) else {}
