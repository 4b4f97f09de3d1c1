"""ESRGAN's network: residual blocks in residual blocks of dense ones, then nearest enlargement.

Source: Wang et al. 2018, arXiv:1809.00219, section 3.1; Wang et al. 2021, arXiv:2107.10833,
section 3.3 for pixels folded into channels where the factor is under 4.
"""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_SHARE: Final = 0.2  # of every residual, and the slope of the leaky units
_CONVOLUTIONS: Final = 5  # of a dense block
_DENSE: Final = 3  # dense blocks of a block


@dataclass(frozen=True, slots=True, kw_only=True)
class RRDBConfig:
    """The sizes of a network; the defaults are those of R-ESRGAN 4x+ Anime6B.

    Attributes:
        channels: of the picture.
        features: channels within.
        growth: channels that each convolution of a dense block adds.
        blocks: how many.
        doublings: how often height and width are doubled at the end.
        fold: so many pixels of height and width become channels at the beginning.
    """

    channels: int = 3
    features: int = 64
    growth: int = 32
    blocks: int = 6
    doublings: int = 2
    fold: int = 1

    @property
    def scale(self) -> int:
        """Factor on height and width."""
        return int(2**self.doublings) // self.fold


class RRDBNet(nn.Module):
    """Pixels to more pixels.

    Args:
        config: its sizes.
    """

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        self.config = config
        features = config.features
        self.conv_first = _convolution(config.channels * config.fold**2, features)
        self.body = nn.Sequential(*(_Block(features, config.growth) for _ in range(config.blocks)))
        self.conv_body = _convolution(features, features)
        self.conv_up = nn.ModuleList(
            _convolution(features, features) for _ in range(config.doublings)
        )
        self.conv_hr = _convolution(features, features)
        self.conv_last = _convolution(features, config.channels)

    @property
    def scale(self) -> int:
        """Factor on height and width."""
        return self.config.scale

    def forward(self, x: Tensor) -> Tensor:
        """Return pictures enlarged.

        Args:
            x: [B, channels, H, W], 0..1.

        Returns:
            [B, channels, H * scale, W * scale], about 0..1; not cut off.
        """
        height, width = x.shape[-2:]
        fold = self.config.fold
        if fold > 1:
            x = F.pad(x, (0, -width % fold, 0, -height % fold), mode="replicate")
            x = F.pixel_unshuffle(x, fold)
        x = self.conv_first(x)
        x = self.conv_body(self.body(x)).add_(x)
        for convolution in self.conv_up:
            x = _leaky(convolution(F.interpolate(x, scale_factor=2.0, mode="nearest")))
        x = self.conv_last(_leaky(self.conv_hr(x)))
        return x[..., : height * self.scale, : width * self.scale]


class _Dense(nn.Module):
    """A dense block: every convolution sees what all before it saw and gave."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        for i in range(_CONVOLUTIONS):
            out = features if i == _CONVOLUTIONS - 1 else growth
            self.add_module(f"conv{i + 1}", _convolution(features + i * growth, out))

    def forward(self, x: Tensor) -> Tensor:
        *firsts, last = self.children()
        seen = x
        for convolution in firsts:
            seen = torch.cat((seen, _leaky(convolution(seen))), 1)
        residual: Tensor = last(seen)
        return residual.mul_(_SHARE).add_(x)


class _Block(nn.Module):
    """Three dense blocks and a residual around them."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        for i in range(_DENSE):
            self.add_module(f"rdb{i + 1}", _Dense(features, growth))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for dense in self.children():
            y = dense(y)
        return y.mul_(_SHARE).add_(x)


def _convolution(channels: int, out: int) -> nn.Conv2d:
    return nn.Conv2d(channels, out, 3, padding=1)


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, _SHARE, inplace=True)
