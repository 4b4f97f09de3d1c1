"""Masks made of boxes, kept as files, so that a recipe that names one can be drawn again."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.app.given import GivenPicture
from irodori.errors import OutputError, RecipeError
from irodori.store.files import is_taken, write_whole

FOLDER: Final = "masks"
"""Where they are in the outputs folder, each named by its content."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are outside."""


def box_mask(boxes: Sequence[Box], picture: GivenPicture, config: Config) -> Path:
    """Return the file of a mask that is white inside boxes; the same boxes, the same file.

    Args:
        boxes: at least one.
        picture: whose size the mask has.
        config: has the outputs folder.

    Raises:
        RecipeError: a box lies outside the picture.
        OutputError: the file cannot be written.
    """
    from PIL import Image

    mask = Image.new("L", (picture.width, picture.height))
    for left, top, right, bottom in boxes:
        inside = (max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height))
        if inside[0] >= inside[2] or inside[1] >= inside[3]:
            raise RecipeError(
                f"the box {left},{top},{right},{bottom} lies outside the picture of "
                f"{picture.width}x{picture.height}"
            )
        mask.paste(255, inside)
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    data = buffer.getvalue()
    path = config.outputs / FOLDER / f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    try:
        write_whole(path, lambda file: _fill(file, data))
    except OutputError as error:
        if not is_taken(error):
            raise
    return path


def _fill(path: Path, data: bytes) -> None:
    path.write_bytes(data)
