"""Pictures enlarged by a network, in tiles that fade into each other.

A tile's margin sees the end of the tile where the whole picture goes on, so margins are thrown
away, and what is left of the overlap fades from one tile to the next.

Source: packages measured for R-ESRGAN 4x+ Anime6B; figures in docs/guides/finishing.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from torch import Tensor

from irodori.engine.events import Progressed
from irodori.engine.image import Pixels, resized
from irodori.engine.listener import Listener
from irodori.engine.loading.upscaler import UpscalingNetwork
from irodori.errors import ModelFileError

SIDE: Final = 256
"""Of a tile at most, in pixels of the small picture."""

MARGIN: Final = 24
"""Pixels of a tile's edge that are thrown away where another tile goes on."""

FADE: Final = 16
"""Pixels over which one tile becomes the next."""

_TIMES: Final = 3  # as A1111: a network is run again on its own result at most so often


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile's place along one side.

    Attributes:
        start: pixel it begins with.
        end: pixel it ends before.
        shares: float32 [end - start], how much of each pixel it gives; with its neighbours', 1.
    """

    start: int
    end: int
    shares: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkUpscaler:
    """An upscaler that is a network.

    Attributes:
        name: as recipes and infotext write it.
        network: enlarges tiles.
        side: of a tile at most.
    """

    name: str
    network: UpscalingNetwork
    side: int = SIDE

    def enlarged(
        self, pixels: Pixels, width: int, height: int, listener: Listener
    ) -> Pixels | None:
        """Return a picture at another size; None when it was cancelled.

        The network runs until the picture is large enough; Lanczos meets the size from there.

        Args:
            pixels: uint8 [H, W, 3].
            width: wanted.
            height: wanted.
            listener: hears `Progressed` after every tile; asked before.

        Raises:
            ModelFileError: the network gives values that are no numbers.
        """
        for _ in range(_TIMES):
            have = pixels.shape
            if have[0] >= height and have[1] >= width:
                break
            larger = self._run(pixels, listener)
            if larger is None:
                return None
            pixels = larger
            if self.network.scale == 1:
                break
        return resized(pixels, width, height)

    def _run(self, pixels: Pixels, listener: Listener) -> Pixels | None:
        """Return a picture enlarged by the network's factor; rows of tiles one after another."""
        height, width = pixels.shape[:2]
        rows, columns = tiles_of(height, self.side), tiles_of(width, self.side)
        scale, total = self.network.scale, len(rows) * len(columns)
        result = np.empty((height * scale, width * scale, 3), np.uint8)
        kept: Tensor | None = None  # of the row before, where this one fades in
        ends = [*(row.start for row in rows[1:]), height]
        for index, (row, end) in enumerate(zip(rows, ends, strict=True)):
            band = torch.zeros(3, (row.end - row.start) * scale, width * scale)
            done = index * len(columns)
            for column in columns:
                if listener.cancelled():
                    return None
                part = self._tile(pixels[row.start : row.end, column.start : column.end])
                span = slice(column.start * scale, column.end * scale)
                band[..., span] += part * column.shares.repeat_interleave(scale)
                done += 1
                listener.tell(Progressed(done=done, total=total))
            band *= row.shares.repeat_interleave(scale)[:, None]
            if kept is not None:
                band[:, : kept.shape[1]] += kept
            finished = (end - row.start) * scale
            result[row.start * scale : end * scale] = _bytes(band[:, :finished])
            kept = band[:, finished:]
        return result

    @torch.inference_mode()
    def _tile(self, pixels: Pixels) -> Tensor:
        """Return what the network makes of a tile, float32 [3, h * scale, w * scale]."""
        device = self.network.device
        values = torch.tensor(pixels, device=device).permute(2, 0, 1)[None].float() / 255
        result = self.network.run(values.contiguous(memory_format=torch.channels_last))
        if not bool(result.isfinite().all()):
            raise ModelFileError(f"the upscaler '{self.name}' gave values that are no numbers")
        return result[0].float().cpu()


def tiles_of(length: int, side: int) -> tuple[Tile, ...]:
    """Return tiles of even length that cover a side of a picture.

    Args:
        length: of the picture.
        side: of a tile at most; at least three overlaps of `MARGIN`, `FADE`, `MARGIN`.
    """
    overlap = 2 * MARGIN + FADE
    if length <= side:
        return (Tile(start=0, end=length, shares=torch.ones(length)),)
    count = -(-(length - overlap) // (side - overlap))
    own = -(-(length + (count - 1) * overlap) // count)
    starts = [round(i * (length - own) / (count - 1)) for i in range(count)]
    return tuple(
        Tile(start=start, end=start + own, shares=shares)
        for start, shares in zip(starts, _shares(starts, own), strict=True)
    )


def _shares(starts: list[int], own: int) -> Iterator[Tensor]:
    """Yield the shares of tiles: 1 in the middle, fading about the middle of every overlap."""
    middles = [(first + own + second) / 2 for first, second in pairwise(starts)]
    for index, start in enumerate(starts):
        places = torch.arange(start, start + own) + 0.5
        shares = torch.ones(own)
        if index > 0:
            shares = ((places - middles[index - 1]) / FADE + 0.5).clamp(0, 1)
        if index < len(middles):
            shares = shares - ((places - middles[index]) / FADE + 0.5).clamp(0, 1)
        yield shares


def _bytes(values: Tensor) -> Pixels:
    """Return values [3, H, W] as pixels, rounded."""
    return (values.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
