"""What a detector says of a picture, and overlapping answers made one.

Source: compat 8.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from irodori.engine.image import Pixels
from irodori.engine.masking import Mask

Corners = NDArray[np.float32]
"""Left, top, right, bottom of a box in pixels, float32 [4]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """Something that was found.

    Attributes:
        box: around it.
        confidence: 0..1.
        label: what it is.
        mask: uint8 [H, W] of the picture, where the detector knows its shape.
    """

    box: Corners
    confidence: float
    label: str
    mask: Mask | None = None


class Detector(Protocol):
    """Finds things in pictures."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can find."""
        ...

    def detect(self, pixels: Pixels, confidence: float) -> tuple[Detection, ...]:
        """Return what is in a picture, the surest first.

        Args:
            pixels: uint8 [H, W, 3].
            confidence: the least.
        """
        ...


def overlap(first: Corners, second: Corners) -> float:
    """Return the intersection over union of two boxes, 0..1."""
    size = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.maximum(size, 0)))
    whole = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2])) - shared
    return shared / whole if whole > 0 else 0.0


def distinct(boxes: Corners, scores: Sequence[float], most: float) -> list[int]:
    """Return which boxes stay, the surest first: no two share more than `most` of their union.

    Args:
        boxes: [N, 4].
        scores: [N].
        most: intersection over union above which the less sure one goes.
    """
    order = np.argsort(-np.asarray(scores, np.float32), kind="stable")
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    stays = []
    while len(order):
        first, rest = order[0], order[1:]
        stays.append(int(first))
        size = np.minimum(boxes[first, 2:], boxes[rest, 2:]) - np.maximum(
            boxes[first, :2], boxes[rest, :2]
        )
        shared = np.prod(np.maximum(size, 0), axis=1)
        whole = np.maximum(areas[first] + areas[rest] - shared, np.finfo(np.float32).tiny)
        order = rest[shared / whole <= most]
    return stays
