"""Detectors opened by name, and kept open."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from irodori.catalog.detectors import SHIPPED
from irodori.engine.detection import Detector
from irodori.engine.device import choose_policy, probe
from irodori.engine.face_detector import load_face_detector
from irodori.engine.image import flattened, read_pixels
from irodori.engine.loading.yolo import load_yolo
from irodori.engine.lora.network import Stamp, stamp_of
from irodori.engine.onnx_detector import load_onnx


class DetectorShelf:
    """Opens detectors.

    Args:
        find: the file of a detector by its name; None where there is none.
        device: `auto` or a device's name.
    """

    def __init__(self, find: Callable[[str], Path | None], device: str) -> None:
        self._find = find
        self._device = device
        self._opened: dict[Stamp, Detector] = {}

    def open(self, name: str) -> Detector | None:
        """Return a detector; None where there is none of that name.

        Raises:
            ModelFileError: its file cannot be read, would run code, or is none.
        """
        path = self._find(name)
        if path is None:
            return None
        stamp = stamp_of(path)
        if stamp not in self._opened:
            self._opened[stamp] = self._loaded(path)
        return self._opened[stamp]

    def _loaded(self, path: Path) -> Detector:
        if path == SHIPPED:
            return load_face_detector(path)
        if path.suffix.lower() == ".onnx":
            return load_onnx(path)
        policy = choose_policy(probe(), parameters=0, device=self._device)
        return load_yolo(path, policy.device)


def detect_in(path: Path, detector: Detector, confidence: float) -> list[dict[str, Any]]:
    """Return what a detector finds in a picture file: label, confidence and box in pixels.

    Raises:
        PictureFileError: the file is no picture.
    """
    pixels = flattened(read_pixels(path), "#ffffff")
    return [
        {
            "label": each.label,
            "confidence": round(each.confidence, 4),
            "box": [round(float(side)) for side in each.box],
        }
        for each in detector.detect(pixels, confidence)
    ]
