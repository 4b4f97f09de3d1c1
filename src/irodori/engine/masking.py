"""Masks: read, blurred, cut out, shrunk to latents, and what stands under them before drawing.

White (255) is drawn anew. Source: compat 7.6, A1111's order and numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from irodori.engine.image import Picture, Pixels
from irodori.errors import RecipeError

Mask = NDArray[np.uint8]
"""uint8 [H, W]."""

Margins = tuple[int, int, int, int]
"""Pixels left, top, right, bottom."""

_OPAQUE: Final = 128
_WHITE: Final = 255

# (radius of the blur, how often it is laid over): far colours first, near ones on top.
_FILL_BLURS: Final = ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of a picture, in pixels; right and bottom are outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return this part of [H, W] or [H, W, C] pixels."""
        return pixels[self.top : self.bottom, self.left : self.right]


def mask_of(picture: Picture) -> Mask:
    """Return the mask that a picture stands for: its alpha where it has one, else its grey."""
    if not picture.is_opaque:
        return np.where(picture.rgba[..., 3] > _OPAQUE, _WHITE, 0).astype(np.uint8)
    return np.array(Image.fromarray(picture.rgba[..., :3]).convert("L"))


def box_mask(box: Box, width: int, height: int) -> Mask:
    """Return a mask that is white inside a box.

    Raises:
        RecipeError: no pixel of the box lies inside the picture.
    """
    mask = np.zeros((height, width), np.uint8)
    inside = mask[max(box.top, 0) : max(box.bottom, 0), max(box.left, 0) : max(box.right, 0)]
    if inside.size == 0:
        raise RecipeError(
            f"the box from {box.left},{box.top} to {box.right},{box.bottom} lies outside the "
            f"picture of {width}x{height}"
        )
    inside[...] = _WHITE
    return mask


def blurred(mask: Mask, sigma: int) -> Mask:
    """Return a mask with soft edges: a Gaussian of `sigma` pixels cut off at 2.5 sigma, 0 is none.

    At the picture's own edge the mask is mirrored, so that white reaching the edge stays white.
    """
    around = bounds(mask)
    if sigma == 0 or around is None:
        return mask
    reach = int(2.5 * sigma + 0.5)
    height, width = mask.shape
    near = Box(
        left=max(around.left - reach, 0),
        top=max(around.top - reach, 0),
        right=min(around.right + reach, width),
        bottom=min(around.bottom + reach, height),
    )
    places = np.arange(-reach, reach + 1, dtype=np.float64)
    kernel = np.exp(-(places**2) / (2 * sigma**2)).astype(np.float32)
    kernel /= kernel.sum()
    soft = near.of(mask).astype(np.float32)
    for axis in (1, 0):  # each gives whole greys, as upstream's do
        soft = np.rint(_convolved(soft, kernel, axis))
    result = mask.copy()
    near.of(result)[...] = soft.clip(0, _WHITE).astype(np.uint8)
    return result


def _convolved(
    values: NDArray[np.float32], kernel: NDArray[np.float32], axis: int
) -> NDArray[np.float32]:
    """Return values [H, W] convolved along one axis, mirrored at the ends."""
    reach, length = len(kernel) // 2, values.shape[axis]
    margins = [(0, 0), (0, 0)]
    margins[axis] = (reach, reach)
    padded = np.pad(values, margins, mode="reflect" if length > reach else "edge")
    total = np.zeros_like(values)
    for offset, weight in enumerate(kernel):
        span = slice(offset, offset + length)
        total += weight * (padded[span] if axis == 0 else padded[:, span])
    return total


def bounds(mask: Mask) -> Box | None:
    """Return the smallest box around all that is not black; None where all is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return Box(
        left=int(columns[0]),
        top=int(rows[0]),
        right=int(columns[-1]) + 1,
        bottom=int(rows[-1]) + 1,
    )


def crop_box(box: Box, *, padding: int, aspect: tuple[int, int], within: tuple[int, int]) -> Box:
    """Return the part of a picture that is drawn for a masked part.

    Grown by the padding, then along its short side to the aspect, moved inside the picture where
    it can be, cut off where it cannot.

    Args:
        box: the masked part.
        padding: pixels around it.
        aspect: width and height it is drawn at.
        within: width and height of the picture.
    """
    width, height = within
    left, right = max(box.left - padding, 0), min(box.right + padding, width)
    top, bottom = max(box.top - padding, 0), min(box.bottom + padding, height)
    ratio = aspect[0] / aspect[1]
    if (right - left) / (bottom - top) > ratio:
        wanted = int((right - left) / ratio)
        top, bottom = _grown(top, bottom, wanted, height)
    else:
        wanted = int((bottom - top) * ratio)
        left, right = _grown(left, right, wanted, width)
    return Box(left=left, top=top, right=right, bottom=bottom)


def _grown(start: int, end: int, length: int, limit: int) -> tuple[int, int]:
    missing = max(length - (end - start), 0)
    start -= missing // 2
    end += missing - missing // 2
    if end > limit:
        start, end = start - (end - limit), limit
    if start < 0:
        start, end = 0, end - start
    return start, min(end, limit)


def filled(pixels: Pixels, mask: Mask) -> Pixels:
    """Return a picture with what is masked filled by the colours around it.

    Ever sharper blurs of what is kept are laid over each other, so that near colours win.

    Args:
        pixels: uint8 [H, W, 3].
        mask: white is filled; where nothing is kept at all there is no colour to take: black.
    """
    share = (_WHITE - mask.astype(np.float32))[..., None] / _WHITE
    kept = np.concatenate([pixels * share, share * _WHITE], 2)  # colours weighed by their share
    layer_source = Image.fromarray(np.rint(kept).astype(np.uint8), "RGBA")
    total = np.zeros_like(kept)
    for radius, times in _FILL_BLURS:
        layer = np.asarray(layer_source.filter(ImageFilter.GaussianBlur(radius)), np.float32)
        for _ in range(times):
            total = layer + total * (1 - layer[..., 3:] / _WHITE)
    colours = total[..., :3] / np.maximum(total[..., 3:], 1e-3) * _WHITE
    result: Pixels = np.rint(colours).clip(0, _WHITE).astype(np.uint8)
    return result


def doubled(mask: Mask) -> Mask:
    """Return a mask that shows all of what is at least half masked (whole pictures, compat 7.6)."""
    twice: Mask = (mask.astype(np.uint16) * 2).clip(0, _WHITE).astype(np.uint8)
    return twice


def extended(pixels: Pixels, mask: Mask, margins: Margins) -> tuple[Pixels, Mask]:
    """Return a picture with room around it, its edge and its mask's drawn out there.

    Args:
        pixels: uint8 [H, W, 3].
        mask: uint8 [H, W].
        margins: pixels added.
    """
    return filled_up(pixels, margins), filled_up(mask, margins)


def filled_up(pixels: Pixels, margins: Margins) -> Pixels:
    """Return pixels [H, W] or [H, W, C] with margins around them, their edge drawn out there."""
    if not any(margins):
        return pixels
    left, top, right, bottom = margins
    rest = ((0, 0),) * (pixels.ndim - 2)
    return np.pad(pixels, ((top, bottom), (left, right), *rest), mode="edge")


def room_mask(size: tuple[int, int], margins: Margins, sigma: int, *, is_soft: bool) -> Mask:
    """Return the mask of the room around a picture.

    Soft masks hold their greys, and nothing in the room is worth holding: there it is white, and
    fades on the picture's side of the edge, over twice what a blur reaches or an eighth of the
    picture. Others fade across the edge.

    Args:
        size: width and height, the room included.
        margins: of them, pixels left, top, right, bottom.
        sigma: of the blur; 0 is none.
        is_soft: the mask's greys decide how late a place may change.
    """
    width, height = size
    left, top, right, bottom = margins
    if not any(margins):
        return np.zeros((height, width), np.uint8)
    room = _around(size, margins)
    if not is_soft:
        return blurred(room, sigma)
    reach = int(2.5 * sigma + 0.5)
    shift = min(reach, (width - left - right) // 16, (height - top - bottom) // 16)
    left, top, right, bottom = (margin + shift if margin else 0 for margin in margins)
    return np.maximum(room, blurred(_around(size, (left, top, right, bottom)), sigma))


def _around(size: tuple[int, int], margins: Margins) -> Mask:
    """Return a mask that is white at the margins left, top, right, bottom."""
    width, height = size
    left, top, right, bottom = margins
    mask = np.full((height, width), _WHITE, np.uint8)
    mask[top : height - bottom, left : width - right] = 0
    return mask


def latent_mask(mask: Mask, width: int, height: int, *, is_rounded: bool) -> NDArray[np.float32]:
    """Return a mask at the size of latents, float32 [height, width] in 0..1.

    Args:
        mask: of the picture that is encoded.
        width: of the latents.
        height: of the latents.
        is_rounded: each latent is drawn anew or kept, nothing between.
    """
    small = Image.fromarray(mask).resize((width, height), Image.Resampling.BICUBIC)
    values = (np.asarray(small) / _WHITE).astype(np.float32)
    return np.rint(values) if is_rounded else values


def overlaid(original: Pixels, drawn: Pixels, mask: Mask) -> Pixels:
    """Return a picture with its masked part drawn anew; where the mask is black it is the original.

    Args:
        original: uint8 [H, W, 3].
        drawn: the same shape.
        mask: how much of `drawn` shows.
    """
    share = mask.astype(np.float32)[..., None] / _WHITE
    mixed = original + (drawn.astype(np.float32) - original) * share
    return np.rint(mixed).astype(np.uint8)
