"""Pictures through the autoencoder one by one, in tiles where memory is short, again on overflow.

A tile sees its own surroundings only, and its group norms their own statistics, so a tiled picture
differs a little from a whole one. Tiles overlap by a quarter, and their overlaps fade into each
other, so that no edge shows.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Final

import torch
from torch import Tensor

from irodori.engine.memory import free_bytes
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.vae import LATENT_CELL, decode, encode
from irodori.errors import RecipeError

TILES: Final = (2048, 1024, 768, 512, 256)
"""Sides of tiles that are chosen from, pixels."""

_OVERLAP: Final = 4  # of a tile's side, this part
_SHARE: Final = 0.8  # of the free memory, so much may be used

_Run = Callable[[Autoencoder, Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passed:
    """What came out of an autoencoder.

    Attributes:
        values: float32; pixels [B, 3, H, W] within 0..1, or latents [B, 4, H/8, W/8].
        notes: what a person should know.
    """

    values: Tensor
    notes: tuple[str, ...]


def decode_pictures(autoencoder: Autoencoder, latents: Tensor, *, tile: int = 0) -> Passed:
    """Return the pictures of latents.

    Args:
        autoencoder: the model's.
        latents: float32 [B, 4, H/8, W/8].
        tile: side of tiles in pixels, a multiple of 32; 0 decodes pictures whole.

    Raises:
        RecipeError: the latents are no numbers: the sampler diverged.
    """
    if not bool(latents.isfinite().all()):
        raise RecipeError(
            "sampling ended in values that are no numbers (NaN); try another sampler or schedule, "
            "or a lower CFG scale"
        )
    side = tile // LATENT_CELL

    def run(model: Autoencoder, one: Tensor) -> Tensor:
        if not side or max(one.shape[-2:]) <= side:
            return decode(model, one)
        return tiled(lambda part: decode(model, part), one, side, LATENT_CELL)

    return _one_by_one(run, autoencoder, latents)


def encode_pictures(autoencoder: Autoencoder, pixels: Tensor, *, tile: int = 0) -> Passed:
    """Return the latents of pictures.

    Args:
        autoencoder: the model's.
        pixels: float32 [B, 3, H, W] within 0..1; rows and columns beyond a multiple of 8 are left
            out, at the right and below.
        tile: side of tiles in pixels, a multiple of 32; 0 encodes pictures whole.
    """
    height, width = (size // LATENT_CELL * LATENT_CELL for size in pixels.shape[-2:])

    def run(model: Autoencoder, one: Tensor) -> Tensor:
        if not tile or max(one.shape[-2:]) <= tile:
            return encode(model, one)
        return tiled(lambda part: encode(model, part), one, tile, 1 / LATENT_CELL)

    return _one_by_one(run, autoencoder, pixels[..., :height, :width])


def tile_for(autoencoder: Autoencoder, width: int, height: int) -> int:
    """Return the side of tiles that fit the free memory; 0 where the whole picture does.

    The most is needed at full resolution, where the second finest level's channels come in: three
    copies of them and two of the finest's, 1024 numbers a pixel for SDXL's (830 were measured,
    decoding 512x512 in float32 on a CPU; 650 encoding).

    Args:
        autoencoder: the model's.
        width: of the largest picture, pixels.
        height: of the largest picture, pixels.
    """
    weight = autoencoder.post_quant_conv.weight
    free = free_bytes(weight.device)
    if free is None:
        return 0
    channels = (*autoencoder.config.channels, autoencoder.config.channels[-1])
    pixel_bytes = (3 * channels[1] + 2 * channels[0]) * weight.element_size()
    budget = free * _SHARE
    if width * height * pixel_bytes <= budget:
        return 0
    return next((side for side in TILES if side * side * pixel_bytes <= budget), TILES[-1])


def tiled(run: Callable[[Tensor], Tensor], x: Tensor, side: int, scale: float) -> Tensor:
    """Return what a function makes of a picture, tile by tile.

    Args:
        run: [1, C, h, w] to [1, C', h * scale, w * scale].
        x: [1, C, H, W].
        side: of a tile, in x's units; a quarter of it overlaps.
        scale: of the result to x.
    """
    height, width = x.shape[-2:]
    overlap = side // _OVERLAP
    total: Tensor | None = None
    weights = x.new_zeros(1, 1, round(height * scale), round(width * scale), dtype=torch.float32)
    for (top, bottom), (left, right) in product(
        _spans(height, side, overlap), _spans(width, side, overlap)
    ):
        part = run(x[..., top:bottom, left:right])
        rows = slice(round(top * scale), round(bottom * scale))
        columns = slice(round(left * scale), round(right * scale))
        feather = round(overlap * scale)
        weight = _ramp(rows, weights.shape[2], feather)[:, None] * _ramp(
            columns, weights.shape[3], feather
        )
        weight = weight.to(x.device)
        if total is None:
            total = part.new_zeros(1, part.shape[1], *weights.shape[2:])
        total[..., rows, columns] += part * weight
        weights[..., rows, columns] += weight
    if total is None:
        raise RecipeError("a picture without pixels cannot be tiled")
    return total / weights


def _spans(length: int, side: int, overlap: int) -> list[tuple[int, int]]:
    """Return where tiles begin and end along one side; the last one ends with the picture."""
    if length <= side:
        return [(0, length)]
    starts = [*range(0, length - side, side - overlap), length - side]
    return [(start, start + side) for start in starts]


def _ramp(span: slice, length: int, feather: int) -> Tensor:
    """Return a tile's weights along one side: fading where another tile follows, in (0, 1]."""
    places = torch.arange(span.stop - span.start, dtype=torch.float32) + 0.5
    weight = torch.ones_like(places)
    if span.start > 0:
        weight = torch.minimum(weight, places / feather)
    if span.stop < length:
        weight = torch.minimum(weight, places.flip(0) / feather)
    return weight


def _one_by_one(run: _Run, autoencoder: Autoencoder, batch: Tensor) -> Passed:
    """Return a batch passed through one by one: its size decides nothing, memory least of all."""
    results, notes = [], []
    for index in range(len(batch)):
        each = batch[index : index + 1]
        result = run(autoencoder, each)
        if not bool(result.isfinite().all()):
            dtype = str(autoencoder.post_quant_conv.weight.dtype).removeprefix("torch.")
            result = run(copy.deepcopy(autoencoder).float(), each)
            notes.append(
                f"the autoencoder overflowed in {dtype} (NaN): it was run again in float32"
            )
        results.append(result)
    return Passed(values=torch.cat(results), notes=tuple(dict.fromkeys(notes)))
