"""The pool: what is painted, in which frame, and that it goes on where it stopped."""

from pathlib import Path

import numpy as np
import pytest

from irodori.errors import InputError
from irodori.painter.config import Bucket, PoolSettings, read_config
from irodori.painter.dataset import (
    Frame,
    draw_frame,
    held_out_pool,
    open_shards,
    paint_framed,
    paint_pool,
)
from irodori.painter.raster.picture import paint
from irodori.painter.sampling import HELD_OUT_FIRST_SEED, sample_scene

BUCKETS = (Bucket(width=32, height=48, share=1.0), Bucket(width=48, height=32, share=1.0))
POOL = PoolSettings(first_seed=3, shards=3, shard=2, buckets=BUCKETS)
CONFIGS = Path(__file__).parents[3] / "src" / "irodori" / "painter" / "configs"


def test_a_stopped_pool_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = [path.name for path in paint_pool(POOL, tmp_path / "whole")]
    assert len(whole) == 3
    painting = paint_pool(POOL, tmp_path / "parts")
    next(painting)
    painting.close()
    assert [path.name for path in paint_pool(POOL, tmp_path / "parts")] == whole[1:]
    for one, other in zip(
        open_shards(tmp_path / "whole"), open_shards(tmp_path / "parts"), strict=True
    ):
        assert np.array_equal(one.pictures, other.pictures)
        assert np.array_equal(one.frames, other.frames)


def test_a_shard_shows_the_scenes_of_its_seeds(tmp_path: Path) -> None:
    settings = PoolSettings(shards=1, shard=2, cropped=0, enlarged=0, buckets=BUCKETS[:1])
    list(paint_pool(settings, tmp_path))
    (shard,) = open_shards(tmp_path)
    assert shard.size == (32, 48)
    assert np.array_equal(shard.pictures[1], paint(sample_scene(shard.first_seed + 1), 32, 48))
    assert open_shards(tmp_path, smallest=40) == []


def test_a_cut_picture_is_the_part_it_says() -> None:
    picture, faces = paint_framed(sample_scene(8), Frame(64, 64, 10, 6, 48, 32))
    assert np.array_equal(picture, paint(sample_scene(8), 64, 64)[10:58, 6:38])
    whole = paint_framed(sample_scene(8), Frame(64, 64, 0, 0, 64, 64))[1]
    assert np.allclose(faces, whole - np.array([6, 10, 6, 10]), equal_nan=True)


def test_an_enlarged_picture_and_its_faces_grow_alike() -> None:
    small, small_faces = paint_framed(sample_scene(8), Frame(32, 32, 0, 0, 32, 32))
    large, faces = paint_framed(sample_scene(8), Frame(32, 32, 0, 0, 64, 64))
    assert large.shape == (64, 64, 3)
    means = large.reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.abs(means - small).mean() < 6
    assert np.allclose(faces, 2 * small_faces, equal_nan=True)


def test_frames_are_drawn_in_their_shares() -> None:
    settings = PoolSettings(shards=1, cropped=0.3, enlarged=0.2, buckets=BUCKETS)
    rng = np.random.default_rng(0)
    frames = [draw_frame(settings, BUCKETS[0], rng) for _ in range(600)]
    cut = [frame for frame in frames if frame.original_height > 48]
    grown = [frame for frame in frames if frame.original_height < 48]
    assert 0.24 < len(cut) / 600 < 0.36
    assert 0.14 < len(grown) / 600 < 0.26
    assert all(f.crop_top + 48 <= f.original_height for f in cut)
    assert any(f.crop_left for f in cut)


def test_held_out_pictures_are_whole_and_of_held_out_seeds() -> None:
    settings = held_out_pool(POOL)
    assert settings.first_seed >= HELD_OUT_FIRST_SEED
    assert settings.cropped == settings.enlarged == 0
    assert POOL.first_seed + POOL.shards * POOL.shard < HELD_OUT_FIRST_SEED


def test_shipped_configs_are_readable_and_train_on_no_held_out_seed() -> None:
    files = sorted(CONFIGS.glob("*.toml"))
    assert files
    for file in files:
        pool = read_config(file).pool
        assert pool.first_seed + pool.shards * pool.shard <= HELD_OUT_FIRST_SEED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pool = ", "cannot be read as TOML"),
        ("[pool]\nshards = 1", "needs exactly the tables"),
        ("[pool]\nshards=1\n[autoencoder]\n[judge]\n[model]\n", "no size to paint"),
        (
            (
                "[pool]\nshards=1\n[[pool.buckets]]\nwidth=8\nheight=8\nshare=1\n"
                "[autoencoder]\nspeed=1\nsteps=1\n[judge]\n[model]\nsteps=1"
            ),
            "has no speed",
        ),
        (
            (
                "[pool]\nshards=1\n[[pool.buckets]]\nwidth=8\nheight=8\nshare=1\n"
                "[autoencoder]\n[judge]\n[model]\nsteps=1"
            ),
            "steps",
        ),
    ],
)
def test_a_wrong_config_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_config(path)
