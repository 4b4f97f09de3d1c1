"""Attention: one function, which the caller may exchange for another or for one that watches.

Every module takes `attend` in its forward pass, so nothing is patched to change how attention is
computed, to see its maps, or to confine a prompt to a region.

Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1. Chunking: the scores of a few heads or
rows at a time stay in the processor's cache, where torch's bfloat16 flash kernel is slow.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

_CACHE_BYTES = 3 << 20  # scores computed at a time by `chunked`: what a core's cache holds
_ROW_BYTES = 2 << 20  # the same where even one head's scores are larger
_LEAST_ROWS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where in a model an attention is computed.

    Attributes:
        name: the module's name as in the file: `input_blocks.4.1.transformer_blocks.0.attn2`.
        cross: keys and values come from the text.
        causal: a token sees itself and those before it (the text encoders).
    """

    name: str
    cross: bool = False
    causal: bool = False


class Attend(Protocol):
    """softmax(q k^T / sqrt(D)) v for every head."""

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, site: Site) -> Tensor:
        """Return the values each query attends to.

        Args:
            q: [B, heads, L, D].
            k: [B, heads, M, D].
            v: [B, heads, M, D].
            site: where this is; decides about causality.

        Returns:
            [B, heads, L, D], dtype of q.
        """
        ...


def fused(q: Tensor, k: Tensor, v: Tensor, site: Site) -> Tensor:
    """Attend with torch's fused kernel: the choice on a GPU, and for float32 drawing on a CPU."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=site.causal)


def plain(q: Tensor, k: Tensor, v: Tensor, site: Site) -> Tensor:
    """Attend by two matrix products: the fastest to train with on a CPU at small sizes."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)  # (B, heads, L, M)
    if site.causal:
        scores = scores + causal_mask(q.shape[-2], scores)
    out: Tensor = scores.softmax(-1) @ v
    return out


def chunked(q: Tensor, k: Tensor, v: Tensor, site: Site) -> Tensor:
    """Attend a few heads or rows at a time, scores within the cache: for bfloat16 on a CPU.

    Takes no gradients. Causal attention is the text encoders', whose 77 tokens need no chunks.
    """
    b, heads, rows, _ = q.shape
    head_bytes = rows * k.shape[-2] * q.element_size()
    if site.causal or head_bytes * b * heads <= 2 * _CACHE_BYTES:
        return plain(q, k, v, site)
    q = q * q.shape[-1] ** -0.5
    # Filled as (B, L, heads, D), the order in which the heads are joined afterwards.
    out = q.new_empty(b, rows, heads, v.shape[-1])
    if head_bytes <= _CACHE_BYTES:
        count = _CACHE_BYTES // head_bytes
        for i in range(b):
            for h in range(0, heads, count):
                part = slice(h, h + count)
                scores = torch.bmm(q[i, part], k[i, part].transpose(1, 2)).softmax(-1)
                out[i, :, part] = torch.bmm(scores, v[i, part]).transpose(0, 1)
    else:
        count = max(_LEAST_ROWS, _ROW_BYTES // (k.shape[-2] * q.element_size()))
        for i in range(b):
            for h in range(heads):
                keys, values = k[i, h].t().contiguous(), v[i, h].contiguous()
                for r in range(0, rows, count):
                    scores = (q[i, h, r : r + count] @ keys).softmax(-1)
                    out[i, r : r + count, h] = scores @ values
    return out.transpose(1, 2)


def causal_mask(length: int, like: Tensor) -> Tensor:
    """Return [length, length] of 0 where a token may look and -inf after it, dtype of `like`."""
    return like.new_full((length, length), float("-inf")).triu(1)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Return x [B, L, heads * D] as [B, heads, L, D], without a copy."""
    b, length, width = x.shape
    return x.view(b, length, heads, width // heads).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """Return x [B, heads, L, D] as [B, L, heads * D]."""
    return x.transpose(1, 2).flatten(2)
