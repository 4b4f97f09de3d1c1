"""The people of a pool, cut out once, for the judge to learn from.

Cutting people out of pictures costs more than looking at them. So each shard's are kept in small
squares, a margin wider than `judge_network.VIEWS`, and a lesson shifts, turns and scales them
within that, about as inexactly as they will be found.
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
from irodori.painter.judge_network import SURROUNDINGS, VIEWS, View, person_views
from irodori.painter.questions import PERSONAL_QUESTIONS, personal_labels_of
from irodori.painter.raster.picture import heads_of
from irodori.painter.sampling import sample_scene
from irodori.painter.train_autoencoder import to_pixels

MARGIN: Final = 1.25
"""How much wider than its view a square is kept."""

_SHOWN: Final = ((SURROUNDINGS, 1.8), *((view, MARGIN) for view in VIEWS))
_WIDE: Final = tuple(
    replace(view, side=round(view.side * margin), reach=view.reach * margin)
    for view, margin in _SHOWN
)
_SHIFT: Final = 0.05  # of a head's half width, as far as a finder errs
_SCALE: Final = 0.07
_TURN: Final = math.radians(4)
_FAR: Final = 2.5  # times as much, now and then
_FAR_SHARE: Final = 0.1

_MISPLACED: Final = 0.2  # as far as a detector errs; measured: 0.14, in profiles 0.4
_FARTHEST: Final = 0.5
_SMALLEST: Final = 0.45  # measured: a twentieth is below 0.66 or above 1.32
_LARGEST: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people of some shards.

    Attributes:
        squares: of the surroundings and for each view, uint8 [P, 3, side, side], wider than shown.
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
            for i in range(len(_WIDE))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errors:
    """How inexactly people are shown.

    Attributes:
        shift: right and down, in halves of the head's width, [P, 2].
        scale: of the box to the head, [P].
        turn: in radians, [P].
    """

    shift: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    turn: npt.NDArray[np.float64]


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
    errors = _Errors(
        shift=rng.normal(0, 1, (count, 2)) * _SHIFT * far[:, None],
        scale=np.exp(rng.normal(0, 1, count) * _SCALE * far),
        turn=rng.normal(0, _TURN, count),
    )
    return tuple(
        _shown(square[chosen], view, margin, errors)
        for square, (view, margin) in zip(people.squares[1:], _SHOWN[1:], strict=True)
    )


def misplaced(people: People, chosen: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return the surroundings of badly placed boxes, and how the boxes are put right.

    Args:
        people: all there are.
        chosen: which of them, int64 [P].
        rng: where the errors come from.

    Returns:
        float32 [P, 3, side, side] in -1..1 and [P, 3], as `FinderNetwork` takes and gives them.
    """
    count = len(chosen)
    spread = rng.normal(0, _MISPLACED, (count, 2)).clip(-_FARTHEST, _FARTHEST)
    scale = np.exp(rng.uniform(math.log(_SMALLEST), math.log(_LARGEST), count))
    errors = _Errors(shift=spread, scale=scale, turn=rng.normal(0, _TURN, count))
    corrections = np.concatenate([-spread / scale[:, None], -np.log(scale)[:, None]], 1)
    view, margin = _SHOWN[0]
    shown = _shown(people.squares[0][chosen], view, margin, errors)
    return shown, torch.from_numpy(corrections.astype(np.float32))


def _shown(squares: Tensor, view: View, margin: float, errors: _Errors) -> Tensor:
    """Return what a view shows by boxes that err, [P, 3, side, side] in -1..1."""
    count = len(squares)
    theta = np.zeros((count, 2, 3), np.float32)
    theta[:, 0, 0] = theta[:, 1, 1] = np.cos(errors.turn) * errors.scale / margin
    theta[:, 1, 0] = np.sin(errors.turn) * errors.scale / margin
    theta[:, 0, 1] = -theta[:, 1, 0]
    theta[:, :, 2] = errors.shift / (view.reach * margin)
    theta[:, 1, 2] += (errors.scale - 1) * view.down / (view.reach * margin)
    grid = F.affine_grid(
        torch.from_numpy(theta), [count, 3, view.side, view.side], align_corners=False
    )
    return F.grid_sample(squares.float() / 127.5 - 1, grid, align_corners=False)


def _to_bytes(square: Tensor) -> npt.NDArray[np.uint8]:
    return ((square + 1) * 127.5).round().clamp(0, 255).byte().numpy()


def _file(directory: Path, shard: Shard) -> Path:
    return directory / f"{shard.stem.parent.name}-{shard.stem.name}.npz"
