"""A walk over a PNG's chunks: size and texts, nothing decoded.

Source: W3C PNG, third edition, sections 5 (structure) and 11.3.3 (text chunks).
"""

import struct
import zlib
from typing import BinaryIO, Final

from irodori.errors import PictureFileError
from irodori.recipe.picture.findings import Findings
from irodori.recipe.picture.limits import MAX_CHUNKS, check_text_size, inflate

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_READ: Final = frozenset({b"IHDR", b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
_KEYWORD_LIMIT: Final = 79


def walk_png(file: BinaryIO, findings: Findings) -> None:
    """Collect what a PNG says; the file stands after the signature.

    Raises:
        PictureFileError: no header, or a text beyond the limits.
    """
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            findings.truncated("it ends without an IEND chunk")
            return
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if kind not in _READ:
            if not _skip(file, length + 4):
                findings.truncated(f"it ends inside a {_name(kind)} chunk")
                return
            continue
        check_text_size(length, f"a {_name(kind)} chunk")
        body, crc = file.read(length), file.read(4)
        if len(crc) < 4:
            findings.truncated(f"it ends inside a {_name(kind)} chunk")
            return
        if zlib.crc32(kind + body) != int.from_bytes(crc, "big"):
            findings.warnings.append(f"the checksum of a {_name(kind)} chunk is wrong")
        _take(kind, body, findings)
    findings.warnings.append(f"it has more than {MAX_CHUNKS} chunks; the rest was not read")


def _take(kind: bytes, body: bytes, findings: Findings) -> None:
    if kind == b"IHDR":
        if len(body) < 8:
            raise PictureFileError("the PNG's header is too short; the file is damaged")
        findings.set_size(*struct.unpack(">II", body[:8]))
        return
    if kind == b"eXIf":
        findings.exif = body
        return
    keyword, separator, rest = body.partition(b"\0")
    if not separator or not 0 < len(keyword) <= _KEYWORD_LIMIT:
        findings.warnings.append(f"a {_name(kind)} chunk without a keyword was not read")
        return
    name = keyword.decode("latin-1")
    try:
        text = _text(kind, rest)
    except ValueError as error:
        findings.warnings.append(f"the text '{name}' was not read: {error}")
        return
    findings.texts.append((name, text))


def _text(kind: bytes, rest: bytes) -> str:
    """Return the text of a chunk after its keyword; ValueError where its layout is broken."""
    if kind == b"tEXt":
        return _latin_or_utf8(rest)
    if kind == b"zTXt":
        if rest[:1] != b"\0":
            raise ValueError("unknown compression")
        return _latin_or_utf8(inflate(rest[1:], "a zTXt chunk"))
    compressed, method = rest[:1], rest[1:2]
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3 or compressed not in (b"\0", b"\1"):
        raise ValueError("its layout is broken")
    data = parts[2]
    if compressed == b"\1":
        if method != b"\0":
            raise ValueError("unknown compression")
        data = inflate(data, "an iTXt chunk")
    return data.decode("utf-8", errors="replace")


def _latin_or_utf8(data: bytes) -> str:
    """Decode tEXt: Latin-1 by the standard, but several programs put UTF-8 there."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _skip(file: BinaryIO, count: int) -> bool:
    """Move on; False where the file is shorter."""
    file.seek(count - 1, 1)
    return len(file.read(1)) == 1


def _name(kind: bytes) -> str:
    return kind.decode("latin-1")
