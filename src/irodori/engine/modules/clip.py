"""SDXL's two text encoders: CLIP ViT-L as Hugging Face names it, ViT-bigG as OpenCLIP does.

Attribute names are the keys of the single-file layout after
`conditioner.embedders.0.transformer.text_model.` and `conditioner.embedders.1.model.`.

Source: Radford et al. 2021, arXiv:2103.00020, section 2.4; Cherti et al. 2022, arXiv:2212.07143.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from irodori.engine.modules.attention import Attend, Site, fused, join_heads, split_heads
from irodori.engine.modules.layers import Embedding, Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipConfig:
    """The sizes of a text encoder. `CLIP_L` and `CLIP_G` are SDXL's.

    Attributes:
        width: channels of a token's state.
        layers: transformer blocks.
        heads: attention heads; divides the width.
        inner: width of the perceptrons.
        projection: width of the pooled vector (bigG's kind only).
        vocabulary: rows of the token table; the last is the end of the text.
        positions: tokens of a row.
    """

    width: int
    layers: int
    heads: int
    inner: int
    projection: int = 0
    vocabulary: int = 49408
    positions: int = 77


CLIP_L = ClipConfig(width=768, layers=12, heads=12, inner=3072)
CLIP_G = ClipConfig(width=1280, layers=32, heads=20, inner=5120, projection=1280)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedText:
    """What bigG gives.

    Attributes:
        states: [B, 77, width], a hidden layer without the final norm.
        pooled: [B, projection], the last layer at the end of the text, normed and projected.
    """

    states: Tensor
    pooled: Tensor


class ClipL(nn.Module):
    """The first text encoder."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = ClipLEmbeddings(config)
        self.encoder = ClipLEncoder(config)
        self.final_layer_norm = nn.LayerNorm(config.width)

    def embed(self, tokens: Tensor) -> Tensor:
        """Return the table's rows [B, L, width] of token ids [B, L], for vectors to be put in."""
        rows: Tensor = self.embeddings.token_embedding(tokens)
        return rows

    def encode(self, rows: Tensor, skip: int = 2, attend: Attend = fused) -> Tensor:
        """Return hidden state `-skip` [B, L, width] of embedded tokens, without the final norm.

        Args:
            rows: [B, L, width], what `embed` gives, L up to `positions`.
            skip: 1 is the last block's output, 2 the one before; `layers + 1` and more are the
                embedded tokens. SDXL was trained with 2; clip skip N means max(N, 2).
            attend: how attention is computed.
        """
        x = rows + self.embeddings.position_embedding.weight[: rows.shape[1]]
        # The blocks above the wanted state are never run.
        for layer in self.encoder.layers[: max(0, self.config.layers + 1 - skip)]:
            x = layer(x, attend)
        return x

    def forward(self, tokens: Tensor, skip: int = 2, attend: Attend = fused) -> Tensor:
        """Return hidden state `-skip` [B, L, width] of token ids [B, L]; see `encode`."""
        return self.encode(self.embed(tokens), skip, attend)


class ClipLEmbeddings(nn.Module):
    """The tables of tokens and positions."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.token_embedding = Embedding(config.vocabulary, config.width)
        self.position_embedding = Embedding(config.positions, config.width)


class ClipLEncoder(nn.Module):
    """The transformer blocks."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            ClipLBlock(config, f"encoder.layers.{i}") for i in range(config.layers)
        )


class ClipLBlock(nn.Module):
    """Causal attention, then a perceptron."""

    def __init__(self, config: ClipConfig, name: str) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.self_attn = ClipLAttention(config, f"{name}.self_attn")
        self.layer_norm2 = nn.LayerNorm(config.width)
        self.mlp = ClipLPerceptron(config)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        x = x + self.self_attn(self.layer_norm1(x), attend)
        out: Tensor = x + self.mlp(self.layer_norm2(x))
        return out


class ClipLAttention(nn.Module):
    """Causal attention with separate projections."""

    def __init__(self, config: ClipConfig, name: str) -> None:
        super().__init__()
        self.heads = config.heads
        self.site = Site(name=name, causal=True)
        self.q_proj = Linear(config.width, config.width)
        self.k_proj = Linear(config.width, config.width)
        self.v_proj = Linear(config.width, config.width)
        self.out_proj = Linear(config.width, config.width)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        q, k, v = (
            split_heads(projection(x), self.heads)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        out: Tensor = self.out_proj(join_heads(attend(q, k, v, self.site)))
        return out


class ClipLPerceptron(nn.Module):
    """Two linears with CLIP's own approximation of the GELU between them."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.fc1 = Linear(config.width, config.inner)
        self.fc2 = Linear(config.inner, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        h = self.fc1(x)
        out: Tensor = self.fc2(h * torch.sigmoid(1.702 * h))
        return out


class ClipG(nn.Module):
    """The second text encoder, which also gives the pooled vector."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = Embedding(config.vocabulary, config.width)
        self.positional_embedding = nn.Parameter(torch.empty(config.positions, config.width))
        self.transformer = ClipGEncoder(config)
        self.ln_final = nn.LayerNorm(config.width)
        # Stored as (in, out), unlike a linear layer's weight.
        self.text_projection = nn.Parameter(torch.empty(config.width, config.projection))

    def embed(self, tokens: Tensor) -> Tensor:
        """Return the table's rows [B, L, width] of token ids [B, L], for vectors to be put in."""
        rows: Tensor = self.token_embedding(tokens)
        return rows

    def encode(
        self, rows: Tensor, ends: Tensor, skip: int = 2, attend: Attend = fused
    ) -> EncodedText:
        """Return hidden state `-skip` and the pooled vector of embedded tokens.

        Args:
            rows: [B, L, width], what `embed` gives, L up to `positions`.
            ends: int64 [B], where each text ends; what `ends_of` gives.
            skip: 1 is the last block's output, 2 the one before; `layers + 1` and more are the
                embedded tokens. SDXL was trained with 2; clip skip N means max(N, 2). The pooled
                vector does not depend on it.
            attend: how attention is computed.
        """
        x = rows + self.positional_embedding[: rows.shape[1]]
        states = x
        for i, block in enumerate(self.transformer.resblocks, start=1):
            x = block(x, attend)
            if i == self.config.layers + 1 - skip:
                states = x
        last = x[torch.arange(len(x), device=x.device), ends]  # (B, width)
        return EncodedText(states=states, pooled=self.ln_final(last) @ self.text_projection)

    def forward(self, tokens: Tensor, skip: int = 2, attend: Attend = fused) -> EncodedText:
        """Return hidden state `-skip` and the pooled vector of token ids [B, L]; see `encode`."""
        return self.encode(self.embed(tokens), ends_of(tokens), skip, attend)


class ClipGEncoder(nn.Module):
    """The transformer blocks."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(
            ClipGBlock(config, f"transformer.resblocks.{i}") for i in range(config.layers)
        )


class ClipGBlock(nn.Module):
    """Causal attention, then a perceptron."""

    def __init__(self, config: ClipConfig, name: str) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width)
        self.attn = ClipGAttention(config, f"{name}.attn")
        self.ln_2 = nn.LayerNorm(config.width)
        self.mlp = ClipGPerceptron(config)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        x = x + self.attn(self.ln_1(x), attend)
        out: Tensor = x + self.mlp(self.ln_2(x))
        return out


class ClipGAttention(nn.Module):
    """Causal attention with queries, keys and values from one projection."""

    def __init__(self, config: ClipConfig, name: str) -> None:
        super().__init__()
        self.heads = config.heads
        self.site = Site(name=name, causal=True)
        self.in_proj_weight = nn.Parameter(torch.empty(3 * config.width, config.width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * config.width))
        self.out_proj = Linear(config.width, config.width)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        joint = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = (split_heads(part, self.heads) for part in joint.chunk(3, -1))
        out: Tensor = self.out_proj(join_heads(attend(q, k, v, self.site)))
        return out


class ClipGPerceptron(nn.Module):
    """Two linears with a GELU between them."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.c_fc = Linear(config.width, config.inner)
        self.c_proj = Linear(config.inner, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, L, width] of x, same shape."""
        out: Tensor = self.c_proj(F.gelu(self.c_fc(x)))
        return out


def ends_of(tokens: Tensor) -> Tensor:
    """Return int64 [B]: where each row of token ids [B, L] ends, its first end-of-text token.

    The end of the text has the highest id of the vocabulary, and argmax gives the first of equals.
    """
    return tokens.argmax(-1)
