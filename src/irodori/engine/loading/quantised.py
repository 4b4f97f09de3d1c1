"""Weights in fewer bits than are computed in: what is read, and what is refused by name.

Read is float8, with or without a scale beside a weight (ComfyUI's scaled fp8): the weight is the
stored number times its scale. Scales of inputs serve arithmetic in eight bits, which is not done
here. Every other form (NF4, INT8, block scales) is refused: without its tables it is noise.
"""

from collections.abc import Iterable
from typing import Final

import torch
from torch import Tensor

from irodori.catalog.header import Header
from irodori.catalog.scales import SCALES
from irodori.errors import ModelFileError

EIGHT_BITS: Final = (torch.float8_e4m3fn, torch.float8_e5m2)
"""What torch calls the types that are read."""

_FLOATS: Final = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")


def check_floats(header: Header, names: Iterable[str]) -> None:
    """Check that weights are numbers and not indices into a table.

    Args:
        header: of the file.
        names: of the weights; what the file does not have is no matter here.

    Raises:
        ModelFileError: one is not.
    """
    for name in names:
        found = header.tensors.get(name)
        if found is not None and found.dtype not in _FLOATS:
            raise ModelFileError(
                f"'{header.path}' is quantised: '{name}' is of type {found.dtype}, and only float8 "
                "and wider are read; take the model's float16 or float8 file"
            )


def scale_of(header: Header, name: str) -> str | None:
    """Return the name of a weight's scale, or None where it has none."""
    stem = name.removesuffix(".weight")
    return next((stem + each for each in SCALES if stem + each in header.tensors), None)


def unscaled(header: Header, name: str, value: Tensor, scale: Tensor) -> Tensor:
    """Return a float8 weight times its scale, float32; other weights as they are.

    Args:
        header: of the file.
        name: of the weight.
        value: as stored, [out, ...].
        scale: one number, or one for every output.

    Raises:
        ModelFileError: the scale has another shape (blocks).
    """
    if value.dtype not in EIGHT_BITS:
        return value
    if scale.numel() not in (1, value.shape[0]):
        raise ModelFileError(
            f"'{header.path}' is quantised in blocks: '{name}' has {scale.numel()} scales for "
            f"{value.shape[0]} outputs; take the model's float16 file"
        )
    return value.float() * scale.float().reshape(-1, *[1] * (value.dim() - 1))
