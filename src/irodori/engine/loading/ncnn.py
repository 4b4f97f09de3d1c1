"""Weights in ncnn's two files: a text of layers, and their numbers one after another.

Source: ncnn's documentation of its param and bin formats.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from irodori.errors import ModelFileError

PARAM: Final = ".param"
"""Ending of the text; the numbers are beside it, in `.bin`."""

_MAGIC: Final = "7767517"
_FLOAT32, _FLOAT16 = 0, 0x01306B47
_OUT, _KERNEL, _HAS_BIAS, _COUNT = "0", "1", "5", "6"
_SETTING: Final = re.compile(r"(-?\d+)=(\S+)")
_WITHOUT_NUMBERS: Final = frozenset(
    {"Input", "Split", "Concat", "Eltwise", "BinaryOp", "Interp", "PixelShuffle"}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A layer that has numbers.

    Attributes:
        kind: `Convolution` or `PReLU`.
        weight: float32 [out, in, k, k], or [channels].
        bias: float32 [out]; None where it has none.
    """

    kind: str
    weight: Tensor
    bias: Tensor | None = None


def read_ncnn(path: Path) -> tuple[Layer, ...]:
    """Return the layers with numbers, in the order of the text.

    Args:
        path: the `.param` file; its `.bin` is beside it.

    Raises:
        ModelFileError: a file is missing or damaged, or has layers that are not known here.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = path.with_suffix(".bin").read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFileError(f"'{path}' cannot be read: {error}") from error
    lines = text.splitlines()
    if not lines or lines[0].strip() != _MAGIC:
        raise ModelFileError(f"'{path}' is no text of ncnn's")
    numbers = _Numbers(data)
    try:
        layers = tuple(_layers(lines[2:], numbers))
    except (KeyError, ValueError, IndexError, struct.error) as error:
        raise ModelFileError(f"'{path}' or its .bin is damaged: {error}") from error
    if numbers.left:
        raise ModelFileError(f"'{path.with_suffix('.bin')}' has {numbers.left} bytes too many")
    return layers


class _Numbers:
    """The numbers of a file, taken one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not yet taken."""
        return len(self._data) - self._at

    def plain(self, count: int) -> Tensor:
        """Take float32 numbers."""
        return self._take(count, np.dtype("<f4"))

    def tagged(self, count: int) -> Tensor:
        """Take numbers in the format that the four bytes before them name."""
        (tag,) = struct.unpack_from("<I", self._data, self._at)
        self._at += 4
        if tag == _FLOAT16:
            return self._take(count, np.dtype("<f2"))
        if tag == _FLOAT32:
            return self.plain(count)
        raise ValueError(f"numbers in a format that is not known here ({tag:#x})")

    def _take(self, count: int, dtype: np.dtype[np.floating]) -> Tensor:
        values = np.frombuffer(self._data, dtype, count, self._at).astype(np.float32)
        self._at += -(-count * dtype.itemsize // 4) * 4  # every run of numbers fills whole words
        return torch.from_numpy(values)


def _layers(lines: list[str], numbers: _Numbers) -> Iterator[Layer]:
    for line in lines:
        kind = line.split()[0]
        settings = dict(_SETTING.findall(line))
        match kind:
            case "Convolution":
                out, kernel, count = (int(settings[key]) for key in (_OUT, _KERNEL, _COUNT))
                weight = numbers.tagged(count).reshape(out, -1, kernel, kernel)
                bias = numbers.plain(out) if settings.get(_HAS_BIAS) == "1" else None
                yield Layer(kind=kind, weight=weight, bias=bias)
            case "PReLU":
                yield Layer(kind=kind, weight=numbers.plain(int(settings[_OUT])))
            case _ if kind not in _WITHOUT_NUMBERS:
                raise ValueError(f"layer '{kind}' is not known here")
