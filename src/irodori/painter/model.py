"""Sumire under training: a UNet and two text encoders in SDXL's arrangement.

Source: Podell et al. 2023, arXiv:2307.01952, sections 2.1 to 2.3.
"""

from dataclasses import dataclass
from typing import Final, cast

import torch
from torch import Tensor, nn

from irodori.engine.modules.attention import plain
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig, sinusoids
from irodori.painter.compact import POSITIONS, UNKNOWN
from irodori.painter.config import ModelTraining

SIZE_WIDTH: Final = 256
"""Width of each of the six sizes in the vector of facts; fixed by SDXL."""

_STATE_MEAN: Final = 0.5
# Emphasis scales a tag's states and then restores the mean over all of them. States of mean zero
# would be multiplied by noise; the attention that reads them does not see a common shift.


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a batch of pictures is told.

    Attributes:
        tokens_l: int64 [B, chunks, 77], compact numbers for the first text encoder.
        tokens_g: int64 [B, chunks, 77], for the second.
        weights: float32 [B, chunks, 77], emphasis of each token, 1 without.
        kept: float32 [B], 0 where the states are zeroed, else 1.
        kept_pooled: float32 [B], 0 where the pooled vector is zeroed, else 1.
        frames: float32 [B, 6], sizes as in `dataset.Frame`.
    """

    tokens_l: Tensor
    tokens_g: Tensor
    weights: Tensor
    kept: Tensor
    kept_pooled: Tensor
    frames: Tensor


class Sumire(nn.Module):
    """UNet and text encoders, trained together. The autoencoder is frozen before."""

    def __init__(self, unet: UNetConfig, clip_l: ClipConfig, clip_g: ClipConfig) -> None:
        super().__init__()
        self.unet = UNet(unet)
        self.clip_l = ClipL(clip_l)
        self.clip_g = ClipG(clip_g)

    def forward(self, noisy: Tensor, t: Tensor, given: Conditions) -> Tensor:
        """Return the predicted noise, shape of `noisy` [B, 4, H/8, W/8]; t is [B], 0..999."""
        context, vector = self.told(given)
        noise: Tensor = self.unet(noisy, t, vector, context, plain)
        return noise

    def told(self, given: Conditions) -> tuple[Tensor, Tensor]:
        """Return what the UNet is told: the states as `read`, and the vector of facts [B, D]."""
        context, pooled = self.read(given)
        sizes = sinusoids(given.frames, SIZE_WIDTH).flatten(1)  # (B, 6 * 256)
        return context, torch.cat([pooled, sizes.to(pooled.dtype)], 1)

    def read(self, given: Conditions) -> tuple[Tensor, Tensor]:
        """Return the states [B, chunks * 77, widths of both] and the pooled vector [B, width]."""
        batch, chunks, _ = given.tokens_l.shape
        states_l = self.clip_l(given.tokens_l.flatten(0, 1), attend=plain)
        encoded = self.clip_g(given.tokens_g.flatten(0, 1), attend=plain)
        weights = given.weights.flatten(0, 1)
        states = [emphasised(s, weights, chunks) for s in (states_l, encoded.states)]
        context = torch.cat(states, -1).reshape(batch, chunks * POSITIONS, -1)
        pooled = encoded.pooled.view(batch, chunks, -1)[:, 0]
        return context * given.kept[:, None, None], pooled * given.kept_pooled[:, None]


def emphasised(states: Tensor, weights: Tensor, chunks: int) -> Tensor:
    """Return the states times their tokens' weights, the mean of each text restored.

    Args:
        states: [B * chunks, 77, C].
        weights: float32 [B * chunks, 77].
        chunks: chunks a text.
    """
    weighted = states * weights[..., None]
    texts = len(states) // chunks
    before = states.float().reshape(texts, -1).mean(1)
    after = weighted.float().reshape(texts, -1).mean(1)
    has_weights = (weights != 1).reshape(texts, -1).any(1)
    gain = torch.where(has_weights, before / after, 1.0)
    return weighted * gain.repeat_interleave(chunks)[:, None, None]


def model_configs(
    settings: ModelTraining, vocabulary: int
) -> tuple[UNetConfig, ClipConfig, ClipConfig]:
    """Return the configurations of UNet, first and second text encoder.

    Args:
        settings: widths and depths.
        vocabulary: rows of the token tables.
    """
    pooled = settings.text_width_pooled
    unet = UNetConfig(
        channels=settings.channels,
        layers_per_block=settings.res_blocks,
        depths=settings.transformers,
        middle_depth=settings.transformers[-1],
        head_dim=settings.head_channels,
        context_dim=settings.text_width + pooled,
        vector_dim=pooled + 6 * SIZE_WIDTH,
        groups=settings.groups,
    )
    clip_l, clip_g = (
        ClipConfig(
            width=width,
            layers=settings.text_layers,
            heads=settings.text_heads,
            inner=3 * width,
            projection=projection,
            vocabulary=vocabulary,
        )
        for width, projection in ((settings.text_width, 0), (pooled, pooled))
    )
    return unet, clip_l, clip_g


def new_model(settings: ModelTraining, vocabulary: int) -> Sumire:
    """Return a model with starting weights, convolutions in channels-last layout."""
    module = Sumire(*model_configs(settings, vocabulary))
    initialise(module, torch.Generator().manual_seed(settings.seed))
    _prepare_tables(module)
    # mypy does not know the overload of `to` that torch's documentation gives.
    return cast("Sumire", module.to(memory_format=torch.channels_last))  # type: ignore[call-overload]


@torch.no_grad()
def _prepare_tables(module: Sumire) -> None:
    """Keep the row of unknown tokens at zero, and give the states their mean."""
    for table in (module.clip_l.embeddings.token_embedding, module.clip_g.token_embedding):
        table.padding_idx = UNKNOWN  # no gradient reaches this row
        table.weight[UNKNOWN] = 0.0
    read = module.clip_l.config.layers - 2  # the block whose output is read
    biases = (
        f"clip_l.encoder.layers.{read}.mlp.fc2.bias",
        f"clip_g.transformer.resblocks.{read}.mlp.c_proj.bias",
    )
    for name in biases:
        module.get_parameter(name).fill_(_STATE_MEAN)
