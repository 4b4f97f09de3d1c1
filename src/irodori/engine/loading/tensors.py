"""Tensors of a small model file by name: a network, a textual inversion, an autoencoder alone."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.errors import ModelFileError

PICKLED: Final = (".pt", ".pth", ".ckpt", ".bin")
"""Endings of files that torch pickled."""

_GLOBAL: Final = re.compile(r"GLOBAL (\S+)")


class _Ignored:
    """Stands for objects that trainers left in checkpoints; takes their state and does nothing."""

    def __init__(self, *_: object) -> None:
        """Take anything."""

    def __setstate__(self, state: object) -> None:
        """Forget it."""


# Beside what torch allows: tables of parameters (the first textual inversions), and what is in
# nearly every pickled checkpoint of 2022 and does nothing here.
_ALLOWED: Final = (
    torch.nn.ParameterDict,
    set,
    (_Ignored, "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"),
    (_Ignored, "pytorch_lightning.callbacks.early_stopping.EarlyStopping"),
    (_Ignored, "pytorch_lightning.utilities.argparse_utils.AttributeDict"),
)

_DTYPES: Final[Mapping[torch.dtype, str]] = MappingProxyType(
    {
        torch.float64: "F64",
        torch.float32: "F32",
        torch.float16: "F16",
        torch.bfloat16: "BF16",
        torch.float8_e4m3fn: "F8_E4M3",
        torch.float8_e5m2: "F8_E5M2",
        torch.int64: "I64",
        torch.int32: "I32",
        torch.int16: "I16",
        torch.int8: "I8",
        torch.uint8: "U8",
        torch.bool: "BOOL",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TensorFile:
    """The tensors of a file.

    Attributes:
        header: their names and shapes, and the file's metadata.
        tensors: by name; mapped from the file where its format allows.
    """

    header: Header
    tensors: Mapping[str, Tensor]


def read_tensors(path: Path) -> TensorFile:
    """Return the tensors of a safetensors file, or of one that torch pickled.

    Pickled files are read by torch's restricted unpickler, which knows tensors and plain values
    only: code in them is refused, not run. Tables in tables (`state_dict`) are opened.

    Raises:
        ModelFileError: the file cannot be read, is damaged, or holds other things than tensors.
    """
    if path.suffix.lower() in PICKLED:
        return _read_pickled(path)
    header = read_header(path)
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in header.tensors}
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"'{path}' cannot be read: {error}") from error
    return TensorFile(header=header, tensors=tensors)


def unpickled(path: Path) -> object:
    """Return what torch pickled into a file: tensors, numbers, texts and tables of them.

    Raises:
        ModelFileError: the file cannot be read, is damaged, or would run code.
    """
    try:
        with torch.serialization.safe_globals([*_ALLOWED]):
            return torch.load(
                path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    except pickle.UnpicklingError as error:
        found = _GLOBAL.search(str(error))
        if found is None:
            raise ModelFileError(f"'{path}' is damaged, or no file of torch's") from error
        raise ModelFileError(
            f"'{path}' holds '{found[1]}' beside tensors and is not opened, because that can run "
            "code; convert it to safetensors where you trust it"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise ModelFileError(f"'{path}' is damaged: {error}; download it again") from error


def header_of(path: Path, tensors: Mapping[str, Tensor]) -> Header:
    """Return a header for tensors that came from a file without one.

    Raises:
        ModelFileError: a tensor is of a type that no model has.
    """
    infos = {}
    for name, tensor in tensors.items():
        if tensor.dtype not in _DTYPES:
            raise ModelFileError(f"'{path}' has '{name}' of type {tensor.dtype}")
        infos[name] = TensorInfo(
            dtype=_DTYPES[tensor.dtype], shape=tuple(tensor.shape), start=0, end=tensor.nbytes
        )
    return Header(path=path, tensors=infos, metadata={})


def _read_pickled(path: Path) -> TensorFile:
    found = unpickled(path)
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict):
        raise ModelFileError(f"'{path}' holds no table of tensors")
    tensors = {
        str(name): tensor.detach() for name, tensor in found.items() if isinstance(tensor, Tensor)
    }
    if not tensors:
        raise ModelFileError(f"'{path}' holds no tensors")
    return TensorFile(header=header_of(path, tensors), tensors=tensors)
