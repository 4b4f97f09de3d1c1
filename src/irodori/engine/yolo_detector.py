"""Pictures shown to a YOLO network, and its answers as detections.

Source: ultralytics' published way of asking: the longer side at 640 pixels, grey around, boxes of
one label that share more than 0.7 of their union made one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from irodori.engine.detection import Corners, Detection, distinct
from irodori.engine.image import Pixels
from irodori.engine.masking import Mask
from irodori.engine.modules.yolo import STRIDES, YoloAnswer

LONGEST: Final = 640
"""Side that the longer side of a picture is shown at."""

MOST: Final = 300
"""Things found in one picture, at most."""

_SHARED: Final = 0.7
_GREY: Final = 114 / 255
_WHITE: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as a network is shown it.

    Attributes:
        values: float32 [1, 3, H, W] within 0..1.
        factor: of its size to the picture's.
        left: pixels of grey before it.
        top: likewise.
        width: of the picture, shown.
        height: likewise.
    """

    values: Tensor
    factor: float
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class YoloDetector:
    """A detector that is a YOLO network.

    Attributes:
        answer: the network.
        labels: what it can find.
        device: where it computes.
        square: shows every picture in a square of this side; 0 leaves grey out where it can.
    """

    answer: Callable[[Tensor], YoloAnswer]
    labels: tuple[str, ...]
    device: torch.device
    square: int = 0

    @torch.inference_mode()
    def detect(self, pixels: Pixels, confidence: float) -> tuple[Detection, ...]:
        """Return what is in a picture, uint8 [H, W, 3], the surest first."""
        given = shown(pixels, self.square)
        answer = self.answer(given.values.to(self.device))
        scores, numbers = (value.cpu() for value in answer.scores.max(1))
        sure = torch.nonzero(scores > confidence)[:, 0]
        boxes = answer.boxes.cpu()[sure].numpy().astype(np.float32)
        # Boxes of different labels never meet: each label is moved to a place of its own.
        apart = numbers[sure].numpy()[:, None] * np.float32(2 * max(given.values.shape[-2:]))
        kept = distinct(boxes + apart, scores[sure].tolist(), _SHARED)[:MOST]
        return tuple(
            Detection(
                box=_placed(boxes[i], given, pixels),
                confidence=float(scores[sure[i]]),
                label=self.labels[int(numbers[sure[i]])],
                mask=_shape(answer, int(sure[i]), boxes[i], given, pixels),
            )
            for i in kept
        )


def shown(pixels: Pixels, square: int = 0) -> Shown:
    """Return a picture as a network is shown it: enlarged or made smaller, grey around.

    Args:
        pixels: uint8 [H, W, 3].
        square: side of the square it is put into; 0 fills up to multiples of 32 only.
    """
    height, width = pixels.shape[:2]
    longest = square or LONGEST
    factor = min(longest / height, longest / width)
    high, wide = max(round(height * factor), 1), max(round(width * factor), 1)
    values = torch.tensor(pixels).permute(2, 0, 1)[None].float()
    values = F.interpolate(values, (high, wide), mode="bilinear", align_corners=False)
    step = STRIDES[-1]
    over_x, over_y = (square - wide, square - high) if square else (-wide % step, -high % step)
    left, top = over_x // 2, over_y // 2
    margins = (left, over_x - left, top, over_y - top)
    padded = F.pad(values.round() / 255, margins, value=_GREY)
    return Shown(values=padded, factor=factor, left=left, top=top, width=wide, height=high)


def _placed(box: Corners, given: Shown, pixels: Pixels) -> Corners:
    """Return a box in the picture's own pixels, cut off at its edge."""
    height, width = pixels.shape[:2]
    corner = np.array([given.left, given.top, given.left, given.top], np.float32)
    placed = (box - corner) / given.factor
    cut: Corners = placed.clip(0, [width, height, width, height]).astype(np.float32)
    return cut


def _shape(
    answer: YoloAnswer, index: int, box: Corners, given: Shown, pixels: Pixels
) -> Mask | None:
    """Return the shape of one thing at the picture's size; None where shapes are not told."""
    if answer.weights is None or answer.prototypes is None:
        return None
    mixed = torch.tensordot(answer.weights[index], answer.prototypes, dims=1)  # (H/4, W/4)
    whole = F.interpolate(
        mixed[None, None], given.values.shape[-2:], mode="bilinear", align_corners=False
    )[0, 0]
    left, top, right, bottom = (round(float(side)) for side in box)
    inside = torch.zeros_like(whole)
    inside[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 1
    own = whole * inside
    part = own[given.top : given.top + given.height, given.left : given.left + given.width]
    small = (part > 0).float()[None, None]
    size = (pixels.shape[0], pixels.shape[1])
    shape = F.interpolate(small, size, mode="bilinear", align_corners=False)[0, 0]
    mask: Mask = (shape * _WHITE).round().to(torch.uint8).cpu().numpy()
    return mask
