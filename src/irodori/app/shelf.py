"""The model files on this machine, found by what metadata says of them: name, or hash."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.app.models import SHIPPED
from irodori.catalog.hashes import file_sha256
from irodori.errors import ModelFileError
from irodori.recipe.parts import FileIdentity, Network

ENDINGS: Final = (".safetensors", ".pt", ".pth", ".onnx")
BY_FORMULA: Final = frozenset({"lanczos", "nearest", "bicubic", "bilinear", "area", "none"})
"""Upscalers that need no file; latent modes need none either."""

_LEGACY_DIGITS: Final = 8
_LEGACY_START, _LEGACY_LENGTH = 0x100000, 0x10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was found for a file that metadata names.

    Args:
        path: the file; None where there is none.
        is_sure: its hash agrees. False where the metadata has no hash, or another one.
        found_hash: the file's own short hash, where it was compared.
    """

    path: Path | None
    is_sure: bool = False
    found_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All model files of the configured folders, and the model that comes with Irodori.

    Args:
        files: checkpoints, networks, upscalers, detectors, in the order of the folders.
    """

    files: tuple[Path, ...]

    def checkpoint(self, wanted: FileIdentity) -> Match:
        """Return the file of a checkpoint: by hash, or by name where there is no hash.

        A file of the right name is compared first; where it is another model, or there is none,
        every file is, since people rename them.
        """
        named = [path for path in self.files if path.stem.casefold() == wanted.name.casefold()]
        if not wanted.short_hash:
            return Match(path=named[0] if named else None)
        others = [path for path in self.files if path not in named]
        for path in (*named, *(path for path in others if path.suffix == ".safetensors")):
            if _has_hash(path, wanted):
                return Match(path=path, is_sure=True, found_hash=wanted.short_hash)
        if not named:
            return Match(path=None)
        return Match(path=named[0], found_hash=file_sha256(named[0])[: len(wanted.short_hash)])

    def network(self, name: str, known: Sequence[Network] = ()) -> Match:
        """Return the file of a LoRA or embedding by its name in a prompt, compared by hash.

        Args:
            name: as the prompt has it, folders and ending left out or not.
            known: identities that the metadata has.
        """
        stem = Path(name).name.removesuffix(".safetensors").casefold()
        path = next((path for path in self.files if path.stem.casefold() == stem), None)
        identity = next((each for each in known if each.name.casefold() == name.casefold()), None)
        if path is None or identity is None or not (identity.digest or identity.sha256):
            return Match(path=path)
        hashes = tuple(_network_hashes(path))
        wanted = identity.sha256 or identity.digest
        return Match(
            path=path,
            is_sure=any(each.startswith(wanted) for each in hashes),
            found_hash=hashes[0][: len(wanted)],
        )

    def has_upscaler(self, name: str) -> bool:
        """Tell whether an upscaler can be used: a formula, latents, or a file that is here."""
        plain = name.casefold()
        return plain in BY_FORMULA or plain.startswith("latent") or self.named(name) is not None

    def named(self, name: str) -> Path | None:
        """Return the file of an upscaler, detector or autoencoder by its name."""
        wanted = name.casefold()
        return next(
            (path for path in self.files if wanted in (path.stem.casefold(), path.name.casefold())),
            None,
        )


def open_shelf(config: Config) -> Shelf:
    """Return the model files of the configured folders."""
    found = [
        path
        for folder in config.models
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS and path.is_file()
    ]
    return Shelf(files=(SHIPPED, *found))


def _has_hash(path: Path, wanted: FileIdentity) -> bool:
    try:
        if len(wanted.short_hash) == _LEGACY_DIGITS and not wanted.sha256:
            return legacy_hash(path) == wanted.short_hash
        digest = file_sha256(path)
    except ModelFileError:
        return False
    return digest == wanted.sha256 or (not wanted.sha256 and digest.startswith(wanted.short_hash))


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


def _network_hashes(path: Path) -> Iterator[str]:
    """Yield the hashes by which programs name a network: of its tensors alone, of the file."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            file.seek(8 + min(length, path.stat().st_size))
            yield hashlib.file_digest(file, "sha256").hexdigest()
        yield file_sha256(path)
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
