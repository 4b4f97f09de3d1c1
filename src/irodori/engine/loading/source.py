"""Where a model's tensors come from: one file, a pickled one, or a folder of diffusers.

All are read as if they were a single file in SDXL's layout, tensor by tensor.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from torch import Tensor

from irodori.catalog.describe import MODEL_INDEX
from irodori.catalog.header import Header, read_header
from irodori.engine.loading.diffusers_folder import folder_header, read_joined
from irodori.engine.loading.tensors import PICKLED, read_tensors
from irodori.engine.loading.variants import usual_header, usual_read, variants_of
from irodori.errors import ModelFileError

_BYTES_A_MAP: Final = 1 << 29

Read = Callable[[str], Tensor]
"""Returns a tensor by its name in the header; raises KeyError where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """A model's tensors.

    Attributes:
        header: their names in the single-file layout, types and shapes.
        opened: gives what reads them while it is open.
    """

    header: Header
    opened: Callable[[], AbstractContextManager[Read]]


def open_source(path: Path) -> ModelSource:
    """Return the source for a path: safetensors, pickled (.ckpt), or a folder of diffusers.

    Raises:
        ModelFileError: it cannot be read, is damaged, or of another kind.
    """
    if path.is_dir():
        if not (path / MODEL_INDEX).is_file():
            raise ModelFileError(f"'{path}' is a folder, but none of diffusers: no {MODEL_INDEX}")
        header, places = folder_header(path)
        return ModelSource(header=header, opened=lambda: read_joined(path, places))
    return _usual(_single(path))


def _single(path: Path) -> ModelSource:
    if path.suffix.lower() in PICKLED:
        file = read_tensors(path)

        @contextmanager
        def held() -> Iterator[Read]:
            yield file.tensors.__getitem__

        return ModelSource(header=file.header, opened=held)
    return ModelSource(header=read_header(path), opened=lambda: _mapped(path))


def _usual(source: ModelSource) -> ModelSource:
    """Return a source by the usual names and shapes, whichever way its file is written."""
    variants = variants_of(source.header)
    if not variants:
        return source

    @contextmanager
    def opened() -> Iterator[Read]:
        with source.opened() as read:
            yield usual_read(read, variants)

    return ModelSource(header=usual_header(source.header, variants), opened=opened)


@contextmanager
def _mapped(path: Path) -> Iterator[Read]:
    """Yield what reads a safetensors file, mapped into memory."""
    try:
        yield _Mapped(path).tensor
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"'{path}' cannot be read: {error}") from error


class _Mapped:
    """A mapped safetensors file, mapped anew after every so many bytes.

    A tensor that is kept as it is holds on to its map, which costs nothing. Where all were
    converted the old map goes, and its pages with it: while a 7 GB file is read into another type
    the process holds the copies, not the file besides.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: Read = safe_open(path, framework="pt").get_tensor
        self._taken = 0

    def tensor(self, name: str) -> Tensor:
        """Return a tensor by its name in the file."""
        if self._taken > _BYTES_A_MAP:
            self._read = safe_open(self._path, framework="pt").get_tensor
            self._taken = 0
        tensor = self._read(name)
        self._taken += tensor.nbytes
        return tensor
