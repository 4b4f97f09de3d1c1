"""What the network is told: texts as tensors, weighed parts of a prompt, a whole batch of them.

Pictures of a batch may differ in everything: number of AND parts, number of chunks, prompt
schedule. `Rows` turns one call's conditionings into as few network calls as possible.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

# Beyond this factor of repetition, a call of its own is cheaper than the longer text (compat 2.7).
_MAX_REPEATS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """One encoded text.

    Attributes:
        context: [77 * chunks, context_dim], the states of both encoders side by side.
        vector: [vector_dim], the pooled text and the embedded sizes.
    """

    context: Tensor
    vector: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a prompt split at AND, with its weight; a plain prompt is one part of 1.0."""

    conditioning: Conditioning
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageConditioning:
    """What one picture is told at one call of the denoiser.

    Attributes:
        parts: at least one.
        negative: the negative prompt.
    """

    parts: tuple[Part, ...]
    negative: Conditioning

    @property
    def total_weight(self) -> float:
        """The sum of the parts' weights; 1.0 for a plain prompt."""
        return math.fsum(part.weight for part in self.parts)


BatchConditioning = tuple[ImageConditioning, ...]
"""One entry per picture of the batch."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """One network call's text side: as many rows as there are (picture, text) pairs in it.

    Attributes:
        images: int64 [R], which picture each row belongs to.
        places: int64 [R], each row's place in the order the texts were given.
        context: [R, 77 * chunks, context_dim].
        vector: [R, vector_dim].
    """

    images: Tensor
    places: Tensor
    context: Tensor
    vector: Tensor


def rows_of(texts: Sequence[tuple[int, Conditioning]]) -> tuple[Rows, ...]:
    """Return the network calls that (picture, text) pairs need: mostly one.

    Texts of unequal length are repeated whole to their least common multiple: every key of an
    attention then counts the same number of times, which leaves its result what it was. Where
    that would repeat one more than four times, the longer text gets a call of its own.
    """
    groups: list[list[int]] = []
    for place in sorted(range(len(texts)), key=lambda place: _length(texts[place])):
        for group in groups:
            if _fits([texts[each] for each in (*group, place)]):
                group.append(place)
                break
        else:
            groups.append([place])
    return tuple(_stacked(texts, sorted(group)) for group in groups)


def _length(text: tuple[int, Conditioning]) -> int:
    return len(text[1].context)


def _fits(texts: Sequence[tuple[int, Conditioning]]) -> bool:
    lengths = [_length(text) for text in texts]
    return math.lcm(*lengths) <= _MAX_REPEATS * min(lengths)


def _stacked(texts: Sequence[tuple[int, Conditioning]], places: Sequence[int]) -> Rows:
    chosen = [texts[place] for place in places]
    length = math.lcm(*(_length(text) for text in chosen))
    device = chosen[0][1].context.device
    return Rows(
        images=torch.tensor([image for image, _ in chosen], device=device),
        places=torch.tensor(places, device=device),
        context=torch.stack(
            [text.context.repeat(length // len(text.context), 1) for _, text in chosen]
        ),
        vector=torch.stack([text.vector for _, text in chosen]),
    )
