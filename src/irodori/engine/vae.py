"""Latents to pixels and back, in the autoencoder's own scale (`vae_tiles` for large pictures)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.modules.autoencoder import Autoencoder

LATENT_CELL = 8
"""Pixels of width or height that one latent stands for."""


@torch.no_grad()
def decode(autoencoder: Autoencoder, latents: Tensor) -> Tensor:
    """Return pictures: float32 [B, 3, H, W] within 0..1.

    Args:
        autoencoder: the model's.
        latents: [B, 4, H/8, W/8], of unit variance as the UNet draws them.
    """
    weight = autoencoder.post_quant_conv.weight
    scaled = latents.to(weight) / autoencoder.config.scale
    pixels: Tensor = autoencoder.decode(scaled)
    return (pixels.float() / 2 + 0.5).clamp(0, 1)


@torch.no_grad()
def encode(autoencoder: Autoencoder, pixels: Tensor) -> Tensor:
    """Return the mean latents of pictures: float32 [B, 4, H/8, W/8], of unit variance.

    Args:
        autoencoder: the model's.
        pixels: [B, 3, H, W] within 0..1, sides multiples of 8.
    """
    weight = autoencoder.quant_conv.weight
    posterior = autoencoder.encode(pixels.to(weight) * 2 - 1)
    return posterior.mean.float() * autoencoder.config.scale


def to_bytes(pixels: Tensor) -> NDArray[np.uint8]:
    """Return pictures as uint8 [B, H, W, 3]; values are cut off, not rounded, as in A1111."""
    scaled = pixels.permute(0, 2, 3, 1).cpu() * 255
    return np.ascontiguousarray(scaled.numpy().astype(np.uint8))


def from_bytes(pixels: NDArray[np.uint8]) -> Tensor:
    """Return uint8 [B, H, W, 3] as float32 [B, 3, H, W] within 0..1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
