"""Chunks of tokens to what the UNet attends to: both encoders, emphasis, the vector of facts.

Source: Podell et al. 2023, arXiv:2307.01952, section 2.1 and 2.2; compat 2.2 to 2.8 for what A1111
and Forge do with weights, padding and empty prompts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

import torch
from torch import Tensor

from irodori.engine.embeddings import Embedding, put_in
from irodori.engine.modules.clip import ClipG, ClipL, EncodedText, ends_of
from irodori.engine.modules.unet import sinusoids
from irodori.prompt.chunk import Chunk, Encoder, id_rows, weight_rows
from irodori.recipe.names import Emphasis

TRAINED_SKIP = 2
"""SDXL's encoders are read at the penultimate layer; clip skip 1 means the same (compat 2.3)."""
SIZES_IN_VECTOR = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodedPrompt:
    """One text as both encoders see it.

    Attributes:
        context: float32 [1, 77 * chunks, width of L + width of G].
        pooled: float32 [1, projection of G], of the first chunk.
    """

    context: Tensor
    pooled: Tensor

    def zeros(self) -> "EncodedPrompt":
        """Return nothing at all in the same shape: A1111's empty negative prompt (compat 2.6)."""
        return EncodedPrompt(
            context=torch.zeros_like(self.context), pooled=torch.zeros_like(self.pooled)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextEncoders:
    """Both of SDXL's text encoders."""

    text_l: ClipL
    text_g: ClipG


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """How texts are encoded.

    Attributes:
        clip_skip: layer counted from the end, 1..12; 1 and 2 are the same on SDXL.
        emphasis: how weights act.
        together: the texts are one batch, as in A1111: all get as many chunks as the longest, and
            emphasis keeps the mean of all of them at once. Otherwise each stands for itself.
    """

    clip_skip: int = TRAINED_SKIP
    emphasis: Emphasis = Emphasis.ORIGINAL
    together: bool = False


@torch.no_grad()
def encode_texts(
    encoders: TextEncoders,
    texts: Sequence[tuple[Chunk, ...]],
    settings: TextSettings,
    embeddings: Mapping[str, Embedding] = MappingProxyType({}),
) -> tuple[EncodedPrompt, ...]:
    """Return each text's states, in the order given.

    Args:
        encoders: the model's.
        texts: the chunks of each text.
        settings: layer, emphasis, batching.
        embeddings: the textual inversions that the chunks name.
    """
    if not settings.together:
        return tuple(_encode_batch(encoders, [chunks], settings, embeddings)[0] for chunks in texts)
    return tuple(_encode_batch(encoders, texts, settings, embeddings)) if texts else ()


def _encode_batch(
    encoders: TextEncoders,
    texts: Sequence[tuple[Chunk, ...]],
    settings: TextSettings,
    embeddings: Mapping[str, Embedding],
) -> list[EncodedPrompt]:
    """Return the states of texts that share one batch: as many chunks as the longest has."""
    count = max(map(len, texts))
    device = encoders.text_g.positional_embedding.device
    skip = max(settings.clip_skip, TRAINED_SKIP)

    def ids(encoder: Encoder) -> Tensor:
        rows = [row for chunks in texts for row in id_rows(chunks, encoder, count=count)]
        return torch.tensor(rows, device=device)  # (texts * count, 77)

    weights = torch.tensor(
        [row for chunks in texts for row in weight_rows(chunks, count=count)], device=device
    )
    ids_l, ids_g = ids(Encoder.CLIP_L), ids(Encoder.CLIP_G)
    named = [
        (index * count + place, one.offset + 1, embeddings[one.name])
        for index, chunks in enumerate(texts)
        for place, chunk in enumerate(chunks)
        for one in chunk.embeddings
    ]
    rows_l = put_in(
        encoders.text_l.embed(ids_l), [(row, at, each.clip_l) for row, at, each in named]
    )
    rows_g = put_in(
        encoders.text_g.embed(ids_g), [(row, at, each.clip_g) for row, at, each in named]
    )
    states_l: Tensor = encoders.text_l.encode(rows_l, skip)
    encoded_g: EncodedText = encoders.text_g.encode(rows_g, ends_of(ids_g), skip)
    states = torch.cat(
        [
            emphasised(states_l.float(), weights, settings.emphasis),
            emphasised(encoded_g.states.float(), weights, settings.emphasis),
        ],
        -1,
    )  # (texts * count, 77, C)
    per_text = states.reshape(len(texts), -1, states.shape[-1])  # (texts, count * 77, C)
    pooled = encoded_g.pooled.float()[::count]  # (texts, P), of each text's first chunk
    return [
        EncodedPrompt(context=per_text[i : i + 1], pooled=pooled[i : i + 1])
        for i in range(len(texts))
    ]


def emphasised(states: Tensor, weights: Tensor, mode: Emphasis) -> Tensor:
    """Return an encoder's states with the tokens' weights applied.

    Args:
        states: float32 [N, 77, C].
        weights: float32 [N, 77], 1.0 where nothing is emphasised.
        mode: `Original` restores the mean over the whole tensor, `No norm` does not; `Ignore` and
            `None` change nothing (in `None`, brackets were never read as emphasis).
    """
    match mode:
        case Emphasis.ORIGINAL:
            weighted = states * weights[..., None]
            return weighted * (states.mean() / weighted.mean())
        case Emphasis.NO_NORM:
            return states * weights[..., None]
        case Emphasis.IGNORE | Emphasis.NONE:
            return states
        case _:
            assert_never(mode)


def facts_vector(pooled: Tensor, vector_dim: int, *, width: int, height: int) -> Tensor:
    """Return the UNet's vector of facts: pooled text, then six embedded sizes.

    Original and target size are the picture's own, the crop is 0, 0 (compat 2.5).

    Args:
        pooled: [B, P].
        vector_dim: the UNet's; (vector_dim - P) / 6 is the width of one embedded size.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Returns:
        float32 [B, vector_dim].
    """
    each = (vector_dim - pooled.shape[1]) // SIZES_IN_VECTOR
    sizes = torch.tensor(
        [height, width, 0, 0, height, width], dtype=torch.float32, device=pooled.device
    )
    waves = sinusoids(sizes, each).flatten()  # (6 * each,)
    return torch.cat([pooled.float(), waves.expand(len(pooled), -1)], 1)
