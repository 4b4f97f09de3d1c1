"""The trainer's configuration: every hyper-parameter, with its unit, read from one TOML file.

The files of the released models are in `configs/`. A run is reproduced by its file and its seed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from irodori.errors import InputError

_Settings = TypeVar("_Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One size of the pool.

    Attributes:
        width: in pixels, a multiple of 16.
        height: in pixels, a multiple of 16.
        share: its part of the pool's pictures, relative to the other buckets' shares.
    """

    width: int
    height: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """The painted pictures that both stages train on.

    Attributes:
        first_seed: the scene seed of the first picture; the others follow one by one.
        shards: how many files of `shard` pictures each.
        shard: pictures a file.
        cropped: share of pictures painted larger than their bucket and cut at a random place.
        enlarged: share of pictures painted smaller than their bucket and scaled up. Both are told
            to the model as SDXL tells them: original size and crop corner.
        buckets: the sizes.
    """

    first_seed: int = 1
    shards: int
    shard: int = 128
    cropped: float = 0.1
    enlarged: float = 0.06
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderTraining:
    """Stage one.

    Attributes:
        channels: width of each level; downscales by two between levels.
        res_blocks: residual blocks a level in the encoder; SDXL's 2 gives SDXL's key names.
        groups: groups of every GroupNorm.
        steps: optimiser steps.
        batch: crops a step.
        crop: their side in pixels.
        face_crops: share of crops laid over a face, where the picture has one.
        full_from: progress (0 to 1) from which every other step sees whole pictures.
        full_batch: whole pictures a step.
        learning_rate: AdamW's, at its peak; warmed up over 100 steps, then cosine to 3 %.
        gradient_weight: weight of the difference of the pictures' gradients (edges, thin lines).
        kl_weight: weight of the posterior's divergence from N(0, 1), per latent number.
        seed: of initialisation, batches and posterior noise.
    """

    channels: tuple[int, ...] = (16, 32, 96, 128)
    res_blocks: int = 2
    groups: int = 8
    steps: int
    batch: int = 8
    crop: int = 64
    face_crops: float = 0.4
    full_from: float = 0.75
    full_batch: int = 1
    learning_rate: float = 1.5e-3
    gradient_weight: float = 0.6
    kl_weight: float = 8e-5
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraining:
    """Stage two: the UNet and both text encoders.

    Attributes:
        channels: UNet width of each level.
        transformers: transformer blocks of each level.
        res_blocks: residual blocks a level.
        head_channels: channels an attention head; divides the levels that have transformers.
        groups: groups of every GroupNorm.
        text_width: width of the first text encoder; cross-attention sees both side by side.
        text_width_pooled: width of the second text encoder, and of its pooled vector.
        text_layers: layers of each; the penultimate one's states are used.
        text_heads: attention heads of each.
        warm_up_steps: steps of `warm_up`, which teaches the text encoders alone beforehand.
        steps: optimiser steps.
        batch: pictures a step of the smallest bucket; larger ones take as many as cost the same.
        large_from: progress (0 to 1) up to which only the smallest bucket is seen.
        large_share: share of the steps after that which see one of the other buckets.
        learning_rate: AdamW's for the UNet, at its peak.
        text_learning_rate: AdamW's for the text encoders, at its peak.
        decay_from: progress from which the rate falls, by a cosine to 2 %.
        unconditional: share of prompts left empty, so that CFG has its other branch.
        zeroed: share of those whose embeddings are zeroed besides, as SDXL does for "".
        emphasised: share of prompts with a weight on a tag: 0.8 to 1.5, or 0 to 0.3 on a tag of
            something that the picture does not show.
        made_up: share of prompts with a made-up word, so that unknown words do no harm.
        pooled_dropped: share of emphasised prompts that get a zero pooled vector, so that the
            weights on tokens must be read.
        min_snr: gamma of min-SNR weighting. Source: Hang et al. 2023, arXiv:2303.09556.
        time_centre: middle of the logit-normal times; 0 is t = 500, 0.4 is t = 600.
        most_weight: bound of the weight that high noise gets, see `train.time_weights`.
        ema: decay of the averaged weights, a step.
        seed: of initialisation, batches and noise.
    """

    channels: tuple[int, ...] = (48, 96, 128)
    transformers: tuple[int, ...] = (0, 1, 1)
    res_blocks: int = 2
    head_channels: int = 32
    groups: int = 16
    text_width: int = 64
    text_width_pooled: int = 80
    text_layers: int = 3
    text_heads: int = 4
    warm_up_steps: int = 400
    steps: int
    batch: int = 32
    large_from: float = 0.7
    large_share: float = 0.4
    learning_rate: float = 1e-3
    text_learning_rate: float = 3e-4
    decay_from: float = 0.55
    unconditional: float = 0.1
    zeroed: float = 0.3
    emphasised: float = 0.1
    made_up: float = 0.05
    pooled_dropped: float = 0.3
    min_snr: float = 5.0
    time_centre: float = 0.4
    most_weight: float = 12.0
    ema: float = 0.998
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderTraining:
    """Stage three: the decoder, on latents as the model leaves them.

    Attributes:
        steps: optimiser steps.
        pixels: of the pictures that a worker sees in a step, at least one picture.
        clean: share of the pictures whose latents are left as the encoder gave them.
        latest: the most noise that the model cleans, as a time, 1..999; 350 is a sigma of 0.9.
        learning_rate: AdamW's, at its peak; falls by a cosine from one fifth on.
        ema: decay of the averaged weights, a step.
        seed: of batches, noise and captions.
    """

    steps: int = 1200
    pixels: int = 256 * 192
    clean: float = 0.25
    latest: int = 350
    learning_rate: float = 4e-4
    ema: float = 0.99
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeTraining:
    """The classifier that the evaluation asks.

    Attributes:
        steps: optimiser steps.
        batch: pictures a step and worker.
        learning_rate: AdamW's, at its peak.
        smallest: shorter side in pixels of the smallest pictures it learns from.
        seed: of initialisation and batches.
    """

    steps: int = 1500
    batch: int = 32
    learning_rate: float = 2e-3
    smallest: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """One TOML file: tables `pool`, `autoencoder`, `judge`, `model`, and `decoder` if wished."""

    pool: PoolSettings
    autoencoder: AutoencoderTraining
    model: ModelTraining
    judge: JudgeTraining = JudgeTraining()
    decoder: DecoderTraining = DecoderTraining()


_TABLES: Final = ("pool", "autoencoder", "judge", "model")
_FURTHER_TABLE: Final = "decoder"  # configurations of releases before it do without


def read_config(path: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises:
        InputError: the file is no TOML, or a table or key is missing or unknown.
    """
    data = read_tables(path)
    if set(data) - {_FURTHER_TABLE} != set(_TABLES):
        raise InputError(f"{path}: needs exactly the tables {', '.join(_TABLES)}")
    return TrainingConfig(
        pool=pool_of(data["pool"], path),
        autoencoder=settings_of(AutoencoderTraining, data["autoencoder"], path),
        judge=settings_of(JudgeTraining, data["judge"], path),
        model=settings_of(ModelTraining, data["model"], path),
        decoder=settings_of(DecoderTraining, data.get(_FURTHER_TABLE, {}), path),
    )


def read_tables(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises:
        InputError: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error


def pool_of(table: Mapping[str, Any], path: Path) -> PoolSettings:
    """Return the settings of a table `pool` with its buckets.

    Raises:
        InputError: there is no bucket, or a key is missing or unknown.
    """
    pool = dict(table)
    buckets = tuple(settings_of(Bucket, row, path) for row in pool.pop("buckets", ()))
    if not buckets:
        raise InputError(f"{path}: [[pool.buckets]] is missing: no size to paint")
    return settings_of(PoolSettings, pool | {"buckets": buckets}, path)


def settings_of(kind: type[_Settings], table: Mapping[str, Any], path: Path) -> _Settings:
    """Return a frozen settings value of a table; TOML's lists become tuples.

    Raises:
        InputError: a key is missing or unknown; `path` is the file to name.
    """
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{path}: {kind.__name__} has no {', '.join(unknown)}")
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise InputError(f"{path}: {error}") from error
