"""The texts in a block of EXIF: a bounded walk over its directories.

Source: CIPA DC-008 (EXIF 2.32), 4.6; TIFF 6.0, section 2.
"""

import struct
from collections.abc import Iterator
from typing import Final

_NAMES: Final = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x9286: "UserComment",
    0x927C: "MakerNote",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
}
_SUB_DIRECTORY: Final = 0x8769
_MAX_ENTRIES: Final = 512
_UNIT: Final = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}
_UNICODE: Final = b"UNICODE\0"
_ASCII: Final = b"ASCII\0\0\0"
_UNDEFINED: Final = b"\0" * 8


def exif_texts(data: bytes) -> dict[str, str]:
    """Return the texts of an EXIF block by tag name; a damaged block gives what is whole."""
    data = data.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return {}
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    texts: dict[str, str] = {}
    directories = [start]
    for offset in directories:
        for tag, value in _entries(data, offset, order):
            if tag == _SUB_DIRECTORY and len(value) == 4 and len(directories) == 1:
                directories.append(struct.unpack(f"{order}I", value)[0])
            elif tag in _NAMES:
                texts[_NAMES[tag]] = _decode(tag, value, order)
    return {name: text for name, text in texts.items() if text}


def _entries(data: bytes, offset: int, order: str) -> Iterator[tuple[int, bytes]]:
    if offset + 2 > len(data):
        return
    (count,) = struct.unpack_from(f"{order}H", data, offset)
    for index in range(min(count, _MAX_ENTRIES)):
        place = offset + 2 + 12 * index
        if place + 12 > len(data):
            return
        tag, kind, length = struct.unpack_from(f"{order}HHI", data, place)
        size = _UNIT.get(kind, 0) * length
        if size > 4:
            (place,) = struct.unpack_from(f"{order}I", data, place + 8)
        else:
            place += 8
        if 0 < size <= len(data) - place:
            yield tag, data[place : place + size]


def _decode(tag: int, value: bytes, order: str) -> str:
    if _NAMES[tag].startswith("XP"):
        return value.decode("utf-16-le", errors="ignore").rstrip("\0")
    if tag in (0x9286, 0x927C):
        return decode_user_comment(value, order)
    return value.decode("utf-8", errors="ignore").rstrip("\0")


def decode_user_comment(value: bytes, order: str = ">") -> str:
    """Return the text of a UserComment.

    The eight bytes before the text name its code. `UNICODE` is UTF-16; A1111 writes big-endian
    whatever the file's order, others the file's order: the one that gives more Latin text wins.

    Args:
        value: the tag's bytes.
        order: the file's byte order, `<` or `>`, for when the text leaves it open.
    """
    if value.startswith(_UNICODE):
        return _utf16(value[len(_UNICODE) :], order)
    for prefix in (_ASCII, _UNDEFINED):
        value = value.removeprefix(prefix)
    return value.decode("utf-8", errors="ignore").rstrip("\0")


def _utf16(data: bytes, order: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="ignore").rstrip("\0")
    data = data[: len(data) // 2 * 2]
    big, little = data[0::2].count(0), data[1::2].count(0)
    if big == little:
        codec = "utf-16-le" if order == "<" else "utf-16-be"
    else:
        codec = "utf-16-be" if big > little else "utf-16-le"
    return data.decode(codec, errors="ignore").rstrip("\0")
