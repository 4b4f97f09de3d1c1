"""The model files on this machine, found by what metadata says of them: name, or hash."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.app.library import Library
from irodori.app.models import SHIPPED
from irodori.catalog.detectors import find_detector
from irodori.catalog.folders import places_of
from irodori.catalog.header import read_header
from irodori.catalog.record import model_name
from irodori.catalog.scan import find_files
from irodori.catalog.upscalers import find_upscaler
from irodori.errors import ModelFileError
from irodori.recipe.parts import FileIdentity, Network

BY_FORMULA: Final = frozenset({"lanczos", "nearest", "bicubic", "bilinear", "area", "none"})
"""Upscalers that need no file; latent modes need none either."""

_STATED: Final = "sshs_model_hash"
"""Metadata in which kohya's trainer states a network's hash."""

_LEGACY_DIGITS: Final = 8
_LEGACY_START, _LEGACY_LENGTH = 0x100000, 0x10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was found for a file that metadata names.

    Args:
        path: the file; None where there is none.
        is_sure: its hash agrees. False where the metadata has no hash, or another one.
        found_hash: the file's own short hash, where it was compared.
        damage: why the file cannot be used, or "".
    """

    path: Path | None
    is_sure: bool = False
    found_hash: str = ""
    damage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All model files of the configured folders, and the model that comes with Irodori.

    Args:
        files: checkpoints, networks, upscalers, detectors, in the order of the folders.
        library: finds networks by the names that prompts have for them; remembers hashes.
    """

    files: tuple[Path, ...]
    library: Library

    def checkpoint(self, wanted: FileIdentity) -> Match:
        """Return the file of a checkpoint: by hash, or by name where there is no hash.

        A file of the right name is compared first; where it is another model, or there is none,
        every file is, since people rename them.
        """
        name = wanted.name.casefold()
        named = [path for path in self.files if model_name(path).casefold() == name]
        if not wanted.short_hash:
            return Match(path=named[0] if named else None)
        others = [path for path in self.files if path not in named]
        for path in (*named, *(path for path in others if path.suffix == ".safetensors")):
            if self._has_hash(path, wanted):
                return Match(path=path, is_sure=True, found_hash=wanted.short_hash)
        if not named:
            return Match(path=None)
        found = self.library.hashes.of(named[0]).sha256
        return Match(path=named[0], found_hash=found[: len(wanted.short_hash)])

    def network(self, name: str, known: Sequence[Network] = ()) -> Match:
        """Return the file of a LoRA or embedding by its name in a prompt, compared by hash.

        Args:
            name: as the prompt has it, folders and ending left out or not.
            known: identities that the metadata has.
        """
        path = self.library.network(name) or self.library.embeddings.get(name)
        identity = next((each for each in known if each.name.casefold() == name.casefold()), None)
        if path is None or identity is None or not (identity.digest or identity.sha256):
            return Match(path=path)
        try:
            hashes = tuple(self._network_hashes(path))
        except ModelFileError as error:
            return Match(path=path, damage=str(error))
        wanted = identity.sha256 or identity.digest
        return Match(
            path=path,
            is_sure=any(each.startswith(wanted) for each in hashes),
            found_hash=hashes[0][: len(wanted)],
        )

    def has_upscaler(self, name: str) -> bool:
        """Tell whether an upscaler can be used: a formula, latents, or a file that is here."""
        plain = name.casefold()
        if plain in BY_FORMULA or plain.startswith("latent"):
            return True
        return find_upscaler(name, self.files) is not None

    def named(self, name: str) -> Path | None:
        """Return the file of an upscaler, detector or autoencoder by its name."""
        wanted = name.casefold()
        return next(
            (path for path in self.files if wanted in (path.stem.casefold(), path.name.casefold())),
            find_detector(name, ()),
        )

    def _has_hash(self, path: Path, wanted: FileIdentity) -> bool:
        try:
            if len(wanted.short_hash) == _LEGACY_DIGITS and not wanted.sha256:
                return legacy_hash(path) == wanted.short_hash
            digest = self.library.hashes.of(path).sha256
        except ModelFileError:
            return False
        return digest == wanted.sha256 or (
            not wanted.sha256 and digest.startswith(wanted.short_hash)
        )

    def _network_hashes(self, path: Path) -> Iterator[str]:
        """Yield the hashes by which programs name a network: of its tensors alone, of the file."""
        hashes = self.library.hashes.of(path)
        yield hashes.tensors
        yield hashes.sha256
        if path.suffix.lower() == ".safetensors":
            yield read_header(path).metadata.get(_STATED, "").removeprefix("0x").lower()


def open_shelf(config: Config) -> Shelf:
    """Return the model files of the configured folders."""
    found = tuple(each.path for each in find_files(places_of(config.models)))
    return Shelf(files=(SHIPPED, *found), library=Library(config))


def legacy_hash(path: Path) -> str:
    """Return A1111's first hash of a checkpoint: 8 digits over 64 KB at 1 MB (before 2023).

    Raises:
        ModelFileError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(_LEGACY_START)
            return hashlib.sha256(file.read(_LEGACY_LENGTH)).hexdigest()[:_LEGACY_DIGITS]
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
