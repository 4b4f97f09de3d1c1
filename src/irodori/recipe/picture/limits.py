"""How much a foreign file may ask of the reader; beyond, it is refused."""

import json
import re
import zlib
from typing import Any, Final

from irodori.errors import PictureFileError

MAX_TEXT_BYTES: Final = 16 * 2**20
"""Longest text chunk read: real ComfyUI graphs stay under 2 MB."""

MAX_PIXELS: Final = 2**28
"""Largest picture, width times height: 16384 x 16384."""

MAX_CHUNKS: Final = 100_000
"""Most chunks of one file: a picture of `MAX_PIXELS` in 8 KiB pieces has fewer."""

MAX_JSON_DEPTH: Final = 128

_BRACKET_OR_STRING: Final = re.compile(r'"(?:\\.|[^\\"])*+"|[\[\]{}]', re.DOTALL)


def check_size(width: int, height: int) -> None:
    """Refuse a picture of too many pixels.

    Raises:
        PictureFileError: zero or too many pixels.
    """
    if width < 1 or height < 1:
        raise PictureFileError(f"the picture says it is {width}x{height} pixels; it is damaged")
    if width * height > MAX_PIXELS:
        raise PictureFileError(
            f"the picture says it is {width}x{height} pixels; more than {MAX_PIXELS} are refused"
        )


def check_text_size(size: int, what: str) -> None:
    """Refuse a text that is too long.

    Raises:
        PictureFileError: more than `MAX_TEXT_BYTES`.
    """
    if size > MAX_TEXT_BYTES:
        raise PictureFileError(
            f"{what} has {size / 2**20:.0f} MB of text; more than {MAX_TEXT_BYTES // 2**20} MB "
            "are refused"
        )


def inflate(data: bytes, what: str) -> bytes:
    """Return decompressed text, refusing what grows too large.

    Raises:
        PictureFileError: larger than `MAX_TEXT_BYTES`.
        ValueError: damaged.
    """
    worker = zlib.decompressobj()
    try:
        result = worker.decompress(data, MAX_TEXT_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"damaged: {error}") from error
    check_text_size(len(result), what)
    if not worker.eof:
        raise ValueError("damaged: its compressed text ends too early")
    return result


def load_json(text: str, what: str) -> Any:
    """Return the JSON of a foreign file.

    Raises:
        PictureFileError: nested deeper than `MAX_JSON_DEPTH`.
        ValueError: not JSON.
    """
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        mark = match[0]
        if mark in ("[", "{"):
            depth += 1
        elif mark in ("]", "}"):
            depth -= 1
        if depth > MAX_JSON_DEPTH:
            raise PictureFileError(
                f"{what} holds JSON nested deeper than {MAX_JSON_DEPTH} levels; it is refused"
            )
    return json.loads(text, strict=False)
