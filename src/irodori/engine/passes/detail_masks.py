"""From what a detector found to the masks that are drawn anew: ADetailer's steps, in its order.

Source: compat 8.3.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from irodori.engine.detection import Detection
from irodori.engine.masking import Mask
from irodori.recipe.names import MaskMerge, TopK
from irodori.recipe.passes import Detailer

SKIP: Final = "[SKIP]"
OWN: Final = "[PROMPT]"

_BETWEEN: Final = re.compile(r"\s*\[SEP\]\s*")
_WHITE: Final = 255


def chosen(
    found: Sequence[Detection], detailer: Detailer, width: int, height: int
) -> tuple[Detection, ...]:
    """Return what is drawn anew of what was found, in the order it is drawn.

    Args:
        found: by a detector, the surest first.
        detailer: what counts: labels, share of the picture, and how many at most.
        width: of the picture.
        height: of the picture.
    """
    wanted = {label.strip().casefold() for label in detailer.classes.split(",") if label.strip()}
    kept = [
        each
        for each in found
        if (not wanted or each.label.casefold() in wanted)
        and detailer.min_ratio <= _area(each) / (width * height) <= detailer.max_ratio
    ]
    if not detailer.top_k:
        return tuple(kept)
    by_area = detailer.top_k_by is TopK.AREA
    kept.sort(key=_area if by_area else lambda each: each.confidence, reverse=True)
    return tuple(kept[: detailer.top_k])


def masks_of(
    found: Sequence[Detection], detailer: Detailer, width: int, height: int
) -> tuple[Mask, ...]:
    """Return the masks that are drawn anew, one after another.

    Moved, grown or shrunk, what is empty then left out, and merged where asked. Moving wraps
    around the picture's edge, as in ADetailer.

    Args:
        found: what `chosen` gave.
        detailer: says what is done with the masks.
        width: of the picture.
        height: of the picture.

    Returns:
        uint8 [height, width] each; white is drawn anew.
    """
    masks = [_mask(each, width, height) for each in found]
    if detailer.x_offset or detailer.y_offset:
        masks = [np.roll(each, (-detailer.y_offset, detailer.x_offset), (0, 1)) for each in masks]
    if detailer.dilate_erode:
        masks = [grown(each, detailer.dilate_erode) for each in masks]
        masks = [each for each in masks if each.any()]
    if detailer.merge is MaskMerge.NONE or not masks:
        return tuple(masks)
    merged: Mask = np.bitwise_or.reduce(masks)
    return (_WHITE - merged if detailer.merge is MaskMerge.MERGE_INVERT else merged,)


def meeting(masks: Sequence[Mask], only: Mask) -> tuple[Mask, ...]:
    """Return the masks that have a pixel in common with another one, as ADetailer inpaints."""
    return tuple(each for each in masks if bool(np.logical_and(each, only).any()))


def grown(mask: Mask, size: int) -> Mask:
    """Return a mask with a square of `size` pixels laid on every white one; below 0, shrunk by it.

    A square of even size reaches one pixel farther to the right and below, as OpenCV's does.
    """
    side = abs(size)
    if side < 2:
        return mask
    before, after = side // 2, side - 1 - side // 2
    outside = 0 if size > 0 else _WHITE
    for axis in (0, 1):
        margins = [(0, 0), (0, 0)]
        margins[axis] = (before, after)
        windows = sliding_window_view(
            np.pad(mask, margins, constant_values=outside), side, axis=axis
        )
        mask = windows.max(-1) if size > 0 else windows.min(-1)
    return mask


def prompt_of(text: str | None, own: str, index: int) -> str | None:
    """Return the prompt of one mask; None where it is to be left as it is.

    Args:
        text: the detailer's, pieces between `[SEP]`; `[PROMPT]` in it stands for the picture's.
        own: the picture's prompt.
        index: of the mask; masks beyond the pieces take the last one.
    """
    pieces = _BETWEEN.split(text or "")
    piece = pieces[min(index, len(pieces) - 1)]
    if not piece.strip():
        return own
    if piece.strip() == SKIP:
        return None
    return piece.replace(OWN, own)


def _area(found: Detection) -> float:
    return float(np.prod(found.box[2:] - found.box[:2]))


def _mask(found: Detection, width: int, height: int) -> Mask:
    if found.mask is not None:
        return found.mask
    mask = np.zeros((height, width), np.uint8)
    left, top, right, bottom = (round(float(side)) for side in found.box)
    # A box of Pillow's has its right and lower edge inside.
    mask[max(top, 0) : max(bottom + 1, 0), max(left, 0) : max(right + 1, 0)] = _WHITE
    return mask
