"""The sizes of a model that decide how much memory it takes, from its file's header alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from irodori.catalog.header import Header
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET
from irodori.catalog.scales import SCALES
from irodori.errors import ModelFileError

LARGE: Final = 200_000_000
"""From this many numbers on a model is drawn with in half precision; below, in float32."""

_NUMBER: Final = re.compile(r"(\d+)\.")
_RESIDUAL_IN: Final = "0.in_layers.2.weight"
_RESIDUAL_OUT: Final = "0.out_layers.3.weight"
_EIGHT_BITS: Final = "F8_E4M3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of the UNet that is computed as one, in the order of computing.

    Attributes:
        name: its path in the UNet: `input_blocks.4`, `middle_block`, `out`.
        large: numbers in weights of linear layers and convolutions.
        small: numbers in norms and biases.
        largest: numbers in its largest weight.
        level: it computes at 1 / 2^level of the latents' width and height.
        level_out: the same of what it gives.
        channels_in: of what comes in, with what the way down left; 0 where no picture passes.
        channels_out: of what it gives.
        has_transformer: tokens pass a transformer there.
        leaves_skip: its output is kept for the way up.
        takes_skip: it takes such an output.
    """

    name: str
    large: int
    small: int
    largest: int
    level: int = 0
    level_out: int = 0
    channels_in: int = 0
    channels_out: int = 0
    has_transformer: bool = False
    leaves_skip: bool = False
    takes_skip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSizes:
    """How large a model's parts are, in numbers, not bytes.

    Attributes:
        blocks: of the UNet, in the order of computing.
        text: numbers of both text encoders.
        autoencoder: numbers of the autoencoder.
        decoder: channels of its levels, finest first; at least two.
        text_values: keys and values that cross-attentions make of one token of text.
        is_fp8: the UNet's weights are eight bits wide in the file, without scales beside them.
    """

    blocks: tuple[Block, ...]
    text: int
    autoencoder: int
    decoder: tuple[int, ...]
    text_values: int
    is_fp8: bool = False


def model_sizes(header: Header) -> ModelSizes:
    """Return the sizes of the SDXL-like model in a file.

    Raises:
        ModelFileError: the file lacks the tensors that tell them.
    """
    unet = _shapes(header, UNET)
    crossed = (".attn2.to_k.weight", ".attn2.to_v.weight")
    blocks = _blocks(unet)
    decoder = _channels(_shapes(header, AUTOENCODER))
    if not blocks or len(decoder) < 2:
        raise ModelFileError(f"'{header.path}' is no whole SDXL checkpoint; no plan can be made")
    return ModelSizes(
        blocks=blocks,
        text=sum(map(prod, (*_shapes(header, TEXT_L).values(), *_shapes(header, TEXT_G).values()))),
        autoencoder=sum(map(prod, _shapes(header, AUTOENCODER).values())),
        decoder=decoder,
        text_values=sum(shape[0] for name, shape in unet.items() if name.endswith(crossed)),
        is_fp8=_is_fp8(header),
    )


def _shapes(header: Header, prefix: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a part's tensors by their names in it."""
    return {
        name.removeprefix(prefix): tensor.shape
        for name, tensor in header.tensors.items()
        if name.startswith(prefix)
    }


def _is_fp8(header: Header) -> bool:
    types = {
        tensor.dtype
        for name, tensor in header.tensors.items()
        if name.startswith(UNET) and len(tensor.shape) > 1
    }
    scaled = any(name.endswith(SCALES) for name in header.tensors)
    return types == {_EIGHT_BITS} and not scaled


def _channels(autoencoder: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return the channels of an autoencoder's levels, finest first."""
    found = {
        name: shape[0]
        for name, shape in autoencoder.items()
        if re.fullmatch(r"encoder\.down\.\d+\.block\.0\.conv2\.weight", name)
    }
    return tuple(found[name] for name in sorted(found))


def _blocks(unet: Mapping[str, tuple[int, ...]]) -> tuple[Block, ...]:
    """Return the UNet's blocks; levels go down with every downsampling, up with every upsampling.

    Time and facts are embedded before all others; they count as one block without a picture.
    """
    embedding = {n: s for n, s in unet.items() if n.startswith(("time_embed.", "label_emb."))}
    blocks = [_counted("embedding", embedding)]
    level = 0
    for index in range(_count(unet, "input_blocks.")):
        block = _block(unet, f"input_blocks.{index}", level, leaves_skip=True)
        blocks.append(block)
        level = block.level_out
    blocks.append(_block(unet, "middle_block", level))
    for index in range(_count(unet, "output_blocks.")):
        block = _block(unet, f"output_blocks.{index}", level, takes_skip=True)
        blocks.append(block)
        level = block.level_out
    blocks.append(_block(unet, "out", level))
    return tuple(block for block in blocks if block.large)


def _count(unet: Mapping[str, tuple[int, ...]], stem: str) -> int:
    rests = (name.removeprefix(stem) for name in unet if name.startswith(stem))
    return len({found[1] for rest in rests if (found := _NUMBER.match(rest))})


def _block(
    unet: Mapping[str, tuple[int, ...]],
    name: str,
    level: int,
    *,
    leaves_skip: bool = False,
    takes_skip: bool = False,
) -> Block:
    """Return one block by its tensors."""
    own = {
        key.removeprefix(f"{name}."): shape
        for key, shape in unet.items()
        if key.startswith(f"{name}.")
    }
    convolutions = [shape for shape in own.values() if len(shape) == 4]
    shrinks = any(key.endswith(".op.weight") for key in own)
    grows = any(re.fullmatch(r"\d+\.conv\.weight", key) for key in own)
    first = own.get(_RESIDUAL_IN, convolutions[0] if convolutions else (0, 0))
    last = own.get(_RESIDUAL_OUT, convolutions[-1] if convolutions else (0, 0))
    counted = _counted(name, own)
    return Block(
        name=name,
        large=counted.large,
        small=counted.small,
        largest=counted.largest,
        level=level,
        level_out=level + shrinks - grows,
        channels_in=first[1],
        channels_out=last[0],
        has_transformer=any(".transformer_blocks." in key for key in own),
        leaves_skip=leaves_skip,
        takes_skip=takes_skip,
    )


def _counted(name: str, own: Mapping[str, tuple[int, ...]]) -> Block:
    """Return a block with its numbers only."""
    weights = [prod(shape) for shape in own.values() if len(shape) > 1]
    return Block(
        name=name,
        large=sum(weights),
        small=sum(prod(shape) for shape in own.values() if len(shape) <= 1),
        largest=max(weights, default=0),
    )
