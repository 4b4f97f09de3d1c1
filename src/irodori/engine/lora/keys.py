"""From the stems of network files to the weights of our modules, whoever wrote the file.

Our modules are named as in the single-file layout; files name them so, as diffusers and
transformers do, or as either with `_` for every `.` (kohya). So a stem loses what says which part
of the model it is for, its dots become underscores, and the rest is looked up in a table of every
name a weight has.

Source: compat 3.7; the layouts of diffusers, transformers and open_clip.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from irodori.engine.loading.checkpoint import ModelParts
from irodori.engine.loading.diffusers_names import (
    BLOCK_G,
    JOINED_G,
    OUTER_G,
    RESIDUAL,
    diffusers_blocks,
)
from irodori.engine.modules.unet import UNetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A weight that networks change, possibly a stretch of rows of one of our parameters.

    Attributes:
        part: of the model: `unet`, `text_l` or `text_g`.
        parameter: name within the part.
        rows: the first, and the one after the last, where one parameter holds several weights.
        transposed: our parameter is (in, out) where files have (out, in).
    """

    part: str
    parameter: str
    rows: tuple[int, int] | None = None
    transposed: bool = False

    def view(self, parameter: Tensor) -> Tensor:
        """Return the weight as files shape it: a view of a tensor of the parameter's shape."""
        rows = parameter if self.rows is None else parameter[slice(*self.rows)]
        return rows.t() if self.transposed else rows

    def bias(self) -> "Target":
        """Return the bias beside this weight."""
        stem = self.parameter.removesuffix("weight")
        return Target(part=self.part, parameter=f"{stem}bias", rows=self.rows)


# What files begin a stem with, and the part it then belongs to; the first that fits.
_PREFIXES: Final[tuple[tuple[str, str], ...]] = (
    ("lora_te1_", "text_l"),
    ("lora_te2_", "text_g"),
    ("lora_te_", "text_l"),
    ("text_encoder_2_", "text_g"),
    ("text_encoder_", "text_l"),
    ("lycoris_text_encoder_2_", "text_g"),
    ("lycoris_text_encoder_", "text_l"),
    ("text_encoders_clip_g_transformer_", "text_g"),
    ("text_encoders_clip_l_transformer_", "text_l"),
    ("clip_g_transformer_", "text_g"),
    ("clip_l_transformer_", "text_l"),
    ("clip_g_", "text_g"),
    ("clip_l_", "text_l"),
    ("lora_unet_", "unet"),
    ("oft_unet_", "unet"),
    ("lycoris_unet_", "unet"),
    ("lycoris_", "unet"),
    ("model_diffusion_model_", "unet"),
    ("diffusion_model_", "unet"),
    ("base_model_model_", "unet"),
    ("unet_", "unet"),
    ("", "unet"),
)
_TEXT_MODEL: Final = "text_model_"
_PROJECTION: Final = "text_projection"


class KeyTable:
    """Finds the weight a stem means in a model.

    Args:
        parts: of the model; only names and sizes are read.
    """

    def __init__(self, parts: ModelParts) -> None:
        self._tables = {
            "unet": _flat(_unet_names(parts.unet, parts.configs.unet)),
            "text_l": _flat(_text_l_names(parts.text_l)),
            "text_g": _flat(_text_g_names(parts)),
        }

    def find(self, stem: str) -> Target | None:
        """Return the weight, or None where the model has none of that name."""
        flat = re.sub(r"[._]processor(?=[._])", "", stem).replace(".", "_")
        prefix, part = next(each for each in _PREFIXES if flat.startswith(each[0]))
        name = flat.removeprefix(prefix)
        if name == _PROJECTION:  # files that say `text_encoder` still mean bigG's: L has none
            part = "text_g"
        return self._tables[part].get(name.removeprefix(_TEXT_MODEL))


def _flat(names: Iterator[tuple[str, Target]]) -> dict[str, Target]:
    return {name.replace(".", "_"): target for name, target in names}


def _weights(module: nn.Module) -> Iterator[str]:
    """Yield the names of all modules that have a weight."""
    for name, _ in module.named_parameters():
        if name.endswith(".weight"):
            yield name.removesuffix(".weight")


def _unet_names(unet: nn.Module, config: UNetConfig) -> Iterator[tuple[str, Target]]:
    blocks = diffusers_blocks(config)
    for name in _weights(unet):
        target = Target(part="unet", parameter=f"{name}.weight")
        yield name, target
        block = next((each for each in _ancestors(name) if each in blocks), None)
        if block is None:
            continue
        within = name.removeprefix(block).removeprefix(".")
        theirs = ".".join(filter(None, (blocks[block], RESIDUAL.get(within, within))))
        yield theirs, target
        if theirs.endswith(".to_out.0"):  # diffusers' processors of before 0.18
            yield theirs.removesuffix(".0"), target


def _ancestors(name: str) -> Iterator[str]:
    """Yield a module's name and those of the modules around it, the longest first."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _text_l_names(text_l: nn.Module) -> Iterator[tuple[str, Target]]:
    for name in _weights(text_l):
        yield name, Target(part="text_l", parameter=f"{name}.weight")


def _text_g_names(parts: ModelParts) -> Iterator[tuple[str, Target]]:
    """Yield transformers' names; of bigG's own, its layout has no network files."""
    width = parts.configs.text_g.width
    for i in range(parts.configs.text_g.layers):
        ours, theirs = f"transformer.resblocks.{i}", f"encoder.layers.{i}"
        for own, other in BLOCK_G.items():
            yield f"{theirs}.{other}", Target(part="text_g", parameter=f"{ours}.{own}.weight")
        for place, other in enumerate(JOINED_G):
            yield (
                f"{theirs}.self_attn.{other}",
                Target(
                    part="text_g",
                    parameter=f"{ours}.attn.in_proj_weight",
                    rows=(place * width, (place + 1) * width),
                ),
            )
    for own, other in OUTER_G.items():
        parameter = own if own in parts.text_g.state_dict() else f"{own}.weight"
        yield other, Target(part="text_g", parameter=parameter)
    yield _PROJECTION, Target(part="text_g", parameter=_PROJECTION, transposed=True)
