"""Where models lie: plain folders, and the installations of A1111, Forge and ComfyUI."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from irodori.catalog.record import ModelKind

PATHS_FILE: Final = "extra_model_paths.yaml"

_KINDS: Final = {
    # a folder's name, in small letters: what files are in it that do not say so themselves
    "stable-diffusion": ModelKind.CHECKPOINT,
    "checkpoints": ModelKind.CHECKPOINT,
    "lora": ModelKind.NETWORK,
    "loras": ModelKind.NETWORK,
    "lycoris": ModelKind.NETWORK,
    "embeddings": ModelKind.EMBEDDING,
    "vae": ModelKind.VAE,
    "esrgan": ModelKind.OTHER,
    "realesrgan": ModelKind.OTHER,
    "upscale_models": ModelKind.OTHER,
    "adetailer": ModelKind.OTHER,
    "ultralytics": ModelKind.OTHER,
    "ultralytics_bbox": ModelKind.OTHER,
    "ultralytics_segm": ModelKind.OTHER,
}
_INSTALLED: Final = (
    # A1111 and Forge, then ComfyUI; letter case differs between them
    *("models/Stable-diffusion", "models/Lora", "models/LyCORIS", "models/VAE", "embeddings"),
    *("models/checkpoints", "models/loras", "models/vae", "models/embeddings"),
    # upscalers, then detectors
    *("models/ESRGAN", "models/RealESRGAN", "models/upscale_models"),
    *("models/adetailer", "models/ultralytics"),
)
_COMFY_KEYS: Final = (
    *("checkpoints", "loras", "vae", "embeddings"),
    *("upscale_models", "ultralytics", "ultralytics_bbox", "ultralytics_segm"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder to be searched with all below it.

    Attributes:
        path: of the folder.
        kind: what is in it, where its name or a configuration says so.
    """

    path: Path
    kind: ModelKind | None = None


def places_of(folders: Iterable[Path]) -> tuple[Place, ...]:
    """Return the places that configured folders mean, in their order, each once.

    A folder may hold models, or be an installation of another program: then the folders it keeps
    models in are taken, and those its `extra_model_paths.yaml` names. Such a file may be given too.
    """
    found: dict[Path, Place] = {}
    for folder in folders:
        for place in _places(folder):
            found.setdefault(place.path, place)
    return tuple(found.values())


def kind_of_folder(path: Path) -> ModelKind | None:
    """Return what is in a folder by its name, or that of the nearest folder around it."""
    names = (part.casefold() for part in reversed(path.parts))
    return next((_KINDS[name] for name in names if name in _KINDS), None)


def _places(folder: Path) -> Iterator[Place]:
    if folder.is_file() and folder.suffix in (".yaml", ".yml"):
        yield from _comfy_places(folder)
        return
    installed = [folder / name for name in _INSTALLED if (folder / name).is_dir()]
    if any(path.parent != folder for path in installed):  # `embeddings` alone is no installation
        for path in installed:
            yield Place(path=path, kind=kind_of_folder(path))
    else:
        yield Place(path=folder, kind=kind_of_folder(folder))
    if (folder / PATHS_FILE).is_file():
        yield from _comfy_places(folder / PATHS_FILE)


def _comfy_places(file: Path) -> Iterator[Place]:
    """Yield the folders that ComfyUI's file names; what cannot be read names none."""
    try:
        stated = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return
    for section in stated.values() if isinstance(stated, dict) else ():
        if not isinstance(section, dict):
            continue
        base = Path(str(section.get("base_path", ""))).expanduser()
        for key in _COMFY_KEYS:
            for line in _lines(section.get(key)):
                path = Path(line).expanduser()
                # Relative paths begin at base_path, and that at the file.
                yield Place(path=file.parent / base / path, kind=_KINDS[key])


def _lines(value: Any) -> list[str]:
    return (
        [line.strip() for line in value.splitlines() if line.strip()]
        if isinstance(value, str)
        else []
    )
