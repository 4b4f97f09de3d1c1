"""Painted pictures as an autoencoder gives them back, for the judge to learn from.

    irodori paint decode --run DIR --model FILE --shards 4

What a model draws has its autoencoder's textures and losses; a judge that has never met them takes
them for something.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.vae import to_bytes
from irodori.painter.dataset import Pictures, Shard
from irodori.painter.train_autoencoder import reconstruct, to_pixels

_BATCH: Final = 16


def decode_shards(
    autoencoder: Autoencoder, shards: Sequence[Shard], directory: Path
) -> Iterator[Path]:
    """Write shards anew as the autoencoder gives them back, those not there yet; yield each.

    Args:
        autoencoder: of the model whose pictures are to be judged.
        shards: of a pool.
        directory: for shards of the same names and layout.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for shard in shards:
        stem = directory / shard.stem.name
        finished = stem.with_name(f"{stem.name}.pictures.npy")
        if finished.exists():
            continue
        np.save(f"{stem}.faces.npy", shard.faces)
        np.save(f"{stem}.frames.npy", shard.frames)
        partial = stem.with_name(f"{stem.name}.partial.npy")
        np.save(partial, through_latents(autoencoder, shard.pictures))
        partial.replace(finished)
        yield finished


def evenly(shards: Sequence[Shard], count: int) -> list[Shard]:
    """Return some of the shards, from all over the pool."""
    places = np.linspace(0, len(shards) - 1, min(count, len(shards)))
    return [shards[round(float(place))] for place in places]


@torch.inference_mode()
def through_latents(autoencoder: Autoencoder, pictures: Pictures) -> Pictures:
    """Return pictures uint8 [N, H, W, 3] after encoding and decoding, of the same shape."""
    batches = [pictures[start : start + _BATCH] for start in range(0, len(pictures), _BATCH)]
    decoded = []
    with torch.autocast("cpu", torch.bfloat16):
        for batch in batches:
            pixels = reconstruct(autoencoder, to_pixels(batch)).float()
            decoded.append(to_bytes(pixels / 2 + 0.5))
    return np.concatenate(decoded)
