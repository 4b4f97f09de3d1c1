"""Drawing inside a mask only: outside it, the picture is what every call expects.

Where the denoised answer is the picture itself, every sampler keeps x there at the picture plus
the noise it began with. So the network always sees kept and drawn parts at one noise level, and
nothing has to be noised again; A1111 noises the kept part afresh from a global generator at every
call (compat 5), which no seed reproduces.

Soft masks: a grey g of what is kept acts as g^(strength * sigma^bias). At high noise greys are free
to change, at low noise they hold: how grey decides how late. Mixing two latents makes a vector
shorter than both, which decodes to blur; so the mix is given the length it would have had.

Source: Lugmayr et al. 2022, arXiv:2201.09865, equation 8 (hard masks); Levin and Fried 2023,
arXiv:2306.00950, section 3 (strength by noise level).
"""

from typing import Final

import torch
from torch import Tensor

from irodori.engine.passes.stage import Region
from irodori.engine.samplers.base import Denoiser, Guided, both_predictions
from irodori.recipe.passes import SoftInpainting

_TINY: Final = 1e-6


class MaskedDenoiser:
    """D(x; sigma) inside a region, the picture outside.

    Args:
        denoise: who answers inside.
        kept: float32 [B, 4, H/8, W/8], clean latents of the picture.
        region: where is inside.
    """

    def __init__(self, denoise: Denoiser, kept: Tensor, region: Region) -> None:
        self._denoise = denoise
        self._kept = kept
        self._region = region

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return the denoised latents, shape and dtype of x [B, 4, H/8, W/8]."""
        return self._mixed(self._denoise(x, sigma), float(sigma))

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return the guided and the negative prompt's denoised latents, each of x's shape."""
        both = both_predictions(self._denoise, x, sigma)
        level = float(sigma)
        return Guided(self._mixed(both.denoised, level), self._mixed(both.uncond, level))

    def finished(self, x: Tensor) -> Tensor:
        """Return a run's result with the picture itself outside, whatever noise is left there."""
        mask = self._region.mask
        if self._region.soft is not None:
            return torch.where(mask == 0, self._kept, x)
        return torch.lerp(self._kept, x, mask)

    def _mixed(self, drawn: Tensor, sigma: float) -> Tensor:
        mask, soft = self._region.mask, self._region.soft
        if soft is None:
            return torch.lerp(self._kept, drawn, mask)
        return soft_mix(self._kept, drawn, soft_mask(mask, soft, sigma), soft)


def soft_mask(mask: Tensor, soft: SoftInpainting, sigma: float) -> Tensor:
    """Return how much is drawn anew at a noise level, in 0..1; whites and blacks stay.

    Args:
        mask: 1 is drawn anew.
        soft: `schedule_bias` above 1 frees greys for longer, `preservation_strength` 0 holds them
            always.
        sigma: noise level.
    """
    exponent = soft.preservation_strength * sigma**soft.schedule_bias
    kept = 1 - mask
    return torch.where(mask == 1, 1.0, torch.where(mask == 0, 0.0, 1 - kept**exponent))


def soft_mix(kept: Tensor, drawn: Tensor, mask: Tensor, soft: SoftInpainting) -> Tensor:
    """Return latents between two, as long as latents between them should be.

    Args:
        kept: [B, 4, H/8, W/8].
        drawn: the same shape.
        mask: [B or 1, 1, H/8, W/8]; 1 takes `drawn`.
        soft: `transition_contrast_boost` 1 takes the mean length; above, nearer the longer one's.
    """
    mixed = torch.lerp(kept, drawn, mask)
    power = soft.transition_contrast_boost
    lengths = [torch.linalg.vector_norm(each, dim=1, keepdim=True) for each in (kept, drawn, mixed)]
    wanted = torch.lerp(lengths[0] ** power, lengths[1] ** power, mask) ** (1 / power)
    result: Tensor = mixed * (wanted / lengths[2].clamp_min(_TINY))
    return result
