"""Tensors out of files that pickle whole modules, without running what is in them.

Every class and function that a file names becomes an empty shell that keeps what it is given and
does nothing. Only tensors and plain containers are built, by code of our own; nothing is imported.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from irodori.errors import ModelFileError

LARGEST: Final = 2 << 30
"""Bytes that a file of a detector may have."""

_DEEPEST: Final = 32  # modules in modules
_DTYPES: Final[Mapping[str, torch.dtype]] = MappingProxyType(
    {
        "DoubleStorage": torch.float64,
        "FloatStorage": torch.float32,
        "HalfStorage": torch.float16,
        "BFloat16Storage": torch.bfloat16,
        "LongStorage": torch.int64,
        "IntStorage": torch.int32,
        "ShortStorage": torch.int16,
        "CharStorage": torch.int8,
        "ByteStorage": torch.uint8,
        "BoolStorage": torch.bool,
    }
)


class Shell:
    """What stands for an object of a class that is not loaded: its state, and nothing else."""

    what = ""
    """Module and name of the class."""

    def __init__(self, *_: object, **__: object) -> None:
        self.state: dict[str, object] = {}

    def __new__(cls, *_: object, **__: object) -> "Shell":
        """Return an empty one, whatever its class would have been given."""
        made = object.__new__(cls)
        made.state = {}
        return made

    def __setstate__(self, state: object) -> None:
        """Keep the attributes that the object had."""
        parts = state if isinstance(state, tuple) else (state,)
        for part in parts:
            if isinstance(part, dict):
                self.state.update({str(name): value for name, value in part.items()})

    def __setitem__(self, name: object, value: object) -> None:
        """Forget an entry."""

    def append(self, value: object) -> None:
        """Forget an entry."""

    def extend(self, values: object) -> None:
        """Forget entries."""

    def add(self, value: object) -> None:
        """Forget an entry."""


def read_shells(path: Path) -> object:
    """Return what is pickled in a file of torch's, objects of classes as shells.

    Raises:
        ModelFileError: the file cannot be read, is damaged, too large, or of torch's oldest format.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if size > LARGEST:
        raise ModelFileError(f"'{path}' is too large for a detector")
    try:
        with zipfile.ZipFile(path) as archive:
            return _Reader(archive).load()
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise ModelFileError(f"'{path}' is no file of torch 1.6 or later, or damaged") from error
    except ModelFileError:
        raise
    except Exception as error:  # a pickle may fail in any way; none of them is ours
        raise ModelFileError(f"'{path}' is damaged: {error}") from error


def tensors_of(module: object) -> dict[str, Tensor]:
    """Return the parameters and buffers of a shell that was a torch module, by their names."""
    return dict(_tensors(module, "", _DEEPEST))


def _tensors(module: object, prefix: str, depth: int) -> Iterator[tuple[str, Tensor]]:
    if not isinstance(module, Shell) or depth == 0:
        return
    for kind in ("_parameters", "_buffers"):
        for name, value in _entries(module, kind):
            if isinstance(value, Tensor):
                yield f"{prefix}{name}", value
    for name, value in _entries(module, "_modules"):
        yield from _tensors(value, f"{prefix}{name}.", depth - 1)


def _entries(module: Shell, kind: str) -> list[tuple[object, object]]:
    found = module.state.get(kind)
    return list(found.items()) if isinstance(found, dict) else []


class _Reader:
    """Reads one archive of torch's."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._storages: dict[str, Tensor] = {}
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise ModelFileError(f"'{archive.filename}' has {len(names)} pickles, not one")
        self._root = names[0].removesuffix("data.pkl")

    def load(self) -> object:
        """Return what is pickled."""
        return _Unpickler(io.BytesIO(self._read("data.pkl")), self).load()

    def storage(self, key: str, dtype: torch.dtype, count: int) -> Tensor:
        """Return the numbers of one storage, [count]."""
        if key not in self._storages:
            data = bytearray(self._read(f"data/{key}"))
            whole = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
            self._storages[key] = whole
        found = self._storages[key]
        if found.dtype != dtype or len(found) < count:
            raise pickle.UnpicklingError(f"storage {key} has {len(found)} numbers, not {count}")
        return found

    def _read(self, name: str) -> bytes:
        info = self._archive.getinfo(self._root + name)
        if info.compress_type != zipfile.ZIP_STORED:  # torch never compresses; a bomb would
            raise pickle.UnpicklingError(f"'{name}' is compressed")
        return self._archive.read(info)


class _Unpickler(pickle.Unpickler):
    """Builds tensors and containers; all else is shells."""

    def __init__(self, data: io.BytesIO, reader: _Reader) -> None:
        super().__init__(data)
        self._reader = reader

    def find_class(self, module: str, name: str) -> Any:
        """Return our own builder for a name, or a new shell: nothing is looked up or imported."""
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        built = _BUILDERS.get((module, name))
        return built or type("Shell", (Shell,), {"what": f"{module}.{name}"})

    def persistent_load(self, pid: Any) -> Tensor:
        """Return the storage that a file's own number means."""
        kind, dtype, key, _, count = pid
        if kind != "storage" or not isinstance(dtype, torch.dtype):
            raise pickle.UnpicklingError("not a storage of numbers")
        return self._reader.storage(str(key), dtype, int(count))


def _tensor(storage: Tensor, offset: int, size: Any, stride: Any, *_: object) -> Tensor:
    # as_strided refuses what lies outside the storage.
    return storage.as_strided(tuple(size), tuple(stride), offset)


def _parameter(value: Tensor, *_: object) -> Tensor:
    return value


def _size(values: Any) -> tuple[int, ...]:
    return tuple(values)


_BUILDERS: Final[Mapping[tuple[str, str], Any]] = MappingProxyType(
    {
        ("collections", "OrderedDict"): OrderedDict,
        ("builtins", "set"): set,
        ("__builtin__", "set"): set,
        ("torch", "Size"): _size,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch._utils", "_rebuild_parameter"): _parameter,
    }
)
