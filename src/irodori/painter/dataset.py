"""The pool: painted pictures on disk, shard by shard, which both stages train on.

A shard is three arrays of one size, written by `irodori paint pool --config FILE --run DIR`:
`HxW-SEED.pictures.npy` uint8 [N, H, W, 3], `.faces.npy` float32 [N, 2, 4] boxes in pixels
(left, top, right, bottom; NaN where there is no face), `.frames.npy` int32 [N, 6], SDXL's size
conditioning (original height and width, crop top and left, target height and width).
Picture i of a shard shows the scene of seed SEED + i.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from irodori.painter.config import Bucket, PoolSettings
from irodori.painter.raster.picture import paint, stands_of
from irodori.painter.sampling import HELD_OUT_FIRST_SEED, sample_scene
from irodori.painter.scene import Scene

FACES: Final = 2
LARGEST_CUT: Final = 1.4
SMALLEST_SCALE: Final = 0.5

Pictures = npt.NDArray[np.uint8]
Sample = Callable[[int], Scene]
"""Gives the scene of a seed."""


class Frame(NamedTuple):
    """SDXL's size conditioning, in pixels and in the order of its `adm` vector."""

    original_height: int
    original_width: int
    crop_top: int
    crop_left: int
    target_height: int
    target_width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Pictures of one size, memory-mapped.

    Attributes:
        stem: the path without its endings.
        first_seed: scene seed of the first picture.
        pictures: uint8 [N, H, W, 3].
        faces: float32 [N, 2, 4], NaN where there is no face.
        frames: int32 [N, 6].
    """

    stem: Path
    first_seed: int
    pictures: Pictures
    faces: npt.NDArray[np.float32]
    frames: npt.NDArray[np.int32]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pictures.shape[2], self.pictures.shape[1]


def open_shards(directory: Path, *, smallest: int = 0) -> list[Shard]:
    """Open every complete shard of a pool, in the order of their names.

    Args:
        directory: the pool.
        smallest: leave out sizes whose shorter side is below this many pixels.
    """
    shards = (_open_shard(path) for path in sorted(directory.glob("*.pictures.npy")))
    return [shard for shard in shards if min(shard.size) >= smallest]


def _open_shard(path: Path) -> Shard:
    name = path.name.removesuffix(".pictures.npy")
    stem = path.with_name(name)
    return Shard(
        stem=stem,
        first_seed=int(name.split("-")[1]),
        pictures=np.load(path, mmap_mode="r"),
        faces=np.load(f"{stem}.faces.npy"),
        frames=np.load(f"{stem}.frames.npy"),
    )


def paint_pool(
    settings: PoolSettings, directory: Path, sample: Sample = sample_scene
) -> Iterator[Path]:
    """Paint the shards that a pool does not have yet, yielding each as it is complete.

    Which bucket a shard belongs to, and how each picture is framed, follow from its seed: a pool
    that was stopped goes on as if it had not been.
    """
    directory.mkdir(parents=True, exist_ok=True)
    shares = np.array([bucket.share for bucket in settings.buckets])
    for index in range(settings.shards):
        first_seed = settings.first_seed + index * settings.shard
        rng = np.random.default_rng([settings.first_seed, index])
        bucket = settings.buckets[rng.choice(len(shares), p=shares / shares.sum())]
        stem = directory / f"{bucket.height}x{bucket.width}-{first_seed:09d}"
        finished = stem.with_name(f"{stem.name}.pictures.npy")
        if finished.exists():
            continue
        framed = [draw_frame(settings, bucket, rng) for _ in range(settings.shard)]
        scenes = [sample(first_seed + i) for i in range(settings.shard)]
        pictures, faces = _paint_shard(scenes, framed)
        np.save(f"{stem}.faces.npy", faces)
        np.save(f"{stem}.frames.npy", np.array(framed, np.int32))
        partial = stem.with_name(f"{stem.name}.partial.npy")
        np.save(partial, pictures)
        partial.replace(finished)
        yield finished


def _paint_shard(
    scenes: Sequence[Scene], frames: Sequence[Frame]
) -> tuple[Pictures, npt.NDArray[np.float32]]:
    painted = [paint_framed(*each) for each in zip(scenes, frames, strict=True)]
    return np.stack([picture for picture, _ in painted]), np.stack([boxes for _, boxes in painted])


def draw_frame(settings: PoolSettings, bucket: Bucket, rng: np.random.Generator) -> Frame:
    """Choose how a picture fills its bucket: whole, cut out of a larger one, or enlarged."""
    width, height = bucket.width, bucket.height
    kind = rng.random()
    if kind < settings.cropped:
        scale = rng.uniform(1.05, LARGEST_CUT)
        large_width, large_height = round(width * scale), round(height * scale)
        top = int(rng.integers(0, large_height - height + 1))
        left = int(rng.integers(0, large_width - width + 1))
        return Frame(large_height, large_width, top, left, height, width)
    if kind < settings.cropped + settings.enlarged:
        scale = rng.uniform(SMALLEST_SCALE, 0.85)
        return Frame(round(height * scale), round(width * scale), 0, 0, height, width)
    return Frame(height, width, 0, 0, height, width)


def paint_framed(scene: Scene, frame: Frame) -> tuple[Pictures, npt.NDArray[np.float32]]:
    """Return the picture of a scene in a frame, uint8 [H, W, 3], and its faces [2, 4]."""
    height, width = frame.original_height, frame.original_width
    picture = paint(scene, width, height)
    faces = np.full((FACES, 4), np.nan, np.float32)
    for i, stand in enumerate(stands_of(scene, width, height)):
        faces[i] = (
            stand.x - stand.radius,
            stand.y - stand.radius,
            stand.x + stand.radius,
            stand.y + stand.radius,
        )
    target = (frame.target_width, frame.target_height)
    if min(height / target[1], width / target[0]) < 1:
        scaled = Image.fromarray(picture).resize(target, Image.Resampling.BICUBIC)
        return np.asarray(scaled), faces * (target[0] / width)
    top, left = frame.crop_top, frame.crop_left
    faces -= np.array([left, top, left, top], np.float32)
    return picture[top : top + target[1], left : left + target[0]], faces


def held_out_pool(settings: PoolSettings) -> PoolSettings:
    """Return the pool of pictures that nothing is trained on, all of them whole."""
    return replace(
        settings,
        first_seed=HELD_OUT_FIRST_SEED,
        shards=4 * len(settings.buckets),
        shard=32,
        cropped=0.0,
        enlarged=0.0,
    )
