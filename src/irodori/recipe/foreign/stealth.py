"""Metadata hidden in a picture's lowest bits: NovelAI's and the stealth extensions' scheme.

Bits are taken column by column, in alpha (one a pixel) or in red, green, blue (three a pixel):
15 bytes of signature, 32 bits of length in bits, the payload, gzip'd where the signature says.
Source: compat 9.5. This is the only reader that decodes pixels.
"""

import io
import zlib
from typing import TYPE_CHECKING, Any, Final

from irodori.errors import PictureFileError
from irodori.recipe.picture.limits import MAX_TEXT_BYTES, check_size, check_text_size

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_SIGNATURE_BYTES: Final = 15
_HEAD_BITS: Final = (_SIGNATURE_BYTES + 4) * 8
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


def read_stealth(source: "Path | bytes") -> str | None:
    """Return the text hidden in a picture's pixels, or None where there is none.

    Args:
        source: a file, or its bytes; PNG and lossless WebP can hide text.

    Raises:
        PictureFileError: the pixels are damaged, or the hidden text is too large.
    """
    pixels = _pixels(source)
    if pixels is None:
        return None
    if pixels.shape[2] == 4:
        found = _hidden(pixels[:, :, 3:], "png")
        if found is not None:
            return found
    return _hidden(pixels[:, :, :3], "rgb")


def _pixels(source: "Path | bytes") -> "NDArray[np.uint8] | None":
    """Return uint8 [H, W, 3 or 4], or None for modes that hide nothing."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        file: Any = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=("PNG", "WEBP")) as picture:
            check_size(*picture.size)
            if picture.mode not in ("RGB", "RGBA"):
                return None
            return np.asarray(picture)
    except Image.DecompressionBombError as error:
        raise PictureFileError(f"the picture is too large: {error}") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureFileError(f"the pixels are damaged: {error}") from error


def _hidden(channels: "NDArray[np.uint8]", kind: str) -> str | None:
    """Return the text in the lowest bits of [H, W, C], or None."""
    columns = -(-_HEAD_BITS // (channels.shape[0] * channels.shape[2]))
    head = _bytes(channels[:, :columns])[: _HEAD_BITS // 8]
    signature, length = head[:_SIGNATURE_BYTES], head[_SIGNATURE_BYTES:]
    names = {f"stealth_{kind}comp".encode(): True, f"stealth_{kind}info".encode(): False}
    if signature not in names or len(length) < 4:
        return None
    size = int.from_bytes(length, "big") // 8
    check_text_size(size, "the hidden text")
    columns = -(-(_HEAD_BITS + size * 8) // (channels.shape[0] * channels.shape[2]))
    payload = _bytes(channels[:, :columns])[_HEAD_BITS // 8 :][:size]
    if len(payload) < size:
        raise PictureFileError("the hidden text is cut off: the picture was cropped or resized")
    if names[signature]:
        payload = _gunzip(payload)
    return payload.decode("utf-8", errors="replace")


def _bytes(channels: "NDArray[np.uint8]") -> bytes:
    import numpy as np

    bits = (channels & 1).transpose(1, 0, 2).reshape(-1)  # column by column, channels innermost
    return np.packbits(bits[: bits.size // 8 * 8]).tobytes()


def _gunzip(data: bytes) -> bytes:
    worker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        text = worker.decompress(data, MAX_TEXT_BYTES + 1)
    except zlib.error as error:
        raise PictureFileError(f"the hidden text is damaged: {error}") from error
    check_text_size(len(text), "the hidden text")
    return text
