"""The autoencoder as stage two and the release use it: averaged weights, statistics folded in.

Source of the fixed scale: Podell et al. 2023, arXiv:2307.01952, section 2.4, and the 0.13025 of the
released files, which every program that opens them has written into it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, cast

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.errors import InputError
from irodori.painter.config import AutoencoderTraining
from irodori.painter.dataset import Shard
from irodori.painter.run import Run
from irodori.painter.train_autoencoder import STAGE, new_autoencoder, to_pixels

FILE: Final = "autoencoder.safetensors"
POLISHED: Final = "autoencoder.decoder.safetensors"
"""The same with the decoder of stage three, if the run has one."""

_CONFIG: Final = "irodori.autoencoder"
_PICTURES_A_SHARD: Final = 16


def freeze(settings: AutoencoderTraining, directory: Path, shards: Sequence[Shard]) -> Autoencoder:
    """Write DIR/autoencoder.safetensors, float32, from the run's averaged weights.

    Args:
        settings: those of the training.
        directory: the run's directory.
        shards: the pool, of which some pictures of each shard give the latents' statistics.

    Raises:
        InputError: the run has no trained autoencoder.
    """
    state = Run(directory=directory, stage=STAGE).load()
    if state is None:
        raise InputError(f"{directory}: no autoencoder was trained here (--stage autoencoder)")
    module = new_autoencoder(settings)
    module.load_state_dict(state["averaged"])
    pictures = (to_pixels(shard.pictures[:_PICTURES_A_SHARD]) for shard in shards)
    fold_statistics(module, *latent_statistics(module, pictures))
    write_frozen(module, directory)
    return module


def write_frozen(module: Autoencoder, directory: Path, name: str = FILE) -> None:
    """Write an autoencoder as a run's frozen one."""
    config = {_CONFIG: json.dumps(asdict(module.config))}
    tensors = {name: value.contiguous() for name, value in module.state_dict().items()}
    save_file(tensors, directory / name, metadata=config)


def read_released(directory: Path) -> Autoencoder:
    """Return the autoencoder that a release takes: with the decoder of stage three if there is one.

    Raises:
        InputError: there is none.
    """
    return read_frozen(directory, POLISHED if (directory / POLISHED).exists() else FILE)


def read_frozen(directory: Path, name: str = FILE) -> Autoencoder:
    """Return the autoencoder that `freeze` wrote into a run's directory, for evaluation.

    Raises:
        InputError: there is none.
    """
    path = directory / name
    if not path.exists():
        raise InputError(
            f"{path} is missing: the autoencoder is not frozen yet (irodori paint freeze)"
        )
    with safe_open(path, framework="pt") as file:
        values = json.loads(file.metadata()[_CONFIG])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    module = Autoencoder(AutoencoderConfig(**values | {"channels": tuple(values["channels"])}))
    module.load_state_dict(tensors)
    return module.eval().requires_grad_(requires_grad=False)


@torch.inference_mode()
def latent_statistics(module: Autoencoder, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each latent channel, [4] each, over pixel batches."""
    count, total, squares = (
        0,
        torch.zeros(4, dtype=torch.double),
        torch.zeros(4, dtype=torch.double),
    )
    for pixels in batches:
        mean = module.encode(pixels).mean.double()
        count += mean[:, 0].numel()
        total += mean.sum((0, 2, 3))
        squares += (mean * mean).sum((0, 2, 3))
    mean = total / count
    return mean.float(), (squares / count - mean * mean).sqrt().float()


@torch.no_grad()
def fold_statistics(module: Autoencoder, mean: Tensor, std: Tensor) -> None:
    """Make the latents' mean 0 and standard deviation 1 / scale, in place and exactly.

    The 1x1 convolutions between autoencoder and latents absorb the change: what is decoded of
    what is encoded stays the same, and multiplying by `config.scale` (SDXL's 0.13025, written into
    every program that opens SDXL files) gives unit variance.

    Args:
        module: the autoencoder.
        mean: of each latent channel now, [4].
        std: of each latent channel now, [4].
    """
    gain = 1 / (module.config.scale * std)
    quant, post = module.quant_conv, module.post_quant_conv
    quant_bias, post_bias = (cast("Tensor", conv.bias) for conv in (quant, post))  # both have one
    channels = len(mean)
    quant.weight[:channels] *= gain[:, None, None, None]
    quant_bias[:channels] = (quant_bias[:channels] - mean) * gain
    quant_bias[channels:] += 2 * gain.log()  # the log-variance scales with the mean
    post_bias += post.weight[:, :, 0, 0] @ mean
    post.weight /= gain[None, :, None, None]
