"""Pictures with their recipe inside.

PNG: text chunk `parameters` with the infotext (tEXt where Latin-1 suffices, else iTXt, as A1111
does) and a second chunk `irodori` with the complete recipe as JSON. JPEG, WebP and AVIF: the
infotext in EXIF's UserComment; it is complete too. Pixels and text go into the same file, so a
copied file keeps both. Writing in place safely is the caller's (`store.files.write_whole`).
"""

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from irodori.errors import OutputError
from irodori.recipe.codec import to_json
from irodori.recipe.infotext.write import write
from irodori.recipe.lineage import LINEAGE, Lineage, lineage_text
from irodori.recipe.recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

PARAMETERS: Final = "parameters"
"""PNG keyword of the infotext, A1111's."""

RECIPE: Final = "irodori"
"""PNG keyword of the complete recipe as JSON."""

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".avif": "AVIF"}
)
"""File endings that can be written, with Pillow's name of the format."""

_EXIF_IFD: Final = 0x8769
_USER_COMMENT: Final = 0x9286
_MAKER_NOTE: Final = 0x927C
_JPEG_EXIF_LIMIT: Final = 65_533 - len(b"Exif\0\0")


def save_png(picture: "Image", path: Path, recipe: Recipe) -> None:
    """Write a PNG that holds its infotext and its complete recipe.

    Args:
        picture: what was drawn; mode L, RGB or RGBA.
        path: file to write; an existing one is replaced.
        recipe: what drew it.

    Raises:
        OutputError: the file cannot be written.
    """
    _to_disk(path, encode_png(picture, recipe))


def encode_png(picture: "Image", recipe: Recipe, *, lineage: Lineage | None = None) -> bytes:
    """Return the bytes of a PNG that holds its infotext, its complete recipe and its lineage."""
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text(PARAMETERS, write(recipe))
    texts.add_text(RECIPE, to_json(recipe))
    if lineage is not None:
        texts.add_text(LINEAGE, lineage_text(lineage))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=texts)
    return buffer.getvalue()


def save_picture(
    picture: "Image",
    path: Path,
    recipe: Recipe,
    *,
    quality: int = 95,
    lineage: Lineage | None = None,
) -> None:
    """Write a picture with its recipe, in the format that the file's ending names.

    Args:
        picture: what was drawn; JPEG drops its transparency onto white.
        path: file to write, ending in one of `FORMATS`.
        recipe: what drew it.
        quality: 1 to 100, for JPEG, WebP and AVIF.
        lineage: the picture's id and descent; None leaves them out.

    Raises:
        OutputError: unknown ending, metadata too long for JPEG, or the file cannot be written.
    """
    data = encode_picture(picture, path.suffix, recipe, quality=quality, lineage=lineage)
    _to_disk(path, data)


def encode_picture(
    picture: "Image",
    suffix: str,
    recipe: Recipe,
    *,
    quality: int = 95,
    lineage: Lineage | None = None,
) -> bytes:
    """Return the bytes of a picture with its recipe; see `save_picture`."""
    kind = FORMATS.get(suffix.lower())
    if kind is None:
        raise OutputError(
            f"cannot write pictures ending in '{suffix}'; use one of {', '.join(FORMATS)}"
        )
    if kind == "PNG":
        return encode_png(picture, recipe, lineage=lineage)
    exif = _exif(write(recipe), lineage)
    if kind == "JPEG":
        picture = _opaque(picture)
        if len(exif) > _JPEG_EXIF_LIMIT:
            raise OutputError(
                f"the recipe needs {len(exif)} bytes of metadata, JPEG holds {_JPEG_EXIF_LIMIT}; "
                "save as PNG or WebP"
            )
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=quality, exif=exif)
    return buffer.getvalue()


def _exif(text: str, lineage: Lineage | None) -> bytes:
    from PIL.Image import Exif

    exif = Exif()
    values = exif.get_ifd(_EXIF_IFD)
    values[_USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    if lineage is not None:
        values[_MAKER_NOTE] = lineage_text(lineage).encode("ascii")
    # As bytes: Pillow takes an Exif whose first directory is empty for no EXIF at all.
    return exif.tobytes()


def _opaque(picture: "Image") -> "Image":
    from PIL import Image

    if picture.mode in ("L", "RGB"):
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")


def _to_disk(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
