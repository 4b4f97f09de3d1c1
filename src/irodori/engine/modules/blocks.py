"""What SDXL's UNet is built of: residual blocks, transformers and changes of resolution.

Source: Rombach et al. 2022, arXiv:2112.10752, appendix E.2.1; Podell et al. 2023, arXiv:2307.01952.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from irodori.engine.modules.attention import Attend, Site, join_heads, split_heads
from irodori.engine.modules.layers import Conv2d, GroupNorm, Linear, Pointwise
from irodori.engine.modules.walk import Grid, Merge

# Keys and values of the text, each [B, heads, M, head_dim], by the name of the cross-attention.
ContextKV = Mapping[str, tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What all blocks of a UNet share.

    Attributes:
        embedding_dim: width of the embedding of time and vector.
        context_dim: width of the text's states.
        head_dim: width of an attention head.
        groups: groups of every group norm.
    """

    embedding_dim: int
    context_dim: int
    head_dim: int
    groups: int


class ResidualBlock(nn.Module):
    """x plus two convolutions of it, the embedding added between them."""

    ends_of_branches = ("out_layers.3",)

    def __init__(self, channels: int, out_channels: int, sizes: Sizes) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            GroupNorm(sizes.groups, channels),
            nn.SiLU(),
            Conv2d(channels, out_channels, 3, padding=1),
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), Linear(sizes.embedding_dim, out_channels))
        self.out_layers = nn.Sequential(
            GroupNorm(sizes.groups, out_channels),
            nn.SiLU(),
            nn.Identity(),  # the layout's dropout, which keeps the numbering
            Conv2d(out_channels, out_channels, 3, padding=1),
        )
        self.skip_connection: nn.Module | None = None
        if channels != out_channels:
            self.skip_connection = Pointwise(channels, out_channels)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Return [B, C', H, W] of x [B, C, H, W] and embedding [B, E]."""
        h: Tensor = self.in_layers(x)
        h = self.out_layers(h.add_(self.emb_layers(embedding)[:, :, None, None]))
        return h.add_(x if self.skip_connection is None else self.skip_connection(x))


class Transformer(nn.Module):
    """x plus transformer blocks over its positions as tokens."""

    ends_of_branches = ("proj_out",)

    def __init__(self, channels: int, depth: int, sizes: Sizes, name: str) -> None:
        super().__init__()
        self.norm = GroupNorm(sizes.groups, channels, eps=1e-6)
        self.proj_in = Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, sizes, f"{name}.transformer_blocks.{i}")
            for i in range(depth)
        )
        self.proj_out = Linear(channels, channels)

    def forward(
        self, x: Tensor, context_kv: ContextKV, attend: Attend, merge: Merge | None = None
    ) -> Tensor:
        """Return [B, C, H, W] of x, same shape, informed of itself and of the text."""
        b, c, h, w = x.shape
        rows = self.norm(x).permute(0, 2, 3, 1).reshape(b, h * w, c)  # (B, H*W, C)
        rows = self.proj_in(rows)
        for block in self.transformer_blocks:
            rows = block(rows, context_kv, attend, None if merge is None else (merge, (h, w)))
        out: Tensor = self.proj_out(rows).view(b, h, w, c).permute(0, 3, 1, 2)
        return out.add_(x)


class TransformerBlock(nn.Module):
    """Attention to the picture, attention to the text, then a gated perceptron."""

    def __init__(self, channels: int, sizes: Sizes, name: str) -> None:
        super().__init__()
        heads = channels // sizes.head_dim
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, heads, Site(name=f"{name}.attn1"))
        self.norm2 = nn.LayerNorm(channels)
        cross = Site(name=f"{name}.attn2", cross=True)
        self.attn2 = Attention(channels, sizes.context_dim, heads, cross)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(
        self,
        x: Tensor,
        context_kv: ContextKV,
        attend: Attend,
        merging: tuple[Merge, Grid] | None = None,
    ) -> Tensor:
        """Return [B, L, C] of tokens x, same shape; `merging` shortens the first attention."""
        normed = self.norm1(x)
        if merging is None:
            x = self.attn1(normed, self.attn1.keys_values(normed), attend).add_(x)
        else:
            merge, grid = merging
            fewer, restored = merge(normed, grid)
            x = restored(self.attn1(fewer, self.attn1.keys_values(fewer), attend)) + x
        x = self.attn2(self.norm2(x), context_kv[self.attn2.site.name], attend).add_(x)
        out: Tensor = self.ff(self.norm3(x)).add_(x)
        return out


class Attention(nn.Module):
    """Attention of tokens to the tokens that keys and values were made of."""

    def __init__(self, channels: int, source_channels: int, heads: int, site: Site) -> None:
        super().__init__()
        self.heads = heads
        self.site = site
        self.to_q = Linear(channels, channels, bias=False)
        self.to_k = Linear(source_channels, channels, bias=False)
        self.to_v = Linear(source_channels, channels, bias=False)
        self.to_out = nn.Sequential(Linear(channels, channels))

    def keys_values(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values, each [B, heads, M, D], of source tokens [B, M, C]."""
        keys, values = self.to_k(source), self.to_v(source)
        return split_heads(keys, self.heads), split_heads(values, self.heads)

    def forward(self, x: Tensor, kv: tuple[Tensor, Tensor], attend: Attend) -> Tensor:
        """Return [B, L, C] of tokens x, same shape."""
        q = split_heads(self.to_q(x), self.heads)
        out: Tensor = self.to_out(join_heads(attend(q, *kv, self.site)))
        return out


class FeedForward(nn.Module):
    """A perceptron four times as wide as its tokens, gated (Shazeer 2020, arXiv:2002.05202)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            GatedGelu(channels, 4 * channels),
            nn.Identity(),  # the layout's dropout, which keeps the numbering
            Linear(4 * channels, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, L, C] of tokens x, same shape."""
        out: Tensor = self.net(x)
        return out


class GatedGelu(nn.Module):
    """One half of a projection, times the GELU of the other."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.proj = Linear(channels, 2 * out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, L, C'] of tokens x [B, L, C]."""
        value, gate = self.proj(x).chunk(2, -1)
        out: Tensor = value * F.gelu(gate)
        return out


class Downsample(nn.Module):
    """Halve height and width, rounding up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, C, ceil(H/2), ceil(W/2)]."""
        out: Tensor = self.op(x)
        return out


class Upsample(nn.Module):
    """Grow to a size by repeating the nearest pixel, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: torch.Size) -> Tensor:
        """Return [B, C, *size]."""
        out: Tensor = self.conv(F.interpolate(x, size=size, mode="nearest"))
        return out
