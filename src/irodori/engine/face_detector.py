"""The face detector that comes with Irodori, for what the shipped model draws."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from irodori.engine.detection import Detection, distinct
from irodori.engine.image import Pixels, resized
from irodori.engine.modules.face_net import CELL, FaceNet
from irodori.errors import ModelFileError

CARD_KEY: Final = "irodori.detector"
"""Metadata in which the file says what it is, how it was trained, and how good it is."""

KIND: Final = "faces"
LONGEST: Final = 256
"""Larger pictures are looked at in this size: that of what it was trained on."""

_SHARED: Final = 0.3  # faces do not lie in each other


class FaceDetector:
    """Finds the faces of painted people.

    Args:
        network: its cells.
    """

    labels = ("face",)

    def __init__(self, network: nn.Module) -> None:
        self._network = network

    @torch.inference_mode()
    def detect(self, pixels: Pixels, confidence: float) -> tuple[Detection, ...]:
        """Return the faces in a picture, uint8 [H, W, 3], the surest first."""
        height, width = pixels.shape[:2]
        factor = min(1.0, LONGEST / max(height, width))
        wide, high = (max(round(side * factor), CELL) for side in (width, height))
        small = resized(pixels, wide, high)
        margins = ((0, -high % CELL), (0, -wide % CELL), (0, 0))
        padded = np.pad(small, margins, mode="edge")
        values = torch.tensor(padded).permute(2, 0, 1)[None].float() / 255
        logits, said = self._network(values)
        scores = logits.sigmoid().flatten().numpy()
        sure = np.flatnonzero(scores >= confidence)
        scale = np.array([width / wide, height / high] * 2, np.float32)
        boxes = (said.reshape(-1, 4).numpy()[sure] * scale).clip(0, [width, height] * 2)
        boxes = boxes.astype(np.float32)
        return tuple(
            Detection(box=boxes[i], confidence=float(scores[sure[i]]), label="face")
            for i in distinct(boxes, scores[sure].tolist(), _SHARED)
        )


def load_face_detector(path: Path) -> FaceDetector:
    """Return the detector in a file.

    Raises:
        ModelFileError: it cannot be read, or is another one.
    """
    with torch.device("meta"):
        network = FaceNet()
    try:
        tensors = {name: value.float() for name, value in load_file(path).items()}
        network.load_state_dict(tensors, assign=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelFileError(f"'{path}' is no face detector of Irodori's: {error}") from error
    return FaceDetector(network.requires_grad_(requires_grad=False).eval())
