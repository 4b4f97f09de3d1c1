"""One reader for every picture file: what it says, with its limits kept.

PNG, JPEG and WebP are walked chunk by chunk; AVIF and GIF headers are read through Pillow.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from irodori.errors import PictureFileError
from irodori.recipe.picture.exif import exif_texts
from irodori.recipe.picture.findings import Findings
from irodori.recipe.picture.jpeg import JPEG_SIGNATURE, walk_jpeg, walk_webp
from irodori.recipe.picture.limits import check_text_size
from irodori.recipe.picture.png import SIGNATURE, walk_png

_PNG_XMP: Final = "XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a picture file says.

    Args:
        format: `png`, `jpeg`, `webp`, `avif` or `gif`.
        width: pixels; 0 where the file does not say.
        height: pixels.
        texts: PNG texts by keyword; of several with one keyword, the first.
        exif: EXIF texts by tag name.
        xmp: the XMP packet, or "".
        comment: the comment of a JPEG or GIF, or "".
        warnings: what is wrong with the file.
    """

    format: str
    width: int
    height: int
    texts: Mapping[str, str]
    exif: Mapping[str, str]
    xmp: str
    comment: str
    warnings: tuple[str, ...]


def read_metadata(source: Path | bytes) -> Metadata:
    """Return what a picture file says, without decoding a pixel.

    Args:
        source: a file, or its bytes.

    Raises:
        PictureFileError: missing, empty, no picture, damaged before its metadata, or refused
            because it asks too much (see `limits`).
    """
    if isinstance(source, bytes):
        return _read(io.BytesIO(source))
    if source.exists() and not (source.is_file() or source.is_dir()):
        raise PictureFileError(f"{source}: this is no ordinary file")  # a pipe would never end
    try:
        with source.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise PictureFileError(f"{source}: cannot be read: {error.strerror or error}") from error
    except PictureFileError as error:
        raise PictureFileError(f"{source}: {error}") from error


def _read(file: BinaryIO) -> Metadata:
    findings = Findings()
    kind = _walk(file, findings)
    texts: dict[str, str] = {}
    for name, text in findings.texts:
        texts.setdefault(name, text)
    return Metadata(
        format=kind,
        width=findings.width,
        height=findings.height,
        texts=MappingProxyType(texts),
        exif=MappingProxyType(exif_texts(findings.exif)),
        xmp=findings.xmp.decode("utf-8", errors="replace") or texts.get(_PNG_XMP, ""),
        comment=findings.comment.decode("utf-8", errors="replace").rstrip("\0"),
        warnings=tuple(findings.warnings),
    )


def _walk(file: BinaryIO, findings: Findings) -> str:
    head = file.read(12)
    if not head:
        raise PictureFileError("the file is empty")
    if head.startswith(SIGNATURE):
        file.seek(len(SIGNATURE))
        walk_png(file, findings)
        return "png"
    if head.startswith(JPEG_SIGNATURE):
        file.seek(len(JPEG_SIGNATURE))
        walk_jpeg(file, findings)
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        walk_webp(file, findings)
        return "webp"
    if head[4:8] == b"ftyp" or head.startswith(b"GIF8"):
        file.seek(0)
        return _through_pillow(file, findings)
    raise PictureFileError(f"this is no PNG, JPEG, WebP, AVIF or GIF (it begins with {head[:8]!r})")


_PILLOW: Final = ("AVIF", "GIF")


def _through_pillow(file: BinaryIO, findings: Findings) -> str:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file, formats=_PILLOW) as picture:
            findings.set_size(*picture.size)
            findings.exif = bytes(picture.info.get("exif", b""))
            xmp = picture.info.get("xmp", b"")
            findings.xmp = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
            comment = picture.info.get("comment", b"")
            findings.comment = comment.encode() if isinstance(comment, str) else bytes(comment)
            kind = (picture.format or "").lower()
    except Image.DecompressionBombError as error:
        raise PictureFileError(f"the picture is too large: {error}") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureFileError(f"the picture is damaged: {error}") from error
    check_text_size(len(findings.exif) + len(findings.xmp) + len(findings.comment), "the picture")
    return kind
