"""What inpainting checkpoints see beside the latents: the mask, and the picture without its hole.

Source: Rombach et al. 2022, arXiv:2112.10752, section 4.5; compat 7.6.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from irodori.engine.image import Pixels
from irodori.engine.masking import Mask
from irodori.engine.passes.develop import encoded
from irodori.engine.passes.stage import Stage, Work
from irodori.engine.studio import Studio
from irodori.engine.vae import LATENT_CELL
from irodori.errors import RecipeError

INPAINTING: Final = 5
"""Extra channels of an inpainting checkpoint: one of the mask, four of the masked picture."""

_GREY: Final = 127.5


def beside_of(work: Work, studio: Studio, stage: Stage) -> Tensor | None:
    """Return what a model sees beside the latents, [B, 5, H/8, W/8]; None for most models.

    Without a mask, everything is hole: the masked picture is grey.

    Raises:
        RecipeError: the model wants something else beside the latents.
    """
    extra = studio.model.unet.config.extra_channels
    if extra == 0:
        return None
    if extra != INPAINTING:
        raise RecipeError(
            f"the model sees {extra} channels beside the latents; inpainting checkpoints see 5"
        )
    start = stage.start
    if start is not None and start.masked_picture is not None and start.region is not None:
        picture, mask = start.masked_picture, start.region.mask
    else:
        rows, columns = (size // LATENT_CELL for size in (stage.height, stage.width))
        if start is not None:
            rows, columns = start.latents.shape[2:]
        picture = np.full((rows * LATENT_CELL, columns * LATENT_CELL, 3), int(_GREY), np.uint8)
        mask = torch.ones(1, 1, rows, columns, device=studio.model.policy.device)
    latents = encoded(work, studio, picture[None]).latents
    return torch.cat([mask.round(), latents], 1).expand(len(stage.recipes), -1, -1, -1)


def without_hole(pixels: Pixels, mask: Mask, weight: float) -> Pixels:
    """Return a picture that is grey where it is to be drawn anew.

    Args:
        pixels: uint8 [H, W, 3].
        mask: uint8 [H, W], white is to be drawn anew; grey counts as the nearer of the two.
        weight: 0..1, the conditional mask weight; at 0 the picture keeps what is masked.
    """
    hole = (mask >= 128)[..., None] * np.float32(weight)
    grey = pixels + (_GREY - pixels.astype(np.float32)) * hole
    return grey.astype(np.uint8)
