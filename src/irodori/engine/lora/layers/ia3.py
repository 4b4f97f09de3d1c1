"""(IA)3: every output, or every input, of a weight gets a factor."""

from dataclasses import dataclass

from torch import Tensor

from irodori.engine.lora.layers.base import Straight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ia3(Straight):
    """D = W * v, along the output channels or the input channels.

    Attributes:
        vector: v, as many entries as channels; training starts at 0.
        on_input: v belongs to the input channels.

    Source: Liu et al. 2022, arXiv:2205.05638, section 3.3, with v - 1 learned, as LyCORIS does.
    """

    vector: Tensor
    on_input: bool

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether v has one entry per channel."""
        axis = 1 if self.on_input else 0
        return len(shape) > axis and self.vector.numel() == shape[axis]

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        sizes = [1] * weight.dim()
        sizes[1 if self.on_input else 0] = -1
        return weight * self.vector.float().reshape(sizes)
