"""GLoRA: a low-rank change of the weight itself, and a low-rank sum."""

from dataclasses import dataclass

from torch import Tensor

from irodori.engine.lora.layers.base import Straight, elements


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glora(Straight):
    """D = a * (W A + B), over the input channels of W.

    Attributes:
        a_out: [in, r], first factor of A = a_out @ a_in.
        a_in: [r, in].
        b_out: [out, r], first factor of B = b_out @ b_in.
        b_in: [r, in * kh * kw].
        scale: a = alpha / r.

    Source: Chavan et al. 2023, arXiv:2306.07967, equation 9, with the terms LyCORIS trains.
    """

    a_out: Tensor
    a_in: Tensor
    b_out: Tensor
    b_in: Tensor
    scale: float = 1.0

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether A is [in, in] and B has the weight's numbers."""
        return (
            self.a_out.shape[0] == self.a_in.flatten(1).shape[1] == shape[1]
            and self.a_out.flatten(1).shape[1] == self.a_in.shape[0]
            and self.b_out.shape[0] == shape[0]
            and self.b_out.flatten(1).shape[1] == self.b_in.shape[0]
            and elements(self.b_in.shape) == elements(shape)
        )

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        a_out, a_in, b_out, b_in = (
            factor.float().flatten(1) for factor in (self.a_out, self.a_in, self.b_out, self.b_in)
        )
        mixed = (weight.movedim(1, -1) @ a_out @ a_in).movedim(-1, 1)
        return (mixed + (b_out @ b_in).view(weight.shape)).mul_(self.scale)


def glora_of(
    a1: Tensor, a2: Tensor, b1: Tensor, b2: Tensor, shape: tuple[int, ...], scale: float
) -> Glora:
    """Return the layer of a file's four factors, whose order their shapes tell.

    The newer layout is D = W a1 a2 + b1 b2, the older one D = W a2 a1 + b2 b1. Where both fit
    (rank = channels), it is the newer.

    Args:
        a1: of the file.
        a2: of the file.
        b1: of the file.
        b2: of the file.
        shape: of the weight.
        scale: a.
    """
    newer = Glora(a_out=a1, a_in=a2, b_out=b1, b_in=b2, scale=scale)
    older = Glora(a_out=a2, a_in=a1, b_out=b2, b_in=b1, scale=scale)
    return older if older.fits(shape) and not newer.fits(shape) else newer
