"""One rule for every kind of network: what strength means.

At full strength a network makes another weight f(W) of a weight W. At strength s the weight is

    W(s) = W + s * (f(W) - W)

For sums (LoRA, LoHa, LoKr, differences) f(W) - W does not depend on W and this is the usual
`W + s * D`. For DoRA, GLoRA, (IA)3 and rotations the trainers leave strengths other than 1 open;
the straight line between both ends is what A1111 and ComfyUI draw with.

Several networks act in the order of the prompt, each on what the one before left.
"""

from dataclasses import fields, is_dataclass, replace
from math import prod
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import Tensor


class Held(Protocol):
    """A dataclass that holds tensors."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Moved = TypeVar("Moved", bound=Held)


class Layer(Held, Protocol):
    """What a network does to one weight; a dataclass."""

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether a weight of this shape can be changed."""
        ...

    def delta(self, weight: Tensor) -> Tensor:
        """Return f(W) - W: float32, the shape of `weight`, which is float32 and not changed."""
        ...

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """Return W(s): float32, a new tensor; `weight` itself where nothing changes."""
        ...


class Straight:
    """The rule above: a straight line from W to f(W). Every kind but an overwriting one is so."""

    __slots__ = ()

    def delta(self, weight: Tensor) -> Tensor:
        """Return f(W) - W; see `Layer`."""
        raise NotImplementedError

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """Return W + s * (f(W) - W); `weight` itself at strength 0."""
        return weight.add(self.delta(weight), alpha=strength) if strength else weight


def moved(layer: Moved, device: torch.device) -> Moved:
    """Return a layer, or a factor of one, with its tensors on a device; itself where they are."""
    changes: dict[str, Any] = {}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, Tensor) and value.device != device:
            changes[field.name] = value.to(device)
        elif is_dataclass(value) and not isinstance(value, type):
            inner = moved(value, device)
            if inner is not value:
                changes[field.name] = inner
    return replace(layer, **changes) if changes else layer


def tucker(core: Tensor, out_factor: Tensor, in_factor: Tensor) -> Tensor:
    """Return a convolution's weight from its Tucker-2 form.

    Args:
        core: [p, q, kh, kw].
        out_factor: [p, out].
        in_factor: [q, in].

    Returns:
        [out, in, kh, kw]: sum over p, q of core[p, q] * out_factor[p] * in_factor[q].

    Source: Kim et al. 2015, arXiv:1511.06530, equation 3, over the two channel modes.
    """
    inner = core.movedim(1, -1) @ in_factor  # (p, kh, kw, in)
    return (inner.movedim(-1, 1).movedim(0, -1) @ out_factor).movedim(-1, 0).contiguous()


def elements(shape: tuple[int, ...]) -> int:
    """Return how many numbers a row of a weight has: everything but its first size."""
    return prod(shape[1:])


def count(shape: tuple[int, ...]) -> int:
    """Return how many numbers a weight has."""
    return prod(shape)
