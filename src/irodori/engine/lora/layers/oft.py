"""OFT and BOFT: the output channels of a weight are rotated, in blocks or in a butterfly."""

from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.lora.layers.base import Straight


def rotations(blocks: Tensor, constraint: float = 0.0) -> Tensor:
    """Return orthogonal matrices by Cayley's map: R = (I + A)(I - A)^-1 with A = Q - Q^T.

    Args:
        blocks: [..., n, n], the trained Q.
        constraint: the largest Frobenius norm of all A together; 0 is none.

    Returns:
        float32, the shape of `blocks`.

    Source: Qiu et al. 2023, arXiv:2306.07280, section 3.3 and appendix (constraint).
    """
    q = blocks.float()
    skew = q - q.transpose(-1, -2)
    norm = float(skew.norm())
    if 0 < constraint < norm:
        skew = skew * (constraint / norm)
    identity = torch.eye(skew.shape[-1], device=skew.device)
    # (I + A)(I - A)^-1: both factors commute, so a solve from the left is the same.
    solved: Tensor = torch.linalg.solve(identity - skew, identity + skew)
    return solved


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Oft(Straight):
    """f(W) = rescale * R^T W, R block-diagonal over the output channels.

    Attributes:
        rotation: float32 [blocks, n, n], orthogonal.
        rescale: a factor per output channel, or None.

    Source: Qiu et al. 2023, arXiv:2306.07280, equation 3.
    """

    rotation: Tensor
    rescale: Tensor | None = None

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the blocks cover the output channels."""
        covered = self.rotation.shape[0] * self.rotation.shape[1] == shape[0]
        return covered and (self.rescale is None or self.rescale.numel() == shape[0])

    def delta(self, weight: Tensor) -> Tensor:
        """Return f(W) - W."""
        rows = weight.reshape(*self.rotation.shape[:2], -1)  # (blocks, n, in)
        turned = self.rotation.float().transpose(1, 2) @ rows
        return rescaled(turned.reshape(weight.shape), self.rescale).sub_(weight)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boft(Straight):
    """f(W) = rescale * R_m ... R_1 W; stage i mixes channels that lie 2^i half-blocks apart.

    Attributes:
        rotation: float32 [stages, blocks, n, n], orthogonal.
        rescale: a factor per output channel, or None.

    Source: Liu et al. 2023, arXiv:2311.06243, section 4, with LyCORIS' order of channels.
    """

    rotation: Tensor
    rescale: Tensor | None = None

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the blocks cover the output channels."""
        stages, blocks, size = self.rotation.shape[:3]
        widest = size * 2 ** (stages - 1)  # what the last stage mixes
        whole = blocks * size == shape[0] and size % 2 == 0 and shape[0] % widest == 0
        return whole and (self.rescale is None or self.rescale.numel() == shape[0])

    def delta(self, weight: Tensor) -> Tensor:
        """Return f(W) - W."""
        _, blocks, size = self.rotation.shape[:3]
        rows = weight.reshape(weight.shape[0], -1)  # (out, in)
        for i, rotation in enumerate(self.rotation.float()):
            # Channels (c, 2, k) become (c, k, 2): those to be mixed lie side by side.
            reach = 2**i * (size // 2)
            paired = rows.view(-1, 2, reach, rows.shape[1]).transpose(1, 2)
            mixed = rotation @ paired.reshape(blocks, size, -1)
            rows = mixed.reshape(-1, reach, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape)
        return rescaled(rows.reshape(weight.shape), self.rescale).sub_(weight)


def rescaled(weight: Tensor, factors: Tensor | None) -> Tensor:
    """Return a new tensor: the weight's output channels times their factors, if there are any."""
    if factors is None:
        return weight.clone()
    return weight * factors.float().reshape(-1, *[1] * (weight.dim() - 1))
