"""Diffusers' and transformers' names for the tensors of SDXL, as our own.

Ours are those of the single-file layout; see `irodori.engine.modules`.
"""

import re
from collections.abc import Mapping
from typing import Final

from irodori.engine.modules.unet import UNetConfig

# Within a residual block of the UNet: ours, then diffusers'.
RESIDUAL: Final[Mapping[str, str]] = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
# Within a block of bigG: ours, then transformers'. Queries, keys and values lie in one of ours.
BLOCK_G: Final[Mapping[str, str]] = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
# Outside of bigG's blocks.
OUTER_G: Final[Mapping[str, str]] = {
    "ln_final": "final_layer_norm",
    "token_embedding": "embeddings.token_embedding",
    "positional_embedding": "embeddings.position_embedding",
}
JOINED_G: Final = ("q_proj", "k_proj", "v_proj")
"""What bigG's `in_proj` holds, in this order."""

# The autoencoder: diffusers' pattern, then ours. `up` blocks are counted the other way round.
_AUTOENCODER: Final = (
    (r"\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r".down.\1.block.\2."),
    (r"\.down_blocks\.(\d+)\.downsamplers\.0\.", r".down.\1.downsample."),
    (r"\.up_blocks\.(\d+)\.resnets\.(\d+)\.", r".up.\1.block.\2."),
    (r"\.up_blocks\.(\d+)\.upsamplers\.0\.", r".up.\1.upsample."),
    (r"\.mid_block\.resnets\.0\.", ".mid.block_1."),
    (r"\.mid_block\.resnets\.1\.", ".mid.block_2."),
    (r"\.mid_block\.attentions\.0\.group_norm\.", ".mid.attn_1.norm."),
    (r"\.mid_block\.attentions\.0\.(?:to_out\.0|proj_attn)\.", ".mid.attn_1.proj_out."),
    (r"\.mid_block\.attentions\.0\.(?:to_)?([qkv])(?:uery|ey|alue)?\.", r".mid.attn_1.\1."),
    (r"\.conv_norm_out\.", ".norm_out."),
    (r"\.conv_shortcut\.", ".nin_shortcut."),
)


def diffusers_blocks(config: UNetConfig) -> dict[str, str]:
    """Return diffusers' name for each of our UNet's blocks, by our name."""
    per_level, levels = config.layers_per_block, len(config.channels)
    names = {
        "input_blocks.0.0": "conv_in",
        "time_embed.0": "time_embedding.linear_1",
        "time_embed.2": "time_embedding.linear_2",
        "label_emb.0.0": "add_embedding.linear_1",
        "label_emb.0.2": "add_embedding.linear_2",
        "middle_block.0": "mid_block.resnets.0",
        "middle_block.1": "mid_block.attentions.0",
        "middle_block.2": "mid_block.resnets.1",
        "out.0": "conv_norm_out",
        "out.2": "conv_out",
    }
    for level in range(levels):
        for j in range(per_level):
            block = f"input_blocks.{1 + level * (per_level + 1) + j}"
            names[f"{block}.0"] = f"down_blocks.{level}.resnets.{j}"
            names[f"{block}.1"] = f"down_blocks.{level}.attentions.{j}"
        names[f"input_blocks.{(level + 1) * (per_level + 1)}.0.op"] = (
            f"down_blocks.{level}.downsamplers.0.conv"
        )
    for level, depth in enumerate(reversed(config.depths)):
        for j in range(per_level + 1):
            block = f"output_blocks.{level * (per_level + 1) + j}"
            names[f"{block}.0"] = f"up_blocks.{level}.resnets.{j}"
            if depth:
                names[f"{block}.1"] = f"up_blocks.{level}.attentions.{j}"
        last = f"output_blocks.{level * (per_level + 1) + per_level}"
        names[f"{last}.{2 if depth else 1}.conv"] = f"up_blocks.{level}.upsamplers.0.conv"
    return names


def unet_name(theirs: str, blocks: Mapping[str, str]) -> str:
    """Return our name of a UNet's tensor.

    Args:
        theirs: diffusers' name.
        blocks: our blocks by diffusers' names: `diffusers_blocks`, turned round.
    """
    block = theirs
    while block and block not in blocks:
        block = block.rpartition(".")[0]
    if not block:
        return theirs
    within = theirs.removeprefix(f"{block}.")
    layer, _, kind = within.rpartition(".")
    ours = next((mine for mine, other in RESIDUAL.items() if other == layer), layer)
    return ".".join(filter(None, (blocks[block], ours, kind)))


def autoencoder_name(theirs: str, levels: int) -> str:
    """Return our name of an autoencoder's tensor.

    Args:
        theirs: diffusers' name, or ours.
        levels: of the autoencoder; diffusers counts the decoder's the other way round.
    """
    ours = theirs
    for pattern, replacement in _AUTOENCODER:
        ours = re.sub(pattern, replacement, ours)
    if ours == theirs:
        return ours
    return re.sub(r"\.up\.(\d+)\.", lambda found: f".up.{levels - 1 - int(found[1])}.", ours)


def text_g_name(theirs: str) -> tuple[str, int] | None:
    """Return our name of a tensor of bigG and its place among those that ours joins.

    Args:
        theirs: transformers' name without `text_model.`.

    Returns:
        None where bigG has no such tensor.
    """
    block = re.fullmatch(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)", theirs)
    if block is not None:
        number, layer, kind = block.groups()
        ours = f"transformer.resblocks.{number}"
        part = layer.removeprefix("self_attn.")
        if part in JOINED_G:
            return f"{ours}.attn.in_proj_{kind}", JOINED_G.index(part)
        own = next((mine for mine, other in BLOCK_G.items() if other == layer), None)
        return None if own is None else (f"{ours}.{own}.{kind}", 0)
    if theirs == "text_projection.weight":
        return "text_projection", 0
    layer, _, kind = theirs.rpartition(".")
    own = next((mine for mine, other in OUTER_G.items() if other == layer), None)
    if own is None:
        return None
    return (own if own == "positional_embedding" else f"{own}.{kind}"), 0
