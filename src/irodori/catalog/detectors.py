"""Detectors by name: files in the model folders, and the one that comes with Irodori."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

SHIPPED: Final = Path(__file__).resolve().parents[1] / "assets" / "sumire_faces.safetensors"
"""Finds faces in what the shipped model draws."""

FACE: Final = "face"
"""What people say where any face detector will do."""

BEST_FACE: Final = ("face_yolov8s.pt", "face_yolov8n.pt", "face_yolov8n.onnx")
"""Face detectors for all drawn pictures, the best first."""

_FOLDERS: Final = frozenset({"adetailer", "ultralytics", "bbox", "segm"})

ENDINGS: Final = (".pt", ".safetensors", ".onnx")


def find_detector(name: str, folders: Iterable[Path]) -> Path | None:
    """Return the file of a detector; None where there is none.

    Args:
        name: a path, a file's name with or without its ending, `sumire_faces`, or `face`: the
            first of `BEST_FACE` that is there, else the shipped one.
        folders: searched with all below them.
    """
    direct = Path(name).expanduser()
    if direct.suffix.lower() in ENDINGS and direct.is_file():
        return direct
    files = {path.name.casefold(): path for folder in folders for path in _files(folder)}
    if name.strip().casefold() == FACE:
        return next((files[each] for each in BEST_FACE if each in files), SHIPPED)
    wanted = name.strip().casefold()
    for each in (wanted, *(wanted + ending for ending in ENDINGS)):
        if each in files:
            return files[each]
    return SHIPPED if wanted in (SHIPPED.name, SHIPPED.stem) else None


def detector_files(folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the names of files in folders of detectors; others may be detectors too."""
    return tuple(
        path.name
        for folder in folders
        for path in _files(folder)
        if _FOLDERS & {part.casefold() for part in path.parts} or "yolo" in path.name.casefold()
    )


def _files(folder: Path) -> Iterable[Path]:
    """Return the files that may be detectors, in an order that does not change."""
    return sorted(path for ending in ENDINGS for path in folder.rglob(f"*{ending}"))
