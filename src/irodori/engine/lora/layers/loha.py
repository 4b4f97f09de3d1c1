"""LoHa: the elementwise product of two low-rank matrices."""

from dataclasses import dataclass

from torch import Tensor

from irodori.engine.lora.layers.base import Straight, elements
from irodori.engine.lora.layers.factors import LowRank


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loha(Straight):
    """D = a * M1 * M2, elementwise.

    Attributes:
        first: M1.
        second: M2.
        scale: a = alpha / r.

    Source: Hyeon-Woo et al. 2021, arXiv:2108.06098, proposition 1; LyCORIS, arXiv:2309.14859.
    """

    first: LowRank
    second: LowRank
    scale: float = 1.0

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether both matrices have the weight's rows and numbers."""
        return all(
            each.shape[0] == shape[0] and elements(each.shape) == elements(shape)
            for each in (self.first, self.second)
        )

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        product = self.first.matrix().mul_(self.second.matrix().reshape(self.first.shape))
        return product.mul_(self.scale).reshape(weight.shape)
