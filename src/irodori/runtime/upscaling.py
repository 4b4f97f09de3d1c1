"""Enlarging a picture file without a model that draws."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irodori.engine.events import PassBegun
from irodori.engine.image import read_pixels
from irodori.engine.listener import Listener
from irodori.engine.passes.upscale import NAME, enlarged
from irodori.engine.threads import use_threads
from irodori.engine.upscalers import Upscaler
from irodori.runtime.upscalers import UpscalerShelf


def upscale_file(
    path: Path, upscaler: Upscaler, scale: float, listener: Listener
) -> NDArray[np.uint8] | None:
    """Return a picture file's pixels enlarged, uint8 [H, W, 3], or [H, W, 4] where it has holes.

    None when it was cancelled.

    Args:
        path: the picture.
        upscaler: who enlarges; `UpscalerShelf` opens one by name.
        scale: factor on width and height.
        listener: hears of progress, and may stop it between two tiles.

    Raises:
        PictureFileError: the file is no picture.
        ModelFileError: the upscaler gives values that are no numbers.
    """
    picture = read_pixels(path)
    pixels = picture.rgba[..., :3] if picture.is_opaque else picture.rgba
    size = (int(picture.width * scale), int(picture.height * scale))
    listener.tell(PassBegun(name=NAME, steps=1, width=size[0], height=size[1]))
    return enlarged(upscaler, pixels, size, listener)


def open_for_file(
    find: Callable[[str], Path | None], name: str, *, device: str, threads: int | None
) -> Upscaler:
    """Return an upscaler in a process of its own, which takes so many CPU threads.

    Args:
        find: the file of an upscaler by its name; None where there is none.
        name: of the upscaler.
        device: `auto` or a device's name.
        threads: None leaves it to PyTorch.

    Raises:
        InputError: there is none of that name.
        ModelFileError: its file cannot be read.
    """
    if threads is not None:
        use_threads(threads)
    return UpscalerShelf(find, device).open(name)
