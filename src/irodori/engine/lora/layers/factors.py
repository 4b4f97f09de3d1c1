"""The matrices that LoHa and LoKr multiply: whole, or of low rank."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from irodori.engine.lora.layers.base import elements, tucker


class Factor(Protocol):
    """A matrix, with a kernel where it belongs to a convolution."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The matrix' shape, without computing it."""
        ...

    def matrix(self) -> Tensor:
        """Return the matrix: float32, a new tensor."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whole:
    """A matrix as it is.

    Attributes:
        value: [rows, columns] or [rows, columns, kh, kw].
    """

    value: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """See `Factor`."""
        return tuple(self.value.shape)

    def matrix(self) -> Tensor:
        """See `Factor`."""
        return self.value.float().clone()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LowRank:
    """`a @ b`, or with a core the Tucker form of a convolution.

    Attributes:
        a: [rows, r]; with a core [r, rows].
        b: [r, columns * kh * kw]; with a core [r, columns].
        core: [r, r, kh, kw], or None.
    """

    a: Tensor
    b: Tensor
    core: Tensor | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """See `Factor`; without a core, the kernel is part of the columns."""
        if self.core is None:
            return (self.a.shape[0], elements(self.b.shape))
        return (self.a.shape[1], self.b.shape[1], *self.core.shape[2:])

    def matrix(self) -> Tensor:
        """See `Factor`."""
        a, b = self.a.float(), self.b.float()
        if self.core is None:
            return a @ b.flatten(1)
        return tucker(self.core.float(), a, b)
