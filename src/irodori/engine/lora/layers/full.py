"""Differences as they are, and weights put in place of others."""

from dataclasses import dataclass

from torch import Tensor

from irodori.engine.lora.layers.base import Straight, count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Full(Straight):
    """D itself: of a weight (`diff`, `w_norm`) or a bias (`diff_b`, `b_norm`); there is no alpha.

    Attributes:
        difference: of the weight's numbers.
    """

    difference: Tensor

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether rows and numbers are the weight's."""
        return self.difference.shape[0] == shape[0] and self.difference.numel() == count(shape)

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        return self.difference.float().view(weight.shape)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overwrite:
    """Another weight in place of the model's, at any strength but 0 (`set_weight`).

    Attributes:
        value: of the weight's shape.
    """

    value: Tensor

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the shape is the weight's."""
        return tuple(self.value.shape) == tuple(shape)

    def delta(self, weight: Tensor) -> Tensor:
        """Return what the weight lacks to the value."""
        return self.value.float() - weight

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """Return the value; `weight` itself at strength 0."""
        return self.value.float() if strength else weight
