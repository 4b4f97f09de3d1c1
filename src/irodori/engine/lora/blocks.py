"""Block weights: `lbw=` gives each block of the UNet its own share of a network's strength.

The numbers are, in this order, BASE (the text encoders, and what belongs to no block), the input
blocks, the middle block, the output blocks: 20 for SDXL. The short form names only the blocks that
have a transformer, the others then have 0: 12 for SDXL. Numbers stand between commas, or
semicolons. Names stand for lists: `ALL`, `NONE`, `INALL`, `MIDALL`, `OUTALL`.

Source: sd-webui-lora-block-weight's README, for the orders and lengths.
"""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Final

from irodori.engine.modules.unet import UNetConfig

_BLOCK: Final = re.compile(r"(input_blocks|output_blocks)\.(\d+)\.|(middle_block)\.")
_NAMED: Final = {
    # share of BASE, of input, middle and output blocks
    "ALL": (1.0, 1.0, 1.0, 1.0),
    "NONE": (0.0, 0.0, 0.0, 0.0),
    "INALL": (1.0, 1.0, 0.0, 0.0),
    "MIDALL": (1.0, 0.0, 1.0, 0.0),
    "OUTALL": (1.0, 0.0, 0.0, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockWeights:
    """A share for each block.

    Attributes:
        base: of the text encoders and what belongs to no block.
        shares: by block, as in `input_blocks.4`, `middle_block`; empty is 1 everywhere.
    """

    base: float = 1.0
    shares: tuple[tuple[str, float], ...] = ()

    def of_parameter(self, name: str) -> float:
        """Return the share of a parameter of the UNet."""
        block = block_of(name)
        if not self.shares or block is None:
            return self.base
        return dict(self.shares).get(block, self.base)


EVERYWHERE: Final = BlockWeights()
"""The whole strength in every block."""


def block_of(parameter: str) -> str | None:
    """Return the block a parameter of the UNet belongs to, or None."""
    found = _BLOCK.match(parameter)
    if found is None:
        return None
    return found[3] or f"{found[1]}.{found[2]}"


def read_block_weights(text: str, config: UNetConfig) -> BlockWeights | str:
    """Return what a `lbw=` value means for a UNet, or what is wrong with it, in words.

    Args:
        text: of the tag.
        config: sizes of the UNet, which tell how many blocks there are.
    """
    blocks, with_transformer = blocks_of(config)
    named = _NAMED.get(text.strip().upper())
    if named is not None:
        base, *by_kind = named
        kinds = ("input_blocks", "middle_block", "output_blocks")
        share = dict(zip(kinds, by_kind, strict=True))
        return BlockWeights(
            base=base, shares=tuple((block, share[block.partition(".")[0]]) for block in blocks)
        )
    numbers = [_number(piece) for piece in re.split("[,;]", text)]
    if None in numbers:
        return f"'{text}' is no list of block weights; names are {', '.join(_NAMED)}"
    base, *shares = (number for number in numbers if number is not None)
    for order in (blocks, with_transformer):
        if len(shares) == len(order):
            given = dict(zip(order, shares, strict=True))
            return BlockWeights(
                base=base, shares=tuple((block, given.get(block, 0.0)) for block in blocks)
            )
    return (
        f"{len(numbers)} block weights were given; this model takes {len(blocks) + 1}, "
        f"or {len(with_transformer) + 1} for the blocks with a transformer"
    )


def blocks_of(config: UNetConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return all blocks of a UNet in the order of `lbw=`, and those that have a transformer."""
    per_level = config.layers_per_block + 1
    has_in = [False]
    for depth in config.depths:  # after each level's residual blocks a downsampling
        has_in += [*[depth > 0] * config.layers_per_block, False]
    has_in.pop()  # but not after the last
    has_out = [depth > 0 for depth in reversed(config.depths) for _ in range(per_level)]
    order = [
        *((f"input_blocks.{i}", has) for i, has in enumerate(has_in)),
        ("middle_block", config.middle_depth > 0),
        *((f"output_blocks.{i}", has) for i, has in enumerate(has_out)),
    ]
    return tuple(block for block, _ in order), tuple(block for block, has in order if has)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
