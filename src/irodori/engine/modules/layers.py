"""The layers all SDXL modules are built of: convolutions, linears and norms laid out NHWC.

Every picture-like tensor is [B, C, H, W] in torch's channels_last memory format: a pixel's channels
lie side by side, so that a permutation turns it into rows of tokens without a copy.

Constructing a layer makes shapes only. Values come from a file, or from `initialise`.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

STORED = torch.float8_e4m3fn
"""The type that halves what weights take; nothing is computed in it."""

# Below this many elements torch's own backward wins over ours.
_SMALL = 1 << 17


def computable(weight: Tensor, x: Tensor) -> Tensor:
    """Return a weight to compute x with: itself, or cast where it is only stored in eight bits."""
    return weight.to(x.dtype) if weight.dtype is STORED else weight


class Linear(nn.Linear):
    """A linear layer whose construction draws no numbers."""

    def reset_parameters(self) -> None:
        """Leave the values open: they are assigned or initialised by the caller."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x [..., C] as [..., C'], dtype of x."""
        return F.linear(x, computable(self.weight, x), self.bias)


class Embedding(nn.Embedding):
    """A table of rows whose construction draws no numbers."""

    def reset_parameters(self) -> None:
        """Leave the values open: they are assigned or initialised by the caller."""


class Conv2d(nn.Conv2d):
    """A convolution whose construction draws no numbers."""

    def reset_parameters(self) -> None:
        """Leave the values open: they are assigned or initialised by the caller."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, H, W] convolved, dtype of x."""
        # nn.Conv2d has no other way to convolve with a weight that is not its own.
        convolved: Tensor = self._conv_forward(x, computable(self.weight, x), self.bias)
        return convolved


class Pointwise(Conv2d):
    """A 1x1 convolution, computed as the matrix product it is: faster on NHWC tensors."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, H, W] with its channels mixed, [B, C', H, W]."""
        rows = F.linear(x.permute(0, 2, 3, 1), computable(self.weight, x).flatten(1), self.bias)
        return rows.permute(0, 3, 1, 2)


class GroupNorm(nn.GroupNorm):
    """Group normalisation with a backward pass that is fast for NHWC tensors on a CPU.

    Equal to `torch.nn.GroupNorm` in value and gradient. torch's forward is fast in any layout; its
    CPU backward walks a channels_last tensor against its grain and takes 2-4 times as long as the
    form here (Wu and He 2018, arXiv:1803.08494; gradients written as sums per channel).
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, ...] normalised over each group of channels and all positions."""
        trains = torch.is_grad_enabled() and x.requires_grad
        if trains and x.device.type == "cpu" and x.dim() == 4 and x.numel() >= _SMALL:
            # torch leaves `apply` untyped.
            y: Tensor = _ChannelsLastGroupNorm.apply(  # type: ignore[no-untyped-call]
                x, self.weight, self.bias, self.num_groups, self.eps
            )
            return y
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


class _ChannelsLastGroupNorm(torch.autograd.Function):
    """y = (x - mean) * rstd * weight + bias, with gradients as two sums and one affine map."""

    # ctx is torch's bag for saved values; torch itself types it as Any.
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float
    ) -> Tensor:
        b, c, h, w = x.shape
        y, mean, rstd = torch.native_group_norm(x, weight, bias, b, c, h * w, groups, eps)
        ctx.save_for_backward(x, weight, mean, rstd)
        ctx.groups = groups
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        x, weight, mean, rstd = ctx.saved_tensors
        b, c, h, w = x.shape
        size = c // ctx.groups
        rows = x.permute(0, 2, 3, 1).reshape(b, h * w, c)
        g = grad.permute(0, 2, 3, 1).reshape(b, h * w, c)
        mean = mean.float().repeat_interleave(size, 1)  # (B, C)
        rstd = rstd.float().repeat_interleave(size, 1)  # (B, C)
        sum_g = g.sum(1, dtype=torch.float32)  # (B, C)
        sum_gx = ((g * rows).sum(1, dtype=torch.float32) - mean * sum_g) * rstd  # of g * x_hat

        def group_mean(sums: Tensor) -> Tensor:  # (B, C) -> (B, C), the group's mean everywhere
            means: Tensor = (sums * weight.float()).view(b, ctx.groups, size).sum(2) / (
                h * w * size
            )
            return means.repeat_interleave(size, 1)

        # dx = rstd * (g * weight - mean_g - x_hat * mean_gx), as slope * g + bend * x + shift
        slope = rstd * weight.float()
        bend = -rstd * rstd * group_mean(sum_gx)
        shift = -rstd * group_mean(sum_g) - mean * bend
        slope, bend, shift = (part.to(x.dtype)[:, None] for part in (slope, bend, shift))
        dx = torch.addcmul(shift, g, slope).addcmul_(rows, bend)
        return (
            dx.view(b, h, w, c).permute(0, 3, 1, 2),
            sum_gx.sum(0).to(weight.dtype),
            sum_g.sum(0).to(weight.dtype),
            None,
            None,
        )


def channels_last(x: Tensor) -> Tensor:
    """Return x [B, C, H, W] in the memory format that all modules here keep."""
    return x.contiguous(memory_format=torch.channels_last)
