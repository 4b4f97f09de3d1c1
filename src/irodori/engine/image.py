"""Pictures as arrays: read from any file, laid on a ground, fitted to a size.

Source: compat 7.5 for how pictures meet a size, with A1111's whole-number arithmetic.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from irodori.errors import PictureFileError
from irodori.recipe.names import ResizeMode
from irodori.recipe.picture.limits import check_size

Pixels = NDArray[np.uint8]
"""[H, W], [H, W, 3] or [H, W, 4]."""

LANCZOS: Final = Image.Resampling.LANCZOS

FORMATS: Final = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""Pillow's names of the formats that are read."""

_SIXTEEN_BIT: Final = ("I", "I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A picture that was read.

    Attributes:
        rgba: uint8 [H, W, 4], upright.
        notes: what was done to it that a person should know.
    """

    rgba: Pixels
    notes: tuple[str, ...] = ()

    @property
    def is_opaque(self) -> bool:
        """Whether nothing shines through."""
        return bool((self.rgba[..., 3] == 255).all())

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.rgba.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.rgba.shape[0])


def read_pixels(source: Path | bytes) -> Picture:
    """Return a picture file's pixels: 8 bits, RGBA, turned as its EXIF says, the first of several.

    Args:
        source: a file, or its bytes.

    Raises:
        PictureFileError: missing, no picture, damaged, or too large (`recipe.picture.limits`).
    """
    name = "the picture" if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
        with warnings.catch_warnings():
            # Pillow warns from 89 million pixels on; our own limit is checked below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                check_size(*picture.size)
                return _read(picture)
    except Image.DecompressionBombError as error:
        raise PictureFileError(f"{name} is too large: {error}") from error
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise PictureFileError(f"{name} is no picture that can be read ({known})") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureFileError(f"{name} cannot be read: {error}") from error


def _read(picture: Image.Image) -> Picture:
    notes = []
    frames = getattr(picture, "n_frames", 1)
    if frames > 1:
        notes.append(f"the picture moves: the first of its {frames} frames is used")
    if picture.mode in _SIXTEEN_BIT:
        notes.append("the picture has 16 bits a channel: they become 8")
    upright = ImageOps.exif_transpose(_eight_bits(picture))
    return Picture(rgba=np.array(upright.convert("RGBA")), notes=tuple(notes))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture with 8 bits a channel; Pillow would cut 16 bits off at 255."""
    if picture.mode not in _SIXTEEN_BIT:
        return picture
    values = np.asarray(picture).astype(np.int64).clip(0, 65535)
    eight = Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))
    eight.info = picture.info
    eight.getexif().update(picture.getexif())
    return eight


def flattened(picture: Picture, background: str) -> Pixels:
    """Return a picture laid on a colour, uint8 [H, W, 3].

    Args:
        picture: what was read.
        background: `#rrggbb`.
    """
    if picture.is_opaque:
        return np.ascontiguousarray(picture.rgba[..., :3])
    ground = Image.new("RGBA", (picture.width, picture.height), background)
    ground.alpha_composite(Image.fromarray(picture.rgba))
    return np.array(ground.convert("RGB"))


def resized(
    pixels: Pixels, width: int, height: int, resample: Image.Resampling = LANCZOS
) -> Pixels:
    """Return pixels at another size, same channels; themselves where it is theirs."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.array(Image.fromarray(pixels).resize((width, height), resample))


def covering(width: int, height: int, over_width: int, over_height: int) -> tuple[int, int]:
    """Return the size with a picture's aspect that covers another size (compat 7.5).

    Args:
        width: of the picture.
        height: of the picture.
        over_width: to be covered.
        over_height: to be covered.
    """
    if over_width * height > over_height * width:
        return over_width, height * over_width // width
    return width * over_height // height, over_height


def containing(width: int, height: int, in_width: int, in_height: int) -> tuple[int, int]:
    """Return the size with a picture's aspect that fits into another size, at least 1x1."""
    if in_width * height < in_height * width:
        return in_width, max(1, height * in_width // width)
    return max(1, width * in_height // height), in_height


def fitted(pixels: Pixels, width: int, height: int, mode: ResizeMode) -> Pixels:
    """Return pixels at a size.

    Args:
        pixels: [H, W] or [H, W, C].
        width: wanted.
        height: wanted.
        mode: stretched; or its middle, cut to the aspect; or whole, its edges drawn out to the
            aspect. `LATENT` is a matter of latents: their pixels stay as they are.
    """
    old_height, old_width = pixels.shape[:2]
    match mode:
        case ResizeMode.STRETCH:
            return resized(pixels, width, height)
        case ResizeMode.CROP:
            size = covering(old_width, old_height, width, height)
            return _centred(resized(pixels, *size), width, height)
        case ResizeMode.FILL:
            size = containing(old_width, old_height, width, height)
            return _centred(resized(pixels, *size), width, height)
        case ResizeMode.LATENT:
            return pixels
        case _:
            assert_never(mode)


def _centred(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels cropped, or their edges repeated, about the middle (halves are floored)."""
    for axis, wanted in ((0, height), (1, width)):
        have = pixels.shape[axis]
        before = wanted // 2 - have // 2
        if have > wanted:
            pixels = np.take(pixels, range(-before, -before + wanted), axis)
        elif have < wanted:
            margins = [(0, 0)] * pixels.ndim
            margins[axis] = (before, wanted - have - before)
            pixels = np.pad(pixels, margins, mode="edge")
    return np.ascontiguousarray(pixels)
