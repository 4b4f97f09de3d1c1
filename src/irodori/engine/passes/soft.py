"""How much of a softly inpainted picture shows: what hardly changed stays the original's pixels."""

from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from irodori.engine.masking import Mask
from irodori.recipe.passes import SoftInpainting

_TINY: Final = 1e-6


def soft_share(before: Tensor, after: Tensor, shown: Mask, soft: SoftInpainting) -> Mask:
    """Return how much of the drawn picture shows, uint8 [H, W]; 0 where the mask is 0.

    The difference d of the latents, smoothed over three cells, becomes
    d^c / (d^c + threshold^c): half shows at the threshold, and the contrast c makes it steeper.
    The mask itself is mixed in by its influence.

    Args:
        before: [4, H/8, W/8], latents the run began with.
        after: the same of its result.
        shown: uint8 [H, W], how much would show without softness.
        soft: threshold, contrast and influence.
    """
    distance = torch.linalg.vector_norm(after - before, dim=0)[None, None]  # (1, 1, H/8, W/8)
    distance = F.avg_pool2d(distance, 3, stride=1, padding=1, count_include_pad=False)
    contrast = soft.difference_contrast
    share = distance**contrast
    share = share / (share + soft.difference_threshold**contrast).clamp_min(_TINY)
    large = F.interpolate(share, shown.shape, mode="bilinear")[0, 0].cpu().numpy()
    mask = shown.astype(np.float32) / 255
    mixed = large * (1 - soft.mask_influence) + mask * soft.mask_influence
    # A grey of the mask is a ceiling that rises to 1 at half: no edge where the mask ends.
    result = np.minimum(mixed, np.clip(2 * mask, 0, 1))
    shares: Mask = np.rint(result * 255).astype(np.uint8)
    return shares
