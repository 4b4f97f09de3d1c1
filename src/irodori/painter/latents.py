"""The pool as latents: what stage two trains on, encoded once by the frozen autoencoder.

`DIR/latents/HxW-SEED.npy` holds float16 [N, 4, H/8, W/8] of the shard of that name, scaled to unit
variance as SDXL scales them. The posterior's mean is stored: its spread is below a step's noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from irodori.engine.modules.autoencoder import Autoencoder
from irodori.painter.crew import Crew
from irodori.painter.dataset import Shard
from irodori.painter.train_autoencoder import to_pixels

_BATCH_PIXELS = 32 * 128 * 128


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentBucket:
    """All latents of one size.

    Attributes:
        width: of the pictures, in pixels.
        height: of the pictures, in pixels.
        latents: float16 [N, 4, H/8, W/8], unit variance.
        seeds: int64 [N], the scenes'.
        frames: float32 [N, 6], as in `dataset.Frame`.
    """

    width: int
    height: int
    latents: Tensor
    seeds: Tensor
    frames: Tensor


@torch.inference_mode()
def encode_shards(
    autoencoder: Autoencoder, shards: Sequence[Shard], directory: Path, crew: Crew
) -> None:
    """Encode the shards that have no latents yet; every worker takes its part of them."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = [shard for shard in shards if not _latents_file(directory, shard).exists()]
    for shard in missing[crew.rank :: crew.size]:
        width, height = shard.size
        batch = max(1, _BATCH_PIXELS // (width * height))
        with torch.autocast("cpu", torch.bfloat16):
            means = [
                autoencoder.encode(to_pixels(shard.pictures[i : i + batch])).mean.float()
                for i in range(0, len(shard.pictures), batch)
            ]
        latents = torch.cat(means) * autoencoder.config.scale
        partial = directory / f"{shard.stem.name}.partial.npy"
        np.save(partial, latents.half().contiguous().numpy())
        partial.replace(_latents_file(directory, shard))
    crew.wait()


def open_latents(shards: Sequence[Shard], directory: Path) -> list[LatentBucket]:
    """Return the encoded shards by size, the size with the fewest pixels first."""
    by_size: dict[tuple[int, int], list[Shard]] = {}
    for shard in shards:
        if _latents_file(directory, shard).exists():
            by_size.setdefault(shard.size, []).append(shard)
    return [
        _bucket(by_size[size], directory)
        for size in sorted(by_size, key=lambda size: (size[0] * size[1], size))
    ]


def _bucket(shards: Sequence[Shard], directory: Path) -> LatentBucket:
    width, height = shards[0].size
    latents = [torch.from_numpy(np.load(_latents_file(directory, shard))) for shard in shards]
    seeds = [shard.first_seed + torch.arange(len(shard.pictures)) for shard in shards]
    frames = [torch.from_numpy(shard.frames).float() for shard in shards]
    return LatentBucket(
        width=width,
        height=height,
        latents=torch.cat(latents),
        seeds=torch.cat(seeds),
        frames=torch.cat(frames),
    )


def _latents_file(directory: Path, shard: Shard) -> Path:
    return directory / f"{shard.stem.name}.npy"
