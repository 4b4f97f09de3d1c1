"""The sizes of a model, read from its file: what shapes tell, and what only the file can say.

Heads, groups and the latents' scale leave no trace in any shape. SDXL's are the default; a model of
other ones states them as JSON in the file's metadata, under `irodori.config`:

    {"unet": {"head_dim": 48, "groups": 16}, "autoencoder": {"groups": 8, "scale": 0.2},
     "text_l": {"heads": 4}, "text_g": {"heads": 4}}
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

from irodori.catalog.header import Header
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET
from irodori.engine.modules.autoencoder import AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig
from irodori.engine.modules.unet import UNetConfig
from irodori.errors import ModelFileError

METADATA_KEY: Final = "irodori.config"

_CLIP_HEAD_DIM: Final = 64  # of every CLIP that SDXL uses
_UNSAID: Final[Mapping[str, tuple[str, ...]]] = {
    "unet": ("head_dim", "groups"),
    "autoencoder": ("groups", "scale"),
    "text_l": ("heads",),
    "text_g": ("heads",),
}
"""The fields that shapes do not tell, by the part they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfigs:
    """The sizes of a whole model.

    Attributes:
        unet: of the denoising network.
        autoencoder: of what makes latents of pictures and back.
        text_l: of the first text encoder.
        text_g: of the second.
    """

    unet: UNetConfig
    autoencoder: AutoencoderConfig
    text_l: ClipConfig
    text_g: ClipConfig


Config = TypeVar("Config", UNetConfig, AutoencoderConfig, ClipConfig)


def configs_of(header: Header) -> ModelConfigs:
    """Return the sizes of the SDXL-like model in a file.

    Raises:
        ModelFileError: a tensor that tells a size is missing, or the metadata contradicts shapes.
    """
    stated = _stated(header)
    configs = ModelConfigs(
        unet=_said(header, "unet", _unet(_Shapes(header, UNET)), stated),
        autoencoder=_said(
            header, "autoencoder", _autoencoder(_Shapes(header, AUTOENCODER)), stated
        ),
        text_l=_said(header, "text_l", _text_l(_Shapes(header, TEXT_L)), stated),
        text_g=_said(header, "text_g", _text_g(_Shapes(header, TEXT_G)), stated),
    )
    _check_divisible(header, configs)
    return configs


def autoencoder_config(header: Header) -> AutoencoderConfig:
    """Return the sizes of the autoencoder in a file.

    Raises:
        ModelFileError: a tensor that tells a size is missing, or the metadata contradicts shapes.
    """
    told = _autoencoder(_Shapes(header, AUTOENCODER))
    config = _said(header, "autoencoder", told, _stated(header))
    for channels in config.channels:
        if channels % config.groups:
            raise _wrong(header, f"needs 'autoencoder.groups' to divide {channels}")
    return config


def stated_by(configs: ModelConfigs) -> str:
    """Return the JSON that a file's metadata needs for these sizes."""
    return json.dumps(
        {
            part: {name: getattr(getattr(configs, part), name) for name in names}
            for part, names in _UNSAID.items()
        }
    )


class _Shapes:
    """The shapes of one part of a model, by the part's own names."""

    def __init__(self, header: Header, prefix: str) -> None:
        self._header = header
        self._prefix = prefix

    def size(self, name: str, axis: int) -> int:
        """Return one size of a tensor."""
        tensor = self._header.tensors.get(self._prefix + name)
        if tensor is None:
            raise ModelFileError(f"'{self._header.path}' lacks '{self._prefix}{name}'")
        if axis >= len(tensor.shape):
            raise ModelFileError(
                f"'{self._header.path}' has '{self._prefix}{name}' of shape {list(tensor.shape)}"
            )
        return tensor.shape[axis]

    def has(self, name: str) -> bool:
        """Tell whether there is such a tensor."""
        return self._prefix + name in self._header.tensors

    def count(self, stem: str) -> int:
        """Return how many numbers follow the stem: 3 for `layers.0.` to `layers.2.`."""
        pattern = re.compile(re.escape(self._prefix + stem) + r"(\d+)\.")
        return len({found[1] for name in self._header.tensors if (found := pattern.match(name))})


def _unet(shapes: _Shapes) -> UNetConfig:
    """Walk the input blocks, of which a downsampling ends each level but the last."""
    channels, depths, layers = [0], [0], [0]
    for i in range(1, shapes.count("input_blocks.")):
        if shapes.has(f"input_blocks.{i}.0.op.weight"):
            channels.append(0)
            depths.append(0)
            layers.append(0)
        else:
            channels[-1] = shapes.size(f"input_blocks.{i}.0.out_layers.3.weight", 0)
            depths[-1] = shapes.count(f"input_blocks.{i}.1.transformer_blocks.")
            layers[-1] += 1
    latent_channels = shapes.size("out.2.weight", 0)
    return UNetConfig(
        channels=tuple(channels),
        layers_per_block=layers[0],
        depths=tuple(depths),
        middle_depth=shapes.count("middle_block.1.transformer_blocks."),
        context_dim=shapes.size("middle_block.1.transformer_blocks.0.attn2.to_k.weight", 1),
        vector_dim=shapes.size("label_emb.0.0.weight", 1),
        latent_channels=latent_channels,
        extra_channels=shapes.size("input_blocks.0.0.weight", 1) - latent_channels,
    )


def _autoencoder(shapes: _Shapes) -> AutoencoderConfig:
    levels = shapes.count("encoder.down.")
    return AutoencoderConfig(
        channels=tuple(
            shapes.size(f"encoder.down.{i}.block.0.conv2.weight", 0) for i in range(levels)
        ),
        layers_per_block=shapes.count("encoder.down.0.block."),
        latent_channels=shapes.size("post_quant_conv.weight", 0),
    )


def _text_l(shapes: _Shapes) -> ClipConfig:
    width = shapes.size("embeddings.token_embedding.weight", 1)
    return ClipConfig(
        width=width,
        layers=shapes.count("encoder.layers."),
        heads=max(1, width // _CLIP_HEAD_DIM),
        inner=shapes.size("encoder.layers.0.mlp.fc1.weight", 0),
        vocabulary=shapes.size("embeddings.token_embedding.weight", 0),
        positions=shapes.size("embeddings.position_embedding.weight", 0),
    )


def _text_g(shapes: _Shapes) -> ClipConfig:
    width = shapes.size("token_embedding.weight", 1)
    return ClipConfig(
        width=width,
        layers=shapes.count("transformer.resblocks."),
        heads=max(1, width // _CLIP_HEAD_DIM),
        inner=shapes.size("transformer.resblocks.0.mlp.c_fc.weight", 0),
        projection=shapes.size("text_projection", 1),
        vocabulary=shapes.size("token_embedding.weight", 0),
        positions=shapes.size("positional_embedding", 0),
    )


def _stated(header: Header) -> Mapping[str, Any]:
    text = header.metadata.get(METADATA_KEY)
    if text is None:
        return {}
    try:
        stated = json.loads(text)
    except ValueError as error:
        raise _wrong(header, f"is not JSON ({error})") from error
    if not isinstance(stated, dict) or not all(isinstance(part, dict) for part in stated.values()):
        raise _wrong(header, "is not a table of tables")
    return stated


def _said(header: Header, part: str, config: Config, stated: Mapping[str, Any]) -> Config:
    """Return the sizes told by shapes, completed by what the metadata states."""
    changes = stated.get(part, {})
    types = {field.name: field.type for field in fields(config)}
    for name, value in changes.items():
        if name not in _UNSAID[part]:
            raise _wrong(header, f"states '{part}.{name}', which shapes tell")
        allowed = (int, float) if types[name] is float else (int,)
        if isinstance(value, bool) or not isinstance(value, allowed) or value <= 0:
            raise _wrong(header, f"states {value!r} for '{part}.{name}'")
    return replace(config, **changes)


def _check_divisible(header: Header, configs: ModelConfigs) -> None:
    """Check that heads and groups divide the channels they share out."""
    unet, autoencoder = configs.unet, configs.autoencoder
    attended = [c for c, depth in zip(unet.channels, unet.depths, strict=True) if depth]
    pairs = [
        *((c, unet.head_dim, "unet.head_dim") for c in (*attended, unet.channels[-1])),
        *((c, unet.groups, "unet.groups") for c in unet.channels),
        *((c, autoencoder.groups, "autoencoder.groups") for c in autoencoder.channels),
        (configs.text_l.width, configs.text_l.heads, "text_l.heads"),
        (configs.text_g.width, configs.text_g.heads, "text_g.heads"),
    ]
    for channels, divisor, name in pairs:
        if channels == 0 or channels % divisor:
            raise _wrong(header, f"needs '{name}' to divide {channels}; it is {divisor}")


def _wrong(header: Header, why: str) -> ModelFileError:
    return ModelFileError(f"'{header.path}': its metadata '{METADATA_KEY}' {why}")
