"""Making texts equally long as other programs do it, for pictures that were drawn so.

By default nothing is padded: texts of unequal length are repeated whole (`conditioning.rows_of`),
which leaves every answer what it was. Padding changes the picture. Source: compat 1.4, 2.7.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from irodori.engine.conditioning import Conditioning, ImageConditioning, Part
from irodori.errors import RecipeError
from irodori.recipe.names import PadConds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Padding:
    """How unequal lengths meet.

    Attributes:
        align_parts: AND parts become as long as the longest, the last state repeated (A1111).
        conds: what prompt and negative do: nothing, grow by empty chunks, or the negative follows
            the prompt's length by repeating its last state or being cut ("v0").
        empty_chunk: [77, context_dim], the states of an empty prompt, for `EMPTY_CHUNKS`.

    Raises:
        RecipeError: empty chunks are to be appended and there is none.
    """

    align_parts: bool = False
    conds: PadConds = PadConds.OFF
    empty_chunk: Tensor | None = None

    def __post_init__(self) -> None:
        if self.conds is PadConds.EMPTY_CHUNKS and self.empty_chunk is None:
            raise RecipeError("padding with empty chunks needs the empty chunk's states")


def padded(image: ImageConditioning, padding: Padding) -> ImageConditioning:
    """Return a picture's texts at the lengths that padding gives them; vectors stay."""
    parts, negative = image.parts, image.negative
    longest = max(len(part.conditioning.context) for part in parts)
    if padding.align_parts:
        parts = tuple(_part(part, _by_last_state(part.conditioning, longest)) for part in parts)
    if padding.conds is PadConds.REPEAT_LAST:
        negative = _by_last_state(negative, longest)
    empty = padding.empty_chunk
    if padding.conds is PadConds.EMPTY_CHUNKS and empty is not None:
        length = max(longest, len(negative.context))
        parts = tuple(_part(part, _by_chunks(part.conditioning, length, empty)) for part in parts)
        negative = _by_chunks(negative, length, empty)
    if parts == image.parts and negative is image.negative:
        return image
    return ImageConditioning(parts=parts, negative=negative)


def _part(part: Part, conditioning: Conditioning) -> Part:
    return replace(part, conditioning=conditioning)


def _by_last_state(text: Conditioning, length: int) -> Conditioning:
    missing = length - len(text.context)
    if missing <= 0:
        return replace(text, context=text.context[:length])
    last = text.context[-1:].expand(missing, -1)
    return replace(text, context=torch.cat([text.context, last]))


def _by_chunks(text: Conditioning, length: int, empty_chunk: Tensor) -> Conditioning:
    missing = length - len(text.context)
    if missing <= 0:
        return text
    empties = empty_chunk.repeat(missing // len(empty_chunk), 1)
    return replace(text, context=torch.cat([text.context, empties]))
