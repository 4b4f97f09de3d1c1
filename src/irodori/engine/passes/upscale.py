"""Enlarging finished pictures without drawing; transparency is enlarged along.

Source: compat 7.3.
"""

import numpy as np
from numpy.typing import NDArray

from irodori.engine.events import PassBegun, Progressed
from irodori.engine.image import Pixels, resized
from irodori.engine.listener import Listener
from irodori.engine.passes.develop import developed
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.upscalers import Upscaler
from irodori.errors import RecipeError

NAME = "upscale"


def check_upscale(work: Work) -> None:
    """Raise where there is no such upscaler.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    _opened(work)


def draw_upscale(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with larger pixels; None when it was cancelled.

    Args:
        work: its recipes have the part upscale.
        canvas: finished pictures.

    Raises:
        UnknownNameError: there is no such upscaler.
    """
    scale, upscaler = _opened(work)
    finished = developed(work, canvas)
    if finished.pixels is None:
        raise RecipeError("there is no picture to enlarge")
    height, width = (int(side * scale) for side in finished.pixels.shape[1:3])
    pixels = enlarged_batch(upscaler, finished.pixels, (width, height), work.listener)
    return None if pixels is None else Canvas(pixels=pixels, notes=finished.notes)


def _opened(work: Work) -> tuple[float, Upscaler]:
    """Return the factor that the recipe asks for, and who enlarges."""
    upscale = work.recipes[0].upscale
    if upscale is None:
        raise RecipeError("the recipe does not enlarge its picture")
    return upscale.scale, work.supplies.open_upscaler(upscale.upscaler)


def enlarged_batch(
    upscaler: Upscaler,
    pixels: NDArray[np.uint8],
    size: tuple[int, int],
    listener: Listener,
) -> NDArray[np.uint8] | None:
    """Return pictures [B, H, W, C] at another size (width, height); None when cancelled."""
    width, height = size
    listener.tell(PassBegun(name=upscaler.name, steps=len(pixels), width=width, height=height))
    results = []
    for each in pixels:
        result = None if listener.cancelled() else enlarged(upscaler, each, size, listener)
        if result is None:
            return None
        results.append(result)
        listener.tell(Progressed(done=len(results), total=len(pixels)))
    return np.stack(results)


def enlarged(
    upscaler: Upscaler, pixels: Pixels, size: tuple[int, int], listener: Listener
) -> Pixels | None:
    """Return one picture at another size; None when it was cancelled.

    Args:
        upscaler: enlarges the colours; transparency is resampled (Lanczos).
        pixels: uint8 [H, W, 3 or 4].
        size: width and height.
        listener: may stop it.
    """
    colours = upscaler.enlarged(np.ascontiguousarray(pixels[..., :3]), *size, listener)
    if colours is None or pixels.shape[2] == 3:
        return colours
    alpha = resized(np.ascontiguousarray(pixels[..., 3]), *size)
    return np.dstack([colours, alpha])
