"""An autoencoder from a file of its own, in place of a checkpoint's."""

import re
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Final

import torch

from irodori.catalog.header import Header
from irodori.catalog.identify import AUTOENCODER, identify
from irodori.engine.device import DevicePolicy
from irodori.engine.loading.configs import autoencoder_config
from irodori.engine.loading.diffusers_names import autoencoder_name
from irodori.engine.loading.fill import Prefixed, fill
from irodori.engine.loading.source import open_source
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.errors import ModelFileError

_DIFFUSERS: Final = re.compile(r"decoder\.up_blocks\.(\d+)\.")
_REDUCTION: Final = 8
_PARTS: Final = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")
_TOLD: Final = 3  # names an error message lists


def load_autoencoder(path: Path, policy: DevicePolicy, *, latent_channels: int) -> Autoencoder:
    """Return the autoencoder in a file: alone in it, or as a part of a checkpoint.

    Both layouts are read, the single file's and diffusers'.

    Args:
        path: a safetensors file, or one that torch pickled.
        policy: of the model it serves.
        latent_channels: of that model.

    Raises:
        ModelFileError: the file cannot be read, has no autoencoder, or one of other latents.
    """
    source = open_source(path)
    renamed = _renamed(source.header)
    tensors = {ours: source.header.tensors[theirs] for ours, theirs in renamed.items()}
    if not tensors:
        raise ModelFileError(f"'{path}' is {identify(source.header)}; it has no autoencoder")
    header = replace(source.header, tensors=tensors)
    config = autoencoder_config(header)
    if (config.latent_channels, config.reduction) != (latent_channels, _REDUCTION):
        raise ModelFileError(
            f"'{path}' is an autoencoder of {config.latent_channels} channels and 1/"
            f"{config.reduction} of the size; this model needs {latent_channels} and 1/{_REDUCTION}"
        )
    with torch.device("meta"):
        module = Autoencoder(config)
    wanted = {AUTOENCODER + name: tuple(value.shape) for name, value in module.state_dict().items()}
    wrong = [
        name
        for name, shape in wanted.items()
        if name not in tensors or prod(tensors[name].shape) != prod(shape)
    ]
    if wrong:
        told = ", ".join(wrong[:_TOLD])
        raise ModelFileError(f"'{path}' lacks {told}, or has them in other shapes")
    with source.opened() as read:

        def shaped(name: str) -> torch.Tensor:
            # Diffusers' attention has linears where the layout has 1x1 convolutions.
            return read(renamed[name]).reshape(wanted[name])

        fill(module, Prefixed(header, AUTOENCODER, shaped), policy, policy.autoencoder)
    return module


def _renamed(header: Header) -> dict[str, str]:
    """Return the autoencoder's names in a file by the whole names of the single-file layout."""
    whole = [name for name in header.tensors if name.startswith(AUTOENCODER)]
    if whole:
        return {name: name for name in whole}
    parts = [name for name in header.tensors if name.startswith(_PARTS)]
    levels = {found[1] for name in parts if (found := _DIFFUSERS.match(name))}
    return {AUTOENCODER + autoencoder_name(name, len(levels)): name for name in parts}
