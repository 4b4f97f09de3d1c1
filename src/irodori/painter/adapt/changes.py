"""What is trained at one weight: LoRA, LoKr, DoRA, each with its starting values and its tensors.

Each is the training side of the layer of the same name in `irodori.engine.lora.layers`, whose
formula and file format it keeps; a test draws the one from the other.
"""

from collections.abc import Mapping
from math import prod

import torch
from torch import Generator, Tensor, nn

from irodori.painter.adapt.config import AdapterSettings, Kind

_EPSILON = torch.finfo(torch.float32).eps


class Change(nn.Module):
    """What is done to one weight; begins as nothing."""

    def forward(self, weight: Tensor) -> Tensor:
        """Return the changed weight, float32 of the shape of `weight`, which is not changed."""
        raise NotImplementedError

    def tensors(self) -> dict[str, Tensor]:
        """Return what a file holds of it, by the end of the name."""
        raise NotImplementedError

    def factors(self) -> dict[str, nn.Parameter]:
        """Return what of that can be gone on with on another model; shapes may lack ones."""
        raise NotImplementedError


class LoraChange(Change):
    """W + alpha / r * up @ down.

    Source: Hu et al. 2021, arXiv:2106.09685, section 4.1: down drawn at random, up zero.
    """

    def __init__(
        self, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator
    ) -> None:
        super().__init__()
        rank = min(rank, shape[0], prod(shape[1:]))
        self.down = nn.Parameter(_uniform((rank, *shape[1:]), generator))
        self.up = nn.Parameter(torch.zeros(shape[0], rank))
        self.alpha = alpha or float(rank)

    def difference(self) -> Tensor:
        """Return what is added, [out, in] or [out, in, kh, kw]."""
        scale = self.alpha / len(self.down)
        return ((self.up * scale) @ self.down.flatten(1)).view(-1, *self.down.shape[1:])

    def forward(self, weight: Tensor) -> Tensor:
        """Return W + D; see `Change`."""
        return weight + self.difference()

    def tensors(self) -> dict[str, Tensor]:
        """Return the factors and alpha; see `Change`."""
        kernel = (1,) * (self.down.dim() - 2)
        return {
            "lora_down.weight": self.down,
            "lora_up.weight": self.up.view(*self.up.shape, *kernel),
            "alpha": torch.tensor(self.alpha),
        }

    def factors(self) -> dict[str, nn.Parameter]:
        """Return both; see `Change`."""
        return {"lora_down.weight": self.down, "lora_up.weight": self.up}


class DoraChange(LoraChange):
    """m * (W + D) / ||W + D||, one m for each input channel, which all programs read alike.

    Source: Liu et al. 2024, arXiv:2402.09353, equation 5; the norm is seen as constant by the
    gradient (section 4.3).
    """

    def __init__(self, weight: Tensor, rank: int, alpha: float, generator: Generator) -> None:
        super().__init__(tuple(weight.shape), rank, alpha, generator)
        self.magnitude = nn.Parameter(_input_norm(weight))

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight with its own direction and magnitude; see `Change`."""
        merged = weight + self.difference()
        return merged * (self.magnitude / (_input_norm(merged.detach()) + _EPSILON))

    def tensors(self) -> dict[str, Tensor]:
        """Return LoRA's, and the magnitudes [1, in, ...]; see `Change`."""
        return super().tensors() | {"dora_scale": self.magnitude}


class LokrChange(Change):
    """W + kron(first, second), the coarse factor whole, the fine one of low rank where that pays.

    Source: LyCORIS, arXiv:2309.14859, section 3; the second factor begins at zero.
    """

    def __init__(
        self, shape: tuple[int, ...], rank: int, settings: AdapterSettings, generator: Generator
    ) -> None:
        super().__init__()
        rows, columns = (largest_divisor(size, settings.factor) for size in shape[:2])
        fine = (shape[0] // rows, prod(shape[1:]) // columns)
        self.shape = shape
        self.kernel = shape[2:]
        self.first = nn.Parameter(_uniform((rows, columns), generator))
        if rank * sum(fine) >= prod(fine):
            second = [torch.zeros(fine)]
        else:
            second = [torch.zeros(fine[0], rank), _uniform((rank, fine[1]), generator)]
        self.second = nn.ParameterList(second)  # the matrix, or the two it is the product of
        self.alpha = settings.alpha or float(rank)
        self.rank = rank

    def forward(self, weight: Tensor) -> Tensor:
        """Return W + D; see `Change`."""
        match list(self.second):
            case [a, b]:
                second = (a * (self.alpha / self.rank)) @ b
            case [second]:
                pass
        return weight + torch.kron(self.first, second).reshape(self.shape)

    def tensors(self) -> dict[str, Tensor]:
        """Return the factors, and alpha where there is a rank; see `Change`."""
        if len(self.second) == 1:
            whole = self.second[0]
            return {"lokr_w1": self.first, "lokr_w2": whole.view(len(whole), -1, *self.kernel)}
        return {
            "lokr_w1": self.first,
            "lokr_w2_a": self.second[0],
            "lokr_w2_b": self.second[1],
            "alpha": torch.tensor(self.alpha),
        }

    def factors(self) -> dict[str, nn.Parameter]:
        """Return two, or three where the fine one is a product; see `Change`."""
        names = ("lokr_w2",) if len(self.second) == 1 else ("lokr_w2_a", "lokr_w2_b")
        return {"lokr_w1": self.first} | dict(zip(names, self.second, strict=True))


def new_change(
    weight: Tensor, rank: int, settings: AdapterSettings, generator: Generator
) -> Change:
    """Return a change of a weight that begins as nothing.

    Args:
        weight: [out, in] or [out, in, kh, kw], frozen.
        rank: see `AdapterSettings`.
        settings: kind and alpha.
        generator: of the starting values.
    """
    shape = tuple(weight.shape)
    match settings.kind:
        case Kind.LOKR:
            return LokrChange(shape, rank, settings, generator)
        case Kind.DORA:
            return DoraChange(weight, rank, settings.alpha, generator)
        case Kind.LORA | Kind.LCM:
            return LoraChange(shape, rank, settings.alpha, generator)
        case Kind.INVERSION | Kind.CHECKPOINT | Kind.V_CHECKPOINT:
            raise ValueError(f"{settings.kind} has no change for each weight")


def largest_divisor(size: int, bound: int) -> int:
    """Return the largest divisor of a size that is not above a bound."""
    return next(each for each in range(min(size, bound), 0, -1) if size % each == 0)


def named_tensors(changes: Mapping[str, Change]) -> dict[str, Tensor]:
    """Return the tensors of a file: each stem's, contiguous, float16."""
    return {
        f"{stem}.{name}": value.detach().half().contiguous()
        for stem, change in changes.items()
        for name, value in change.tensors().items()
    }


def _uniform(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """Return numbers within 1 / sqrt(fan in), as linear layers begin."""
    bound = prod(shape[1:]) ** -0.5
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)


def _input_norm(weight: Tensor) -> Tensor:
    """Return the norm of what reads each input channel, [1, in, 1, ...]."""
    others = [axis for axis in range(weight.dim()) if axis != 1]
    return weight.square().sum(others, keepdim=True).sqrt()
