"""diffusers' whole SDXL pipeline from a single file, without the internet, as a peer to measure.

diffusers fetches the configurations of a model's parts from a hub; here they are written beside,
from the sizes that the file's own tensors have. Tokens are given, so it needs no tokenizer.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import StableDiffusionXLPipeline
from torch import Tensor

from irodori.catalog.header import read_header
from irodori.engine.loading.configs import ModelConfigs, configs_of
from irodori.engine.modules.autoencoder import AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig
from irodori.engine.modules.unet import UNetConfig

SIZE_WIDTH = 256
"""Width of each number of the size conditioning, as SDXL has it."""


def open_pipeline(file: Path, folder: Path, dtype: torch.dtype) -> StableDiffusionXLPipeline:
    """Return the pipeline of a file; its configurations are written into a folder."""
    write_configs(folder, configs_of(read_header(file)))
    pipeline = StableDiffusionXLPipeline.from_single_file(
        str(file), config=str(folder), torch_dtype=dtype, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@torch.no_grad()
def encode(pipeline: StableDiffusionXLPipeline, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Return the states [B, 77, 2048] and the pooled vector [B, 1280] of tokens [B, 77]."""
    first = pipeline.text_encoder(tokens, output_hidden_states=True)
    second = pipeline.text_encoder_2(tokens, output_hidden_states=True)
    states = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], -1)
    return states, second[0]


def write_configs(folder: Path, configs: ModelConfigs) -> None:
    """Write a folder of configurations without weights."""
    parts = {
        "unet": ("diffusers", "UNet2DConditionModel", _unet(configs.unet)),
        "vae": ("diffusers", "AutoencoderKL", _autoencoder(configs.autoencoder)),
        "text_encoder": ("transformers", "CLIPTextModel", _text(configs.text_l, "quick_gelu")),
        "text_encoder_2": (
            "transformers",
            "CLIPTextModelWithProjection",
            _text(configs.text_g, "gelu"),
        ),
    }
    index: dict[str, object] = {"_class_name": "StableDiffusionXLPipeline"}
    for name, (library, kind, config) in parts.items():
        index[name] = [library, kind]
        _write(folder / name / "config.json", {"_class_name": kind, **config})
    index["scheduler"] = ["diffusers", "EulerDiscreteScheduler"]
    index |= {name: [None, None] for name in ("tokenizer", "tokenizer_2")}
    _write(folder / "scheduler" / "scheduler_config.json", _SCHEDULE)
    _write(folder / "model_index.json", index)


def _unet(config: UNetConfig) -> dict[str, object]:
    has = [depth > 0 for depth in config.depths]
    return {
        "in_channels": config.latent_channels,
        "out_channels": config.latent_channels,
        "block_out_channels": config.channels,
        "down_block_types": ["CrossAttnDownBlock2D" if h else "DownBlock2D" for h in has],
        "up_block_types": ["CrossAttnUpBlock2D" if h else "UpBlock2D" for h in reversed(has)],
        "layers_per_block": config.layers_per_block,
        "transformer_layers_per_block": [max(depth, 1) for depth in config.depths],
        "attention_head_dim": [channels // config.head_dim for channels in config.channels],
        "cross_attention_dim": config.context_dim,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": SIZE_WIDTH,
        "projection_class_embeddings_input_dim": config.vector_dim,
        "use_linear_projection": True,
        "norm_num_groups": config.groups,
    }


def _autoencoder(config: AutoencoderConfig) -> dict[str, object]:
    return {
        "down_block_types": ["DownEncoderBlock2D"] * len(config.channels),
        "up_block_types": ["UpDecoderBlock2D"] * len(config.channels),
        "block_out_channels": config.channels,
        "layers_per_block": config.layers_per_block,
        "latent_channels": config.latent_channels,
        "norm_num_groups": config.groups,
        "scaling_factor": config.scale,
    }


def _text(config: ClipConfig, activation: str) -> dict[str, object]:
    return {
        "hidden_size": config.width,
        "intermediate_size": config.inner,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "projection_dim": config.projection or config.width,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.positions,
        "hidden_act": activation,
    }


_SCHEDULE: Mapping[str, object] = {
    "_class_name": "EulerDiscreteScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "timestep_spacing": "leading",
    "steps_offset": 1,
}


def _write(path: Path, value: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
