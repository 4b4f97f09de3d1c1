"""LoRA, and LoCon, the same on convolutions."""

from dataclasses import dataclass

from torch import Tensor

from irodori.engine.lora.layers.base import Straight, elements, tucker


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lora(Straight):
    """D = a * up @ down, the down factor a convolution where the weight is one.

    With a middle core (LoCon's `lora_mid`, CP form) the down factor is core and 1x1 convolution:
    down'[p, i, h, w] = sum over q of mid[p, q, h, w] * down[q, i].

    Attributes:
        up: [out, r], or [out, r, 1, 1].
        down: [r, in], or [r, in, kh, kw]; with a core [r, in, 1, 1].
        mid: [r, r, kh, kw], or None.
        scale: a = alpha / r.

    Source: Hu et al. 2021, arXiv:2106.09685, section 4.1; LyCORIS, arXiv:2309.14859, section 3.
    """

    up: Tensor
    down: Tensor
    mid: Tensor | None = None
    scale: float = 1.0

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tell whether out and in (times the kernel) are the weight's."""
        rank = self.up.shape[1:2]
        if self.mid is None:
            return (
                self.up.shape[0] == shape[0]
                and self.down.shape[:1] == rank
                and elements(self.down.shape) == elements(shape)
            )
        return (
            len(shape) == 4
            and self.mid.shape == (*rank, self.down.shape[0], *shape[2:])
            and self.up.shape[0] == shape[0]
            and elements(self.down.shape) == shape[1]
        )

    def factors(self) -> tuple[Tensor, Tensor]:
        """Return up [out, r] and the whole down factor [r, in, ...], both float32, unscaled."""
        up, down = self.up.float().flatten(1), self.down.float()
        if self.mid is None:
            return up, down
        core = self.mid.float()  # (r, q, kh, kw)
        whole = core.movedim(1, -1) @ down.flatten(1)  # (r, kh, kw, in)
        return up, whole.movedim(-1, 1)

    def delta(self, weight: Tensor) -> Tensor:
        """Return D in the weight's shape."""
        if self.mid is not None:
            up, down = self.up.float().flatten(1).t(), self.down.float().flatten(1)
            return tucker(self.mid.float(), up, down).mul_(self.scale)
        up, down = self.factors()
        return (up @ down.flatten(1)).mul_(self.scale).view(weight.shape)
