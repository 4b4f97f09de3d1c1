"""Pictures made to harm: refused within limits, wherever they come in."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest

from irodori.errors import PictureFileError
from irodori.recipe.info import read_picture
from irodori.store.database import open_database
from irodori.store.scan import rebuild
from irodori.store.search import count
from irodori.store.thumbnails import encode_thumbnail

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 2**20


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def png(*chunks: bytes, size: tuple[int, int] = (8, 8)) -> bytes:
    pixels = zlib.compress(b"\0" * (size[1] * (size[0] * 3 + 1))) if size == (8, 8) else b""
    return (
        SIGNATURE + header(*size) + b"".join(chunks) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def compressed(size: int) -> bytes:
    worker = zlib.compressobj(9)
    pieces = [worker.compress(b"a" * MEGABYTE) for _ in range(size // MEGABYTE)]
    return b"".join([*pieces, worker.flush()])


NESTED = '{"a":' * 50_000 + "1" + "}" * 50_000
BOMBS = {
    "pixels": png(size=(60_000, 60_000)),
    "text": png(chunk(b"tEXt", b"parameters\0" + b"a" * (50 * MEGABYTE))),
    "compressed text": png(chunk(b"zTXt", b"parameters\0\0" + compressed(400 * MEGABYTE))),
    "length that lies": SIGNATURE + header(8, 8) + struct.pack(">I4s", 2**31 - 1, b"tEXt") + b"x",
}
HARMLESS = {
    "nested JSON": png(chunk(b"tEXt", b"parameters\0" + NESTED.encode())),
    "nested recipe": png(chunk(b"tEXt", b"irodori\0" + NESTED.encode())),
    "nested graph": png(chunk(b"tEXt", b"prompt\0" + NESTED.encode())),
    "nested lineage": png(chunk(b"tEXt", b"irodori-lineage\0" + NESTED.encode())),
}


@pytest.fixture(params=[*BOMBS, *HARMLESS])
def bomb(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "pictures" / "bomb.png"
    path.parent.mkdir()
    path.write_bytes({**BOMBS, **HARMLESS}[request.param])
    return request.param, path


def test_reading_stays_within_limits(bomb: tuple[str, Path]) -> None:
    name, path = bomb
    tracemalloc.start()
    try:
        if name in BOMBS:
            with pytest.raises(PictureFileError):
                read_picture(path)
        else:
            try:
                assert read_picture(path).recipe is None
            except PictureFileError as error:
                assert "nested" in str(error)  # noqa: PT017  # either is right
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * MEGABYTE


def test_the_index_tells_and_goes_on(bomb: tuple[str, Path]) -> None:
    name, path = bomb
    (path.parent / "good.png").write_bytes(png())
    with open_database(path.parent) as db:
        report = rebuild(db)
        if name in BOMBS:
            assert [problem.path.name for problem in report.problems] == ["bomb.png"]
        assert count(db) == 2 - len(report.problems)


def test_no_thumbnail_is_made_of_them(tmp_path: Path) -> None:
    for name, data in BOMBS.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(data)
        with pytest.raises(PictureFileError):
            encode_thumbnail(path)
