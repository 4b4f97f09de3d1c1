"""Hashes by which the world names model files."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from irodori.catalog.json_file import read_json, write_json
from irodori.errors import ModelFileError

HASHES_FILE: Final = "hashes.json"
"""What a `HashCache` is kept in, within the folder for caches."""

NETWORK_DIGITS: Final = 12
"""How many digits of a network's hash infotext shows."""

_CHUNK: Final = 1 << 20
_SAFETENSORS: Final = ".safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHashes:
    """The hashes of one file, lower-case hex.

    Attributes:
        sha256: of the whole file; its first ten digits are A1111's `Model hash` and Civitai's
            AutoV2.
        tensors: SHA-256 of what follows a safetensors header: A1111's hash of networks, Civitai's
            AutoV3 in its first twelve digits. The same as `sha256` for other files.
    """

    sha256: str
    tensors: str

    @property
    def network(self) -> str:
        """What A1111 writes into `Lora hashes`."""
        return self.tensors[:NETWORK_DIGITS]


def file_hashes(path: Path) -> FileHashes:
    """Return a file's hashes; reads it once.

    A folder of diffusers has the hash of a list of its weights: a line each, name and sha256.

    Raises:
        ModelFileError: the file cannot be read.
    """
    if path.is_dir():
        lines = [f"{file.relative_to(path)} {file_sha256(file)}" for file in _weights(path)]
        listed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return FileHashes(sha256=listed, tensors=listed)
    whole, tensors = hashlib.sha256(), hashlib.sha256()
    try:
        with path.open("rb") as file:
            skipped = 0
            if path.suffix.lower() == _SAFETENSORS:
                length = file.read(8)
                file.seek(0)
                skipped = 8 + int.from_bytes(length, "little")
            at = 0
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
                tensors.update(chunk[max(0, skipped - at) :])
                at += len(chunk)
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    return FileHashes(sha256=whole.hexdigest(), tensors=tensors.hexdigest())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, 64 hex digits; its first ten are A1111's `Model hash`.

    Raises:
        ModelFileError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error


class HashCache:
    """Remembers hashes while a file's size and time of change stay the same.

    Args:
        cache: the file it remembers in; None remembers nothing.
        compute: makes the hashes of a file.
    """

    def __init__(
        self, cache: Path | None, compute: Callable[[Path], FileHashes] = file_hashes
    ) -> None:
        self._cache = cache
        self._compute = compute

    def known(self, path: Path) -> FileHashes | None:
        """Return a file's hashes where they are remembered; reads nothing of the file."""
        if self._cache is None:
            return None
        return _entry(read_json(self._cache).get(_key(path)), _stamp(path))

    def of(self, path: Path) -> FileHashes:
        """Return a file's hashes, computed where they are not remembered.

        Raises:
            ModelFileError: the file cannot be read.
        """
        return self.known(path) or self.renewed(path)

    def renewed(self, path: Path) -> FileHashes:
        """Return a file's hashes, computed and remembered.

        Raises:
            ModelFileError: the file cannot be read.
        """
        hashes = self._compute(path)
        if self._cache is not None:
            entry = [_stamp(path), hashes.sha256, hashes.tensors]
            write_json(self._cache, {**read_json(self._cache), _key(path): entry})
        return hashes


def _key(path: Path) -> str:
    return str(path.resolve())


def _stamp(path: Path) -> list[int]:
    try:
        statuses = [each.stat() for each in (_weights(path) if path.is_dir() else [path])]
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    sizes = sum(status.st_size for status in statuses)
    return [sizes, max((status.st_mtime_ns for status in statuses), default=0)]


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def _entry(entry: Any, stamp: list[int]) -> FileHashes | None:
    match entry:
        case [known, str(sha256), str(tensors)] if known == stamp:
            return FileHashes(sha256=sha256, tensors=tensors)
        case _:
            return None
