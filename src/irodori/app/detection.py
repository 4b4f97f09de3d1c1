"""What detectors find in a picture file, without drawing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from irodori.app.config import Config
from irodori.app.library import Library
from irodori.errors import UnknownNameError
from irodori.recipe.passes import Detailer


def find_boxes(
    file: Path, detailers: Sequence[Mapping[str, Any]], config: Config
) -> list[dict[str, Any]]:
    """Return what is found in a picture, by detector, the surest first.

    Args:
        file: the picture.
        detailers: partial detailers of a recipe; `model` and `confidence` are used.
        config: has the folders.

    Returns:
        `detector`, `label`, `confidence` and `box` (left, top, right, bottom, pixels) each.

    Raises:
        PictureFileError: the file is no picture.
        UnknownNameError: there is no such detector.
        ModelFileError: a detector cannot be read.
    """
    from irodori.runtime.detectors import DetectorShelf, detect_in

    library = Library(config)
    shelf = DetectorShelf(library.detector, config.device)
    found = []
    for each in detailers:
        name = str(each["model"])
        detector = shelf.open(name)
        if detector is None:
            raise UnknownNameError("detector", name, library.detectors)
        confidence = float(each.get("confidence", Detailer().confidence))
        found += [
            {"detector": library.detector_name(name), **one}
            for one in detect_in(file, detector, confidence)
        ]
    return found
