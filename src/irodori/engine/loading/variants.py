"""Other spellings of the single-file layout, read as if they were the usual one.

Files that were converted from diffusers and back keep two traces of it: bigG's projection as a
linear layer, (out, in), and the autoencoder's attention as linear layers, [out, in] instead of 1x1
convolutions. The numbers are the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from torch import Tensor

from irodori.catalog.header import Header, TensorInfo
from irodori.catalog.identify import AUTOENCODER, TEXT_G

_PROJECTION: Final = f"{TEXT_G}text_projection"
_ATTENTION: Final = ".attn_1."


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How a tensor of the usual name is found in a file.

    Attributes:
        name: the file's.
        shape: the usual one.
        transposed: the file has (out, in) where (in, out) is usual.
    """

    name: str
    shape: tuple[int, ...]
    transposed: bool = False


def variants_of(header: Header) -> Mapping[str, Variant]:
    """Return the tensors of a file that are written another way, by their usual names."""
    found = {}
    linear = f"{_PROJECTION}.weight"
    if linear in header.tensors and _PROJECTION not in header.tensors:
        shape = header.tensors[linear].shape[::-1]
        found[_PROJECTION] = Variant(name=linear, shape=shape, transposed=True)
    for name, info in header.tensors.items():
        if name.startswith(AUTOENCODER) and _ATTENTION in name and len(info.shape) == 2:
            found[name] = Variant(name=name, shape=(*info.shape, 1, 1))
    return found


def usual_header(header: Header, variants: Mapping[str, Variant]) -> Header:
    """Return a header with the usual names and shapes."""
    theirs = {variant.name: usual for usual, variant in variants.items()}
    tensors: dict[str, TensorInfo] = {}
    for name, info in header.tensors.items():
        usual = theirs.get(name)
        if usual is None:
            tensors[name] = info
        else:
            tensors[usual] = replace(info, shape=variants[usual].shape)
    return replace(header, tensors=tensors)


def usual_read(
    read: Callable[[str], Tensor], variants: Mapping[str, Variant]
) -> Callable[[str], Tensor]:
    """Return what reads a file's tensors by their usual names, in their usual shapes."""

    def tensor(name: str) -> Tensor:
        variant = variants.get(name)
        if variant is None:
            return read(name)
        found = read(variant.name)
        return found.t() if variant.transposed else found.reshape(variant.shape)

    return tensor
