"""DoRA: direction and magnitude of a weight apart, around any of the sums."""

from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.lora.layers.base import Layer, Straight

_EPSILON = torch.finfo(torch.float32).eps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dora(Straight):
    """f(W) = m * (W + D) / ||W + D||, so at strength s: W + s * (f(W) - W).

    The norm runs over all that shares an entry of m: over each output row where m has one entry
    per output channel, over each input column where it has one per input channel. It is the norm
    of the merged weight, as the paper, LyCORIS and PEFT train it. (Forge and ComfyUI take the
    norm of W alone where m has one entry per output channel: a slightly different picture.)

    Attributes:
        inner: what gives D.
        magnitude: m, [out, 1, ...], [out] or [1, in, ...].

    Source: Liu et al. 2024, arXiv:2402.09353, equation 5.
    """

    inner: Layer
    magnitude: Tensor

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the sum fits and m has one entry per output or input channel."""
        return self.inner.fits(shape) and self.magnitude.numel() in shape[:2]

    def delta(self, weight: Tensor) -> Tensor:
        """Return f(W) - W."""
        merged = weight + self.inner.delta(weight)
        by_row = self.magnitude.shape[0] == weight.shape[0]
        kept = 0 if by_row else 1
        others = [axis for axis in range(weight.dim()) if axis != kept]
        norm = merged.square().sum(others, keepdim=True).sqrt_().add_(_EPSILON)
        magnitude = self.magnitude.float().view(norm.shape)
        return merged.mul_(magnitude / norm).sub_(weight)
