"""The adapter's file: safetensors with the metadata that trainers write and other tools read.

`ss_*` as kohya's trainer has it, `modelspec.*` as Stability's specification; `irodori.recipe` is
the configuration itself, from which the adapter can be made again.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from irodori.errors import OutputError
from irodori.painter.adapt.base import Base
from irodori.painter.adapt.config import NETWORKS, AdapterConfig, Kind
from irodori.painter.adapt.subjects import Subject
from irodori.painter.prompts import split_caption

RECIPE: Final = "irodori.recipe"
BASE_HASH: Final = "ss_new_sd_model_hash"
BEGUN_WITH: Final = "irodori.begun_with"
"""SHA-256 of what was trained for another model and gone on with."""

_SDXL: Final = "sdxl_base_v1-0"
_ARCHITECTURE: Final = "stable-diffusion-xl-v1-base"
_TRAINERS: Final = {
    Kind.LORA: "networks.lora",
    Kind.LCM: "networks.lora",
    Kind.DORA: "lycoris.kohya",
    Kind.LOKR: "lycoris.kohya",
}
_COUNTED: Final = 400  # captions whose tags are counted


def write_adapter(
    path: Path,
    tensors: dict[str, Tensor],
    config: AdapterConfig,
    base: Base,
    subject: Subject,
    begun: Mapping[str, str],
) -> int:
    """Write an adapter and return the file's size in bytes.

    Args:
        path: replaced whole, or not at all.
        tensors: of `Adaptation`.
        config: what it was trained by.
        base: what it was trained on.
        subject: what it shows.
        begun: `BEGUN_WITH`, if it was.

    Raises:
        OutputError: the file cannot be written.
    """
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial, metadata_of(config, base, subject) | dict(begun))
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"'{path}' cannot be written: {error}") from error
    return path.stat().st_size


def metadata_of(config: AdapterConfig, base: Base, subject: Subject) -> dict[str, str]:
    """Return what the file says of itself."""
    adapter, training = config.adapter, config.training
    kind = "textual-inversion" if adapter.kind not in NETWORKS else "lora"
    said = {
        RECIPE: config.text,
        "modelspec.architecture": f"{_ARCHITECTURE}/{kind}",
        "modelspec.title": config.name,
        "ss_output_name": config.name,
        "ss_base_model_version": _SDXL,
        "ss_sd_model_name": base.path.name,
        BASE_HASH: base.sha256,
        "ss_max_train_steps": str(training.steps),
        "ss_steps": str(training.steps),
        "ss_learning_rate": str(training.learning_rate),
        "ss_seed": str(training.seed),
        "ss_num_train_images": str(config.pool.shards * config.pool.shard),
        "ss_resolution": str(tuple((each.width, each.height) for each in config.pool.buckets)),
        "ss_tag_frequency": json.dumps({config.name: tag_counts(config, subject)}),
    }
    if adapter.kind not in NETWORKS:  # its file's name is what calls it
        return said
    arguments: dict[str, object] = {"conv_dim": adapter.convolution_rank}
    if adapter.kind is Kind.LOKR:
        arguments |= {"algo": "lokr", "factor": adapter.factor}
    elif adapter.kind is Kind.DORA:
        arguments |= {"algo": "lora", "dora_wd": True}
    if subject.trigger:
        said["modelspec.trigger_phrase"] = subject.trigger
    return said | {
        "ss_network_module": _TRAINERS[adapter.kind],
        "ss_network_dim": str(adapter.rank),
        "ss_network_alpha": str(adapter.alpha or float(adapter.rank)),
        "ss_network_args": json.dumps(arguments),
        "ss_text_encoder_lr": str(training.text_learning_rate if adapter.text else 0.0),
    }


def tag_counts(config: AdapterConfig, subject: Subject) -> dict[str, int]:
    """Return how often the captions of the pool's first pictures say each tag."""
    rng = Random(config.training.seed)  # noqa: S311  # captions, not secrets
    first = config.pool.first_seed
    count = min(_COUNTED, config.pool.shards * config.pool.shard)
    counts: Counter[str] = Counter()
    for seed in range(first, first + count):
        counts.update(tag for tag, _ in split_caption(subject.speak(subject.sample(seed), rng)))
    return dict(counts.most_common())
