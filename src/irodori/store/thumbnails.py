"""Small copies of pictures, made when they are first asked for; a cache that may be deleted."""

import io
from pathlib import Path
from typing import Final

from irodori.errors import OutputError, PictureFileError
from irodori.recipe.picture import read_metadata
from irodori.store.files import HIDDEN, inside, is_taken, write_whole

FOLDER: Final = "thumbnails"
SIDE: Final = 256
"""Longest side in pixels."""


def thumbnail(outputs: Path, identity: str, path: Path, *, side: int = SIDE) -> Path:
    """Return the file of a picture's thumbnail (WebP), made where it is missing or outdated.

    Args:
        outputs: the outputs folder, in whose index's folder the cache lies.
        identity: the picture's id.
        path: the picture.
        side: longest side in pixels.

    Raises:
        PictureFileError: the picture is missing, damaged or refused.
        OutputError: the cache cannot be written.
    """
    small = outputs / HIDDEN / FOLDER / identity[:2] / f"{identity}-{side}.webp"
    try:
        if small.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            return small
        small.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    data = encode_thumbnail(path, side=side)
    try:
        write_whole(inside(outputs, small), lambda temporary: _fill(temporary, data))
    except OutputError as error:
        if not is_taken(error):  # another process made it meanwhile
            raise
    return small


def encode_thumbnail(path: Path, *, side: int = SIDE) -> bytes:
    """Return a picture made small, as WebP.

    Raises:
        PictureFileError: the picture is missing, damaged or refused.
    """
    from PIL import Image

    read_metadata(path)  # refuses bombs before a pixel is decoded
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (side, side))
            small = picture.convert("RGBA" if picture.mode in ("RGBA", "LA", "P") else "RGB")
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            small.save(buffer, "WEBP", quality=85)
    except Image.DecompressionBombError as error:
        raise PictureFileError(f"{path}: the picture is too large: {error}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureFileError(f"{path}: the picture is damaged: {error}") from error
    return buffer.getvalue()


def _fill(path: Path, data: bytes) -> None:
    path.write_bytes(data)
