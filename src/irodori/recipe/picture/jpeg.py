"""A walk over a JPEG's markers and a WebP's chunks: size, EXIF, XMP, comment; nothing decoded.

Source: ITU T.81 annex B; Google, WebP container specification (RIFF).
"""

import struct
from typing import BinaryIO, Final

from irodori.recipe.picture.findings import Findings
from irodori.recipe.picture.limits import MAX_CHUNKS, check_text_size

JPEG_SIGNATURE: Final = b"\xff\xd8"

_EXIF: Final = b"Exif\0\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_APP1: Final = 0xE1
_COMMENT: Final = 0xFE
_START_OF_SCAN: Final = 0xDA
_END: Final = 0xD9
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def walk_jpeg(file: BinaryIO, findings: Findings) -> None:
    """Collect what a JPEG says; the file stands after its first two bytes."""
    for _ in range(MAX_CHUNKS):
        marker = _next_marker(file)
        if marker is None:
            findings.truncated("it ends before the pixels")
            return
        if marker in (_START_OF_SCAN, _END):
            return
        if marker in _ALONE:
            continue
        head = file.read(2)
        length = int.from_bytes(head, "big") - 2
        body = file.read(max(length, 0))
        if len(head) < 2 or len(body) < length:
            findings.truncated("it ends inside a segment")
            return
        _take_segment(marker, body, findings)


def _next_marker(file: BinaryIO) -> int | None:
    for _ in range(MAX_CHUNKS):
        byte = file.read(1)
        if not byte:
            return None
        if byte != b"\xff":
            continue
        while byte == b"\xff":
            byte = file.read(1)
        if byte and byte != b"\0":
            return byte[0]
    return None


def _take_segment(marker: int, body: bytes, findings: Findings) -> None:
    if marker in _FRAMES and len(body) >= 5:
        height, width = struct.unpack(">HH", body[1:5])
        findings.set_size(width, height)
    elif marker == _APP1 and body.startswith(_EXIF):
        findings.exif = findings.exif or body[len(_EXIF) :]
    elif marker == _APP1 and body.startswith(_XMP):
        findings.xmp = findings.xmp or body[len(_XMP) :]
    elif marker == _COMMENT:
        findings.comment = findings.comment or body


def walk_webp(file: BinaryIO, findings: Findings) -> None:
    """Collect what a WebP says; the file stands after `RIFF`, its length and `WEBP`."""
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if not head:
            return
        if len(head) < 8:
            findings.truncated("it ends inside a chunk's head")
            return
        kind, length = struct.unpack("<4sI", head)
        wanted = kind in (b"EXIF", b"XMP ", b"VP8X", b"VP8L", b"VP8 ")
        take = length if kind in (b"EXIF", b"XMP ") else min(length, 10)
        if wanted:
            check_text_size(take, f"a {kind.decode('latin-1')} chunk")
        body = file.read(take) if wanted else b""
        if len(body) < (take if wanted else 0) or not _skip_rest(
            file, length + length % 2 - len(body)
        ):
            findings.truncated(f"it ends inside a {kind.decode('latin-1')} chunk")
            return
        _take_chunk(kind, body, findings)


def _skip_rest(file: BinaryIO, count: int) -> bool:
    if count == 0:
        return True
    file.seek(count - 1, 1)
    return len(file.read(1)) == 1


def _take_chunk(kind: bytes, body: bytes, findings: Findings) -> None:
    if kind == b"EXIF":
        findings.exif = body.removeprefix(_EXIF)
    elif kind == b"XMP ":
        findings.xmp = body
    elif kind == b"VP8X" and len(body) >= 10:
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        findings.set_size(width, height)
    elif kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        findings.set_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif kind == b"VP8 " and len(body) >= 10:
        width, height = struct.unpack("<HH", body[6:10])
        findings.set_size(width & 0x3FFF, height & 0x3FFF)
