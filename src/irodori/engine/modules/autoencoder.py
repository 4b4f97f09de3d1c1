"""SDXL's autoencoder: pictures to latents of an eighth of their size, and back.

Attribute names are the keys of the single-file layout after `first_stage_model.`.

Source: Rombach et al. 2022, arXiv:2112.10752, section 3.1 and appendix G.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from irodori.engine.modules.attention import Attend, Site, fused, join_heads, split_heads
from irodori.engine.modules.layers import Conv2d, GroupNorm, Pointwise, channels_last

_EPS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderConfig:
    """The sizes of an autoencoder; the defaults are SDXL's.

    Attributes:
        channels: per level, finest first; each level after the first halves height and width.
        layers_per_block: residual blocks a level of the encoder; the decoder has one more.
        latent_channels: channels of the latents.
        groups: groups of every group norm; divides all channels.
        scale: latents are multiplied by this after encoding, to have unit variance.
    """

    channels: tuple[int, ...] = (128, 256, 512, 512)
    layers_per_block: int = 2
    latent_channels: int = 4
    groups: int = 32
    scale: float = 0.13025

    @property
    def reduction(self) -> int:
        """How many pixels of height or width one latent stands for."""
        return int(2 ** (len(self.channels) - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The normal distribution of latents that the encoder gives for a picture, not yet scaled.

    Attributes:
        mean: [B, latent_channels, H/8, W/8].
        log_variance: same shape, within -30..20.
    """

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """Return the draw that standard normal noise of the mean's shape stands for."""
        return self.mean + (0.5 * self.log_variance).exp() * noise

    def divergence(self) -> Tensor:
        """Return KL(posterior || N(0, 1)) of each latent, in nats, shape of the mean."""
        return 0.5 * (self.mean**2 + self.log_variance.exp() - 1 - self.log_variance)


class Autoencoder(nn.Module):
    """Encoder and decoder. Latents here are as they come: the caller applies `config.scale`."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        moments = 2 * config.latent_channels
        self.quant_conv = Pointwise(moments, moments)
        self.post_quant_conv = Pointwise(config.latent_channels, config.latent_channels)

    def encode(self, pixels: Tensor, attend: Attend = fused) -> Posterior:
        """Return the distribution of the latents of pictures.

        Args:
            pixels: [B, 3, H, W] in -1..1; H and W multiples of 8.
            attend: how attention is computed.
        """
        moments = self.quant_conv(self.encoder(channels_last(pixels), attend))
        mean, log_variance = moments.chunk(2, 1)
        return Posterior(mean=mean, log_variance=log_variance.clamp(-30.0, 20.0))

    def decode(self, latents: Tensor, attend: Attend = fused) -> Tensor:
        """Return the pictures [B, 3, H, W], about -1..1, of unscaled latents [B, 4, H/8, W/8]."""
        pixels: Tensor = self.decoder(self.post_quant_conv(channels_last(latents)), attend)
        return pixels


class Encoder(nn.Module):
    """Pixels to the moments of the latents."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        channels, groups = config.channels, config.groups
        self.conv_in = Conv2d(3, channels[0], 3, padding=1)
        self.down = nn.ModuleList()
        for i, (c_in, c_out) in enumerate(pairwise((channels[0], *channels))):
            level = Level(c_in, c_out, config.layers_per_block, groups)
            if i < len(channels) - 1:
                level.downsample = Downsample(c_out)
            self.down.append(level)
        self.mid = Middle(channels[-1], groups, "encoder.mid")
        self.norm_out = GroupNorm(groups, channels[-1], eps=_EPS)
        self.conv_out = Conv2d(channels[-1], 2 * config.latent_channels, 3, padding=1)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return mean and log-variance [B, 2 * latent_channels, H/8, W/8] of x [B, 3, H, W]."""
        x = self.conv_in(x)
        for level in self.down:
            x = level(x)
        x = self.mid(x, attend)
        out: Tensor = self.conv_out(F.silu(self.norm_out(x)))
        return out


class Decoder(nn.Module):
    """Latents to pixels. `up` is numbered finest first, as in the file, and run backwards."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        channels, groups = config.channels, config.groups
        self.conv_in = Conv2d(config.latent_channels, channels[-1], 3, padding=1)
        self.mid = Middle(channels[-1], groups, "decoder.mid")
        self.up = nn.ModuleList()
        for i, (c_out, c_in) in enumerate(pairwise((*channels, channels[-1]))):
            level = Level(c_in, c_out, config.layers_per_block + 1, groups)
            if i > 0:
                level.upsample = Upsample(c_out)
            self.up.append(level)
        self.norm_out = GroupNorm(groups, channels[0], eps=_EPS)
        self.conv_out = Conv2d(channels[0], 3, 3, padding=1)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return pixels [B, 3, H, W] of latents [B, latent_channels, H/8, W/8]."""
        x = self.mid(self.conv_in(x), attend)
        for level in reversed(self.up):
            x = level(x)
        out: Tensor = self.conv_out(F.silu(self.norm_out(x)))
        return out


class Level(nn.Module):
    """Residual blocks of one resolution, then perhaps a change to the next."""

    def __init__(self, channels: int, out_channels: int, layers: int, groups: int) -> None:
        super().__init__()
        self.block = nn.ModuleList(
            ResidualBlock(channels if i == 0 else out_channels, out_channels, groups)
            for i in range(layers)
        )
        self.downsample: nn.Module | None = None
        self.upsample: nn.Module | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, H, W] after the blocks and the resampling."""
        for block in self.block:
            x = block(x)
        resample = self.downsample or self.upsample
        return x if resample is None else resample(x)


class Middle(nn.Module):
    """Two residual blocks with attention between them, at the coarsest resolution."""

    def __init__(self, channels: int, groups: int, name: str) -> None:
        super().__init__()
        self.block_1 = ResidualBlock(channels, channels, groups)
        self.attn_1 = PixelAttention(channels, groups, f"{name}.attn_1")
        self.block_2 = ResidualBlock(channels, channels, groups)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return x [B, C, H, W], every position informed of all others."""
        out: Tensor = self.block_2(self.attn_1(self.block_1(x), attend))
        return out


class ResidualBlock(nn.Module):
    """x plus two convolutions of it."""

    def __init__(self, channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        self.norm1 = GroupNorm(groups, channels, eps=_EPS)
        self.conv1 = Conv2d(channels, out_channels, 3, padding=1)
        self.norm2 = GroupNorm(groups, out_channels, eps=_EPS)
        self.conv2 = Conv2d(out_channels, out_channels, 3, padding=1)
        self.nin_shortcut = Pointwise(channels, out_channels) if channels != out_channels else None

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, C', H, W] of x [B, C, H, W]."""
        h: Tensor = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h.add_(x if self.nin_shortcut is None else self.nin_shortcut(x))


class PixelAttention(nn.Module):
    """x plus attention of one head over all positions."""

    def __init__(self, channels: int, groups: int, name: str) -> None:
        super().__init__()
        self.site = Site(name=name)
        self.norm = GroupNorm(groups, channels, eps=_EPS)
        self.q = Pointwise(channels, channels)
        self.k = Pointwise(channels, channels)
        self.v = Pointwise(channels, channels)
        self.proj_out = Pointwise(channels, channels)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return [B, C, H, W] of x, same shape."""
        b, c, h, w = x.shape
        normed = self.norm(x)
        q, k, v = (
            split_heads(part(normed).permute(0, 2, 3, 1).reshape(b, h * w, c), 1)
            for part in (self.q, self.k, self.v)
        )
        joined = join_heads(attend(q, k, v, self.site))  # (B, H*W, C)
        out: Tensor = self.proj_out(joined.view(b, h, w, c).permute(0, 3, 1, 2))
        return out.add_(x)


class Downsample(nn.Module):
    """Halve height and width. Padded right and below only, as SDXL's autoencoder was trained."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, C, H/2, W/2]."""
        out: Tensor = self.conv(F.pad(x, (0, 1, 0, 1)))
        return out


class Upsample(nn.Module):
    """Double height and width: every pixel four times, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, C, 2H, 2W]."""
        out: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return out
