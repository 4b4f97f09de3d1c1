"""Whether a model file is what those who published it say: by the hashes they state."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from irodori.catalog.describe import SAFETENSORS
from irodori.catalog.hashes import FileHashes, HashCache
from irodori.catalog.header import read_header

_OF_TENSORS: Final = ("modelspec.hash_sha256", "sshs_model_hash")
_INFO: Final = ".civitai.info"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHash:
    """A hash that somebody states for a file.

    Attributes:
        where: it is stated.
        stated: lower-case hex.
        found: the file's own.
    """

    where: str
    stated: str
    found: str

    @property
    def agrees(self) -> bool:
        """Whether the file is what was stated."""
        return self.stated == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A file that was read from beginning to end.

    Attributes:
        hashes: its own.
        stated: what is stated of it; empty where nobody states anything.
    """

    hashes: FileHashes
    stated: tuple[StatedHash, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing that is stated is wrong."""
        return all(each.agrees for each in self.stated)


def verify(path: Path, cache: HashCache) -> Verified:
    """Return how a file compares with what is stated of it; reads all of it, cache or not.

    Args:
        path: of the file.
        cache: the fresh hashes are remembered in it.

    Raises:
        ModelFileError: the file cannot be read, is damaged or truncated.
    """
    has_header = path.suffix.lower() == SAFETENSORS
    metadata = read_header(path).metadata if has_header else {}
    hashes = cache.renewed(path)
    stated = [
        StatedHash(where=f"metadata '{key}'", stated=_hex(metadata[key]), found=hashes.tensors)
        for key in _OF_TENSORS
        if metadata.get(key)
    ]
    stated.extend(
        StatedHash(where=f"'{path.stem}{_INFO}'", stated=_hex(each), found=hashes.sha256)
        for each in _of_sidecar(path)
    )
    return Verified(hashes=hashes, stated=tuple(stated))


def _of_sidecar(path: Path) -> Iterator[str]:
    """Yield what Civitai said of the file of this name."""
    try:
        info: Any = json.loads(path.with_name(path.stem + _INFO).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    files = info.get("files") if isinstance(info, dict) else None
    for file in files if isinstance(files, list) else ():
        match file:
            case {"name": str(name), "hashes": {"SHA256": str(sha256)}} if name == path.name:
                yield sha256
            case _:
                pass


def _hex(stated: str) -> str:
    return stated.strip().lower().removeprefix("0x")
