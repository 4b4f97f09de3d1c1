"""Previews: what the latents of a step look like, without the autoencoder's decoder.

Colours are nearly linear in a latent. The three lines are found by least squares from colours that
the model's own encoder is shown once, so any model gets its own; no table is built in.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from irodori.engine.events import Previewed
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.samplers import Step
from irodori.engine.studio import Studio
from irodori.engine.vae import LATENT_CELL, encode, to_bytes

_COARSENESS: Final = (2, 4, 8)  # colours along a side
_PICTURES: Final = 16  # of each coarseness
_SIDE: Final = 64  # pixels


class Previewer:
    """Turns denoised latents into small pictures; learns each autoencoder's colours once.

    Args:
        every: every so many steps; 0 makes none.
    """

    def __init__(self, *, every: int = 1) -> None:
        self._every = every
        self._known: dict[int, tuple[Autoencoder, Tensor]] = {}

    def preview(self, studio: Studio, step: Step) -> Previewed | None:
        """Return what a step expects the finished pictures to be; None where none is due."""
        if not self._every or step.i % self._every:
            return None
        pixels = colours(step.denoised, self._weights(studio.model.autoencoder))
        return Previewed(
            step=step.i + 1,
            width=pixels.shape[3],
            height=pixels.shape[2],
            rgb=tuple(each.tobytes() for each in to_bytes(pixels)),
        )

    def _weights(self, autoencoder: Autoencoder) -> Tensor:
        # The autoencoder is held with its weights, so that its id cannot come to mean another.
        known = self._known.get(id(autoencoder))
        if known is None:
            known = self._known[id(autoencoder)] = (autoencoder, learned(autoencoder))
        return known[1]


def colours(latents: Tensor, weights: Tensor) -> Tensor:
    """Return latents as colours, float32 [B, 3, H/8, W/8] within 0..1.

    Args:
        latents: [B, 4, H/8, W/8].
        weights: [5, 3], of `learned`.
    """
    rows = latents.float().permute(0, 2, 3, 1)  # (B, h, w, 4)
    weights = weights.to(rows.device)  # the encoder they were learned from may wait elsewhere
    shades: Tensor = rows @ weights[:-1] + weights[-1]
    return shades.permute(0, 3, 1, 2).clamp(0, 1)


@torch.no_grad()
def learned(autoencoder: Autoencoder) -> Tensor:
    """Return the affine map from latents to colours that fits best, float32 [channels + 1, 3].

    The encoder is shown pictures of random colours that flow into each other, the same ones always.
    """
    generator = torch.Generator().manual_seed(0)
    seen, wanted = [], []
    for coarseness in _COARSENESS:
        corners = torch.rand(_PICTURES, 3, coarseness, coarseness, generator=generator)
        pixels = F.interpolate(corners, (_SIDE, _SIDE), mode="bilinear")
        latents = encode(autoencoder, pixels.to(autoencoder.quant_conv.weight.device)).cpu()
        seen.append(_rows(latents))
        wanted.append(_rows(F.avg_pool2d(pixels, LATENT_CELL)))
    values = torch.cat(seen)
    values = torch.cat([values, torch.ones(len(values), 1)], 1)
    weights: Tensor = torch.linalg.lstsq(values, torch.cat(wanted)).solution
    return weights.to(autoencoder.quant_conv.weight.device)


def _rows(picture: Tensor) -> Tensor:
    """Return a row a place, [B * H * W, C]."""
    return picture.permute(0, 2, 3, 1).flatten(0, 2)
