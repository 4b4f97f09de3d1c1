"""What happens to the pixels after the drawing: grey, paper, pixels, and bad quality."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from irodori.painter.medium import Quality, Style
from irodori.painter.scene import Scene

Pixels = NDArray[np.uint8]

PIXEL_COUNT = 32
"""Pixels along the shorter side of pixel art. At 256 each is as large as a latent's cell;
finer ones do not survive the autoencoder."""


def apply_finish(pixels: Pixels, scene: Scene) -> Pixels:
    """Return the picture, uint8 [H, W, 3], with style and quality done to its pixels."""
    match scene.style:
        case Style.MONOCHROME:
            pixels = _grey(pixels)
        case Style.WATERCOLOR:
            pixels = _paper(pixels, scene.seed)
        case Style.PIXEL_ART:
            pixels = _blocks(pixels)
        case _:
            pass
    match scene.quality:
        case Quality.WORST:
            return _degrade(pixels, scene.seed, blur=0.0085, fade=0.30, noise=11.0)
        case Quality.BAD:
            return _degrade(pixels, scene.seed, blur=0.0045, fade=0.20, noise=7.0)
        case Quality.WORST_DETAIL:
            return _coarse(pixels)
        case Quality.PLAIN:
            return pixels


def _grey(pixels: Pixels) -> Pixels:
    grey = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def _as_bytes(values: NDArray[np.float32]) -> Pixels:
    pixels: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return pixels


def _noise(seed: int, height: int, width: int, cells: int) -> NDArray[np.float32]:
    """Return smooth noise, float32 [H, W] in 0..1, with `cells` bumps along the shorter side."""
    generator = np.random.default_rng(seed)
    step = min(height, width) / cells
    rows, columns = max(2, round(height / step)), max(2, round(width / step))
    coarse = Image.fromarray(generator.integers(0, 256, (rows, columns), dtype=np.uint8))
    smooth = coarse.resize((width, height), Image.Resampling.BICUBIC)
    values: NDArray[np.float32] = np.asarray(smooth, dtype=np.float32) / np.float32(255)
    return values


def _paper(pixels: Pixels, seed: int) -> Pixels:
    height, width = pixels.shape[:2]
    soft = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(min(height, width) * 0.003))
    ink = 255 - np.asarray(soft, dtype=np.float32)
    flow = (
        0.80
        + 0.34 * _noise(seed, height, width, 5)
        + 0.12 * (_noise(seed + 1, height, width, 26) - 0.5)
    )
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    rim = np.clip(
        (np.maximum(abs(x), abs(y)) + 0.16 * _noise(seed + 2, height, width, 7) - 0.99) * 9, 0, 1
    )
    washed = ink * (flow * (1 - rim))[..., None]
    return _as_bytes(253 - washed)


def _blocks(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    step = max(1, min(height, width) // PIXEL_COUNT)
    small = Image.fromarray(pixels).reduce(step)
    coarse = small.quantize(24, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert(
        "RGB"
    )
    return np.asarray(coarse.resize((width, height), Image.Resampling.NEAREST))


def _degrade(pixels: Pixels, seed: int, *, blur: float, fade: float, noise: float) -> Pixels:
    height, width = pixels.shape[:2]
    soft = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur * min(height, width)))
    values = np.asarray(soft, dtype=np.float32)
    values = values * (1 - fade) + values.mean(axis=2, keepdims=True) * fade
    values = values * 0.86 + 18
    generator = np.random.default_rng(seed)
    grain = generator.normal(0, noise, ((height + 1) // 2, (width + 1) // 2, 3)).astype(np.float32)
    values += grain.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return _as_bytes(values)


def _coarse(pixels: Pixels) -> Pixels:
    """Return the picture smeared into patches: shapes without detail."""
    size = max(3, round(min(pixels.shape[:2]) * 0.022) | 1)
    image = Image.fromarray(pixels).filter(ImageFilter.MedianFilter(size))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(size * 0.22)))
