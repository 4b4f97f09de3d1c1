"""Stage three on a toy run: the decoder alone learns, from what the model leaves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from irodori.errors import InputError
from irodori.painter.config import (
    AutoencoderTraining,
    Bucket,
    DecoderTraining,
    ModelTraining,
    PoolSettings,
    TrainingConfig,
)
from irodori.painter.crew import Crew
from irodori.painter.dataset import open_shards, paint_pool
from irodori.painter.frozen_autoencoder import POLISHED, read_frozen, read_released, write_frozen
from irodori.painter.train import train_model
from irodori.painter.train_autoencoder import new_autoencoder
from irodori.painter.train_decoder import as_drawn, lessons_of, train_decoder

SIZES = ((32, 32), (32, 48))
DECODER = DecoderTraining(steps=6, pixels=3 * 32 * 32, latest=400, learning_rate=1e-3, seed=2)


@pytest.fixture
def config(toy_training: ModelTraining) -> TrainingConfig:
    buckets = tuple(Bucket(width=width, height=height, share=0.5) for width, height in SIZES)
    autoencoder = AutoencoderTraining(channels=(8,) * 4, res_blocks=1, groups=4, steps=1, crop=32)
    return TrainingConfig(
        pool=PoolSettings(shards=4, shard=4, buckets=buckets),
        autoencoder=autoencoder,
        model=replace(toy_training, warm_up_steps=1, batch=4),
        decoder=DECODER,
    )


@pytest.fixture
def directory(config: TrainingConfig, tmp_path: Path) -> Path:
    """A run with a pool and a frozen autoencoder."""
    list(paint_pool(config.pool, tmp_path / "pool"))
    write_frozen(new_autoencoder(config.autoencoder), tmp_path)
    return tmp_path


@pytest.fixture
def trained(config: TrainingConfig, directory: Path) -> tuple[TrainingConfig, Path]:
    """A run whose model has taken its step."""
    train_model(config, directory)
    return config, directory


def test_only_the_decoder_learns(trained: tuple[TrainingConfig, Path]) -> None:
    config, directory = trained
    before = read_frozen(directory)
    assert read_released(directory).state_dict().keys() == before.state_dict().keys()
    train_decoder(config, directory)
    assert (directory / POLISHED).exists()
    after = read_released(directory)
    same = {
        name: torch.equal(value, before.state_dict()[name])
        for name, value in after.state_dict().items()
    }
    assert {name for name, kept in same.items() if not kept} >= {"decoder.conv_in.weight"}
    assert all(kept for name, kept in same.items() if name.startswith(("encoder.", "quant_conv")))
    unchanged = read_frozen(directory).state_dict()
    assert all(torch.equal(value, unchanged[name]) for name, value in before.state_dict().items())


def test_a_stopped_run_goes_on_to_the_same_decoder(trained: tuple[TrainingConfig, Path]) -> None:
    config, directory = trained
    train_decoder(config, directory)
    once = read_released(directory).state_dict()
    (directory / POLISHED).unlink()
    train_decoder(config, directory)  # nothing is left to train
    again = read_released(directory).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in once.items())


def test_lessons_show_what_the_model_leaves_and_now_and_then_the_encoders_own(
    trained: tuple[TrainingConfig, Path],
) -> None:
    config, directory = trained
    model, lessons = lessons_of(config, directory, Crew())
    shards = {shard.size: shard for shard in open_shards(directory / "pool")}
    clean = []
    for step in range(12):
        lesson = lessons.at(step)
        height, width = lesson.pixels.shape[-2:]
        assert (width, height) in shards
        assert lesson.latents.shape[-2:] == (height // 8, width // 8)
        left = as_drawn(model, lesson, lessons.signal)
        moved = (left - lesson.latents).abs().amax((1, 2, 3)) > 0
        assert moved.tolist() == (lesson.t > 0).tolist()
        assert int(lesson.t.max()) <= config.decoder.latest
        clean += (lesson.t == 0).tolist()
        assert torch.equal(lesson.noise, lessons.at(step).noise)
    assert 0 < np.mean(clean) < 0.6


def test_a_run_without_a_model_is_told(config: TrainingConfig, directory: Path) -> None:
    with pytest.raises(InputError, match="no model was trained here"):
        train_decoder(config, directory)
