"""The people of a pool, cut out once, for the judge to learn from.

Cutting people out of pictures costs more than looking at them. So each shard's are kept in small
squares, a margin wider than `judge_network.VIEWS`, and a lesson shifts, turns and scales them
within that, about as inexactly as a detector will say where they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from irodori.painter.crew import Crew
from irodori.painter.dataset import Shard
from irodori.painter.judge_network import VIEWS, person_views
from irodori.painter.questions import PERSONAL_QUESTIONS, personal_labels_of
from irodori.painter.raster.picture import heads_of
from irodori.painter.sampling import sample_scene
from irodori.painter.train_autoencoder import to_pixels

MARGIN: Final = 1.25
"""How much wider than its view a square is kept."""

_WIDE: Final = tuple(
    replace(view, side=round(view.side * MARGIN), reach=view.reach * MARGIN) for view in VIEWS
)
_SHIFT: Final = 0.1  # of a head's half width; measured: the middle error of a detected face is 0.08
_SCALE: Final = 0.2  # measured: 0.19
_TURN: Final = math.radians(4)
_FAR: Final = 2.5  # times as much, now and then
_FAR_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people of some shards.

    Attributes:
        squares: for each view, uint8 [P, 3, side, side], `MARGIN` wider than the view.
        labels: int64 [P, personal questions].
    """

    squares: tuple[Tensor, ...]
    labels: Tensor


def cut_out_people(shards: Sequence[Shard], directory: Path, crew: Crew) -> None:
    """Cut the people out of the shards where that has not been done; workers share the work."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = [shard for shard in shards if not _file(directory, shard).exists()]
    for shard in missing[crew.rank :: crew.size]:
        squares, labels = _people_of(shard)
        kept: dict[str, Any] = {f"view{i}": square for i, square in enumerate(squares)}
        partial = _file(directory, shard).with_suffix(".partial.npz")
        np.savez(partial, labels=labels, **kept)
        partial.replace(_file(directory, shard))
    crew.wait()


def open_people(shards: Sequence[Shard], directory: Path) -> People:
    """Return the people that were cut out of the shards."""
    files = [np.load(_file(directory, shard)) for shard in shards]
    return People(
        squares=tuple(
            torch.from_numpy(np.concatenate([file[f"view{i}"] for file in files]))
            for i in range(len(VIEWS))
        ),
        labels=torch.from_numpy(np.concatenate([file["labels"] for file in files])),
    )


def _people_of(shard: Shard) -> tuple[list[npt.NDArray[np.uint8]], npt.NDArray[np.int64]]:
    """Return the squares and labels of the people in a shard's whole pictures."""
    squares: list[tuple[npt.NDArray[np.uint8], ...]] = []
    labels = []
    for i in np.flatnonzero(shard.frames[:, 0] == shard.frames[:, 4]):
        scene = sample_scene(shard.first_seed + int(i))
        pixels = to_pixels(shard.pictures[i : i + 1])[0]
        for person, (x, y, radius) in zip(scene.people, heads_of(scene, *shard.size), strict=True):
            head = np.array([x - radius, y - radius, x + radius, y + radius], np.float32)
            squares.append(tuple(map(_to_bytes, person_views(pixels, head, _WIDE))))
            labels.append(personal_labels_of(scene, person))
    stacked = [
        np.stack([square[i] for square in squares])
        if squares
        else np.zeros((0, 3, view.side, view.side), np.uint8)
        for i, view in enumerate(_WIDE)
    ]
    return stacked, np.array(labels, np.int64).reshape(-1, len(PERSONAL_QUESTIONS))


def jittered(people: People, chosen: Tensor, rng: np.random.Generator) -> tuple[Tensor, ...]:
    """Return some of the people as `VIEWS` show them, not quite in the middle.

    Args:
        people: all there are.
        chosen: which of them, int64 [P].
        rng: where the inexactness comes from.

    Returns:
        For each view float32 [P, 3, side, side] in -1..1.
    """
    count = len(chosen)
    far = np.where(rng.random(count) < _FAR_SHARE, _FAR, 1.0)
    shift = rng.normal(0, 1, (count, 2)) * _SHIFT * far[:, None]
    scale = np.exp(rng.normal(0, 1, count) * _SCALE * far)
    turn = rng.normal(0, _TURN, count)
    views = []
    for view, square in zip(VIEWS, people.squares, strict=True):
        theta = np.zeros((count, 2, 3), np.float32)
        theta[:, 0, 0] = theta[:, 1, 1] = np.cos(turn) * scale / MARGIN
        theta[:, 1, 0] = np.sin(turn) * scale / MARGIN
        theta[:, 0, 1] = -theta[:, 1, 0]
        theta[:, :, 2] = shift / (view.reach * MARGIN)
        theta[:, 1, 2] += (scale - 1) * view.down / (view.reach * MARGIN)
        grid = F.affine_grid(
            torch.from_numpy(theta), [count, 3, view.side, view.side], align_corners=False
        )
        pixels = square[chosen].float() / 127.5 - 1
        views.append(F.grid_sample(pixels, grid, align_corners=False))
    return tuple(views)


def _to_bytes(square: Tensor) -> npt.NDArray[np.uint8]:
    return ((square + 1) * 127.5).round().clamp(0, 255).byte().numpy()


def _file(directory: Path, shard: Shard) -> Path:
    return directory / f"{shard.stem.parent.name}-{shard.stem.name}.npz"
