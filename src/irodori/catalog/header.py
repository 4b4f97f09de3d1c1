"""The header of a safetensors file: names, types and shapes, without reading a tensor.

Source: the format's own description, https://github.com/huggingface/safetensors#format: eight bytes
of length, little endian; that many bytes of JSON; the tensors.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

from irodori.errors import ModelFileError

MAX_HEADER_BYTES: Final = 100_000_000
"""What the format's own library accepts."""

BITS: Final[Mapping[str, int]] = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip
"""Bits of one element by the format's name of its type."""

# What people have in hand instead, by its first bytes.
_OTHERS: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "a pickled checkpoint (.ckpt, .pt), which can run code; convert it first",
    b"\x80\x02": "a pickled checkpoint (.ckpt, .pt), which can run code; convert it first",
    b"GGUF": "a GGUF file, which is not supported",
    b"<!DOCTYPE": "a web page: the download needs a login, or the address was the page's",
    b"<html": "a web page: the download needs a login, or the address was the page's",
    b"version https://git-lfs": "a Git LFS pointer: the model itself was not downloaded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """One tensor's place in a file.

    Attributes:
        dtype: the format's name of the type: `F16`, `BF16`, `F8_E4M3` ...
        shape: sizes, outermost first; empty for a single number.
        start: first byte, counted from the end of the header.
        end: the byte after the last.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself.

    Attributes:
        path: the file.
        tensors: by name, in the file's order.
        metadata: free text by name; empty when the file has none.
    """

    path: Path
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]

    @property
    def elements(self) -> int:
        """How many numbers all tensors have together."""
        return sum(prod(tensor.shape) for tensor in self.tensors.values())


def read_header(path: Path) -> Header:
    """Return the header of a safetensors file, checked against the file's size.

    Raises:
        ModelFileError: the file cannot be read, is of another kind, damaged or truncated.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            first = file.read(32)
            length = _header_length(path, first, size)
            file.seek(8)
            text = file.read(length)
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    fields = _json_object(path, text)
    metadata = fields.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise _damaged(path, "its metadata is not a table")
    tensors = {name: _tensor(path, name, field) for name, field in fields.items()}
    _check_extent(path, tensors, begin=8 + length, size=size)
    return Header(
        path=path,
        tensors=tensors,
        metadata={str(name): str(value) for name, value in metadata.items()},
    )


def _header_length(path: Path, first: bytes, size: int) -> int:
    """Return the header's length in bytes, or say what the file is instead."""
    length = int.from_bytes(first[:8], "little")
    # A length may begin with another format's magic: 640 is pickle's.
    if first[8:9] != b"{" or length > MAX_HEADER_BYTES:
        for magic, what in _OTHERS.items():
            if first.startswith(magic):
                raise ModelFileError(f"'{path}' is {what}")
    if size < 10:
        raise _damaged(path, f"it has only {size} bytes")
    if first[8:9] != b"{":
        raise ModelFileError(f"'{path}' is not a safetensors file")
    if length > MAX_HEADER_BYTES:
        raise _damaged(path, f"it declares a header of {length} bytes, over {MAX_HEADER_BYTES}")
    if 8 + length > size:
        raise _truncated(path, size, 8 + length)
    return length


def _json_object(path: Path, text: bytes) -> dict[str, object]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its header is not JSON ({error})") from error
    if not isinstance(fields, dict):
        raise _damaged(path, "its header is not a table")
    return fields


def _tensor(path: Path, name: str, field: object) -> TensorInfo:
    """Return a tensor's entry, its size in agreement with its type and shape."""
    match field:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [int(start), int(end)]}:
            sizes = tuple(_sizes(shape))
        case _:
            raise _damaged(path, f"the entry of '{name}' lacks type, shape or place")
    if len(sizes) != len(shape):
        raise _damaged(path, f"the shape of '{name}' is {shape}")
    if dtype not in BITS:
        raise ModelFileError(f"'{path}' has '{name}' of type {dtype}, which is not supported")
    if start < 0 or (end - start) * 8 != prod(sizes) * BITS[dtype]:
        raise _damaged(path, f"'{name}' has {end - start} bytes for {dtype} {list(sizes)}")
    return TensorInfo(dtype=dtype, shape=sizes, start=start, end=end)


def _sizes(shape: list[object]) -> Iterator[int]:
    """Yield the sizes of a shape as far as they are sizes."""
    for size in shape:
        if isinstance(size, int) and not isinstance(size, bool) and size >= 0:
            yield size


def _check_extent(path: Path, tensors: Mapping[str, TensorInfo], *, begin: int, size: int) -> None:
    """Check that the tensors lie one after the other and fill what follows the header.

    Args:
        path: of the file.
        tensors: by name.
        begin: of the tensors in the file.
        size: of the whole file.
    """
    at = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if tensor.start != at:
            raise _damaged(path, f"'{name}' begins at {tensor.start}, not at {at}")
        at = tensor.end
    end = begin + at
    if end > size:
        raise _truncated(path, size, end)
    if end < size:
        raise _damaged(path, f"{size - end} bytes follow the last tensor")


def _damaged(path: Path, why: str) -> ModelFileError:
    return ModelFileError(f"'{path}' is damaged: {why}; download it again")


def _truncated(path: Path, size: int, wanted: int) -> ModelFileError:
    return ModelFileError(
        f"'{path}' is truncated: {size} of {wanted} bytes are there; download it again"
    )
