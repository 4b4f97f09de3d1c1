"""Linear layers in 8-bit integers, for CPUs that multiply them faster than anything else.

Weights get a scale for each output channel, once; what comes in gets one for each token, at every
call. The products are summed exactly in 32 bits. Only layers that every call computes are changed:
the text's keys and values are computed once a prompt, and the convolutions stay as they are.

Left out because measured worse on a CPU with VNNI: weights alone in eight bits
(`torch._weight_int8pack_mm`: 2.6 to 2.9 times the time of a bfloat16 product), and
one scale for all tokens (as fast, but a layer errs by 2.9 % where this one errs by 1.2 %).

Source: Jacob et al. 2018, arXiv:1712.05877, section 2 (scales); Dettmers et al. 2022,
arXiv:2208.07339, section 2 (a scale for each row and column).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from irodori.engine.modules.attention import Attend
from irodori.engine.modules.blocks import Attention, Transformer
from irodori.engine.modules.layers import Linear
from irodori.engine.modules.unet import UNet

_MOST: Final = 127
_ZERO: Final = 128  # oneDNN's fast kernel takes unsigned numbers: this one means 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Packed:
    """A weight in eight bits, laid out for oneDNN."""

    source: Tensor  # what it was made of; held, so that its memory cannot become another's
    weight: Tensor
    scales: Tensor  # float32 [C'], one for each output channel
    zeros: Tensor  # int32 [C'], all 0


class Int8Linear(Linear):
    """A linear layer that keeps its weight and multiplies with an 8-bit copy of it.

    The copy is made at the first call, and again where the weight has become another (networks
    that are merged).

    Args:
        linear: the layer; its parameters are shared, not copied.
    """

    def __init__(self, linear: nn.Linear) -> None:
        with torch.device("meta"):
            super().__init__(linear.in_features, linear.out_features, linear.bias is not None)
        self.weight = linear.weight
        self.bias = linear.bias
        self._packed: _Packed | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x [..., C] as [..., C'], dtype of x."""
        packed = self._up_to_date()
        rows = x.reshape(-1, x.shape[-1])
        largest = rows.abs().amax(-1, keepdim=True).float().clamp_min(1e-12)  # (R, 1)
        half = torch.full((), _ZERO + 0.5, device=x.device)  # cut off, it rounds to the nearest
        numbers = torch.addcmul(half, rows.float(), _MOST / largest).to(torch.uint8)
        product = torch.ops.onednn.qlinear_pointwise(
            numbers, 1.0, _ZERO, packed.weight, packed.scales, packed.zeros,
            None, 1.0, 0, x.dtype, "none", [], "",
        )  # fmt: skip
        step = (largest / _MOST).to(x.dtype)
        out: Tensor = product.mul_(step) if self.bias is None else product.mul_(step) + self.bias
        return out.view(*x.shape[:-1], -1)

    def _up_to_date(self) -> _Packed:
        weight = self.weight.data
        if self._packed is None or self._packed.source.data_ptr() != weight.data_ptr():
            self._packed = _packed(weight)
        return self._packed


def multiply_in_int8(unet: UNet) -> int:
    """Let a UNet's transformers multiply in 8-bit integers; return how many layers do so now."""
    count = 0
    for transformer in [each for each in unet.modules() if isinstance(each, Transformer)]:
        for holder in list(transformer.modules()):
            for name, child in list(holder.named_children()):
                if isinstance(child, Linear) and not _is_of_the_text(holder, name):
                    setattr(holder, name, Int8Linear(child))
                    count += 1
    return count


def can_multiply_in_int8(device: torch.device) -> bool:
    """Tell whether this build of torch has the kernels, and the device is the CPU."""
    has_kernels: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch left it so
    return device.type == "cpu" and has_kernels


@torch.no_grad()
def probe(unet: UNet, dtype: torch.dtype, attend: Attend) -> Tensor:
    """Return a UNet's answer to a fixed question, by which two states of it are compared.

    Args:
        unet: of any size.
        dtype: of its arithmetic.
        attend: how attention is computed.
    """
    config = unet.config
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator).to(dtype)

    channels = config.latent_channels + config.extra_channels
    x, context = drawn(1, channels, 16, 16), drawn(1, 77, config.context_dim)
    answer: Tensor = unet(x, torch.tensor([500.0]), drawn(1, config.vector_dim), context, attend)
    return answer.float()


def distance(answer: Tensor, exact: Tensor) -> float:
    """Return the length of the difference over the length of what is exact."""
    return float((answer - exact).norm() / exact.norm())


def _is_of_the_text(holder: nn.Module, name: str) -> bool:
    is_cross = isinstance(holder, Attention) and holder.site.cross
    return is_cross and name in {"to_k", "to_v"}


def _packed(weight: Tensor) -> _Packed:
    exact = weight.float()
    scales = exact.abs().amax(1).clamp_min(1e-12) / _MOST
    numbers = (exact / scales[:, None]).round_().clamp_(-_MOST, _MOST).to(torch.int8)
    return _Packed(
        source=weight,
        weight=torch.ops.onednn.qlinear_prepack(numbers, None),
        scales=scales,
        zeros=torch.zeros(len(scales), dtype=torch.int32),
    )
