"""LoKr: a Kronecker product, either factor whole or of low rank."""

from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.lora.layers.base import Straight, count
from irodori.engine.lora.layers.factors import Factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lokr(Straight):
    """D = a * kron(first, second).

    Attributes:
        first: the coarse factor, two sizes.
        second: the fine one, with a convolution's kernel.
        scale: a = alpha / r where a factor is of low rank, else 1.

    Source: LyCORIS, arXiv:2309.14859, section 3; Edalati et al. 2022, arXiv:2212.10650.
    """

    first: Factor
    second: Factor
    scale: float = 1.0

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the product has the weight's rows and numbers."""
        first, second = self.first.shape, self.second.shape
        if len(first) != 2 or len(second) < 2:
            return False
        rows = first[0] * second[0]
        return rows == shape[0] and count(first) * count(second) == count(shape)

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        first, second = self.first.matrix(), self.second.matrix()
        if second.dim() == 4:
            first = first[:, :, None, None]
        return torch.kron(first, second).mul_(self.scale).reshape(weight.shape)
