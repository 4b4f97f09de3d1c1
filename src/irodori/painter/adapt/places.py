"""The weights that a network changes, with the names that kohya's trainer gives them in files.

Source: compat 3.7. The engine's `KeyTable` reads the names back; a test holds the two together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from irodori.engine.loading.diffusers_names import BLOCK_G, JOINED_G
from irodori.painter.adapt.config import AdapterSettings
from irodori.painter.model import Sumire

_ATTENTION_G: Final = "attn.out_proj"
_PERCEPTRON_G: Final = ("mlp.c_fc", "mlp.c_proj")
_OUTSIDE: Final = ("time_embed", "label_emb", "input_blocks.0.", "out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A weight, or a stretch of rows of one.

    Attributes:
        stem: what its tensors' names begin with in a file.
        parameter: its name in `Sumire`.
        rank: of what is trained there.
        rows: the first and the one after the last, where one parameter holds several weights.
    """

    stem: str
    parameter: str
    rank: int
    rows: tuple[int, int] | None = None

    @property
    def part(self) -> str:
        """The child of `Sumire` that it belongs to."""
        return self.parameter.partition(".")[0]

    def of(self, weights: Mapping[str, Tensor]) -> Tensor:
        """Return the weight as files shape it, [out, in] or [out, in, kh, kw]; a view."""
        whole = weights[self.parameter]
        return whole if self.rows is None else whole[slice(*self.rows)]


def places_of(module: Sumire, settings: AdapterSettings) -> list[Place]:
    """Return the weights to change: all layers of transformers, and what else is asked for."""
    found: list[Place] = []
    if settings.unet:
        found += _unet(module.unet, settings)
    if settings.text:
        found += _text_l(module.clip_l, settings.rank)
        found += _text_g(module, settings.rank)
    return found


def _unet(unet: nn.Module, settings: AdapterSettings) -> Iterator[Place]:
    for name, layer in unet.named_modules():
        if not isinstance(layer, nn.Linear | nn.Conv2d) or name.startswith(_OUTSIDE):
            continue
        rank = settings.rank if _is_transformer(name) else settings.convolution_rank
        if rank:
            stem = f"lora_unet_{_flat(name)}"
            yield Place(stem=stem, parameter=f"unet.{name}.weight", rank=rank)


def _is_transformer(name: str) -> bool:
    """Tell whether a layer of the UNet is a transformer's: `middle_block.1.`, `*_blocks.N.1.`."""
    parts = name.split(".")
    return parts[1 if parts[0] == "middle_block" else 2] == "1"


def _text_l(encoder: nn.Module, rank: int) -> Iterator[Place]:
    for name, layer in encoder.named_modules():
        if isinstance(layer, nn.Linear):
            stem = f"lora_te1_text_model_{_flat(name)}"
            yield Place(stem=stem, parameter=f"clip_l.{name}.weight", rank=rank)


def _text_g(module: Sumire, rank: int) -> Iterator[Place]:
    config = module.clip_g.config
    for i in range(config.layers):
        ours = f"clip_g.transformer.resblocks.{i}"
        theirs = f"lora_te2_text_model_encoder_layers_{i}"
        for place, joined in enumerate(JOINED_G):
            yield Place(
                stem=f"{theirs}_self_attn_{joined}",
                parameter=f"{ours}.attn.in_proj_weight",
                rank=rank,
                rows=(place * config.width, (place + 1) * config.width),
            )
        for own in (_ATTENTION_G, *_PERCEPTRON_G):
            stem = f"{theirs}_{_flat(BLOCK_G[own])}"
            yield Place(stem=stem, parameter=f"{ours}.{own}.weight", rank=rank)


def _flat(name: str) -> str:
    return name.replace(".", "_")
