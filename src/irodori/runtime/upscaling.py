"""Enlarging a picture file without a model that draws."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irodori.engine.events import Event, PassBegun
from irodori.engine.image import read_pixels
from irodori.engine.listener import Listener
from irodori.engine.passes.upscale import NAME, enlarged
from irodori.engine.upscalers import Upscaler


def upscale_file(
    path: Path, upscaler: Upscaler, scale: float, tell: Callable[[Event], None]
) -> NDArray[np.uint8]:
    """Return a picture file's pixels enlarged, uint8 [H, W, 3], or [H, W, 4] where it has holes.

    Args:
        path: the picture.
        upscaler: who enlarges; `UpscalerShelf` opens one by name.
        scale: factor on width and height.
        tell: hears of progress.

    Raises:
        PictureFileError: the file is no picture.
        ModelFileError: the upscaler gives values that are no numbers.
    """
    picture = read_pixels(path)
    pixels = picture.rgba[..., :3] if picture.is_opaque else picture.rgba
    size = (int(picture.width * scale), int(picture.height * scale))
    tell(PassBegun(name=NAME, steps=1))
    result = enlarged(upscaler, pixels, size, Listener(tell=tell, cancelled=lambda: False))
    return pixels if result is None else result
