"""Picture files: damaged, foreign and hostile ones are refused within limits, with a reason."""

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from irodori.errors import OutputError, PictureFileError
from irodori.recipe import Noise, Recipe
from irodori.recipe.embed import FORMATS, encode_picture, encode_png, save_picture, save_png
from irodori.recipe.info import read_picture, read_source
from irodori.recipe.picture import read_metadata
from irodori.recipe.picture.exif import decode_user_comment, exif_texts

RECIPE = Recipe(prompt="1girl 日本", noise=Noise(seed=3), software="irodori 0.1.0")
PICTURE = Image.new("RGB", (64, 48), "teal")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, size: tuple[int, int] = (8, 8), end: bool = True) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + (chunk(b"IEND", b"") if end else b"")


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_keeps_the_recipe(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    save_picture(PICTURE, path, RECIPE)
    metadata = read_metadata(path)
    assert (metadata.width, metadata.height) == (64, 48)
    info = read_picture(path)
    assert info.recipe == RECIPE
    assert info.warnings == ()


def test_png_holds_both_texts_and_pixels_are_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    save_png(PICTURE, path, RECIPE)
    texts = read_metadata(path).texts
    assert list(texts) == ["parameters", "irodori"]
    with Image.open(path) as picture:
        assert picture.info["parameters"] == texts["parameters"]
        assert picture.tobytes() == PICTURE.tobytes()
    latin = encode_png(PICTURE, Recipe(prompt="café", noise=Noise(seed=1)))
    assert b"tEXtparameters" in latin
    assert b"iTXtparameters" in path.read_bytes()


def test_transparency_becomes_white_in_jpeg() -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    with Image.open(io.BytesIO(encode_picture(clear, ".jpg", RECIPE))) as picture:
        assert picture.getpixel((3, 3)) == (255, 255, 255)


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.bmp"):
        save_picture(PICTURE, tmp_path / "a.bmp", RECIPE)
    long = Recipe(prompt="x" * 40_000, noise=Noise(seed=1))
    with pytest.raises(OutputError, match="save as PNG"):
        save_picture(PICTURE, tmp_path / "a.jpg", long)
    with pytest.raises(OutputError, match="cannot write"):
        save_png(PICTURE, tmp_path / "no" / "a.png", RECIPE)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello world, this is text", "no PNG"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
        (png(end=False), "cut off"),
        (png(size=(0, 8)), "0x8"),
        (png(size=(60_000, 60_000)), "60000x60000"),
        (png(struct.pack(">I", 50 * 2**20) + b"tEXt" + b"parameters\0" + b"x" * 99), "50 MB"),
        (png(chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"x" * 50_000_000))), "MB of text"),
        (png(chunk(b"tEXt", b"workflow\0" + b'{"a":' * 9999)), "nested deeper"),
        (b"\xff\xd8\xff\xe0\x00", "cut off"),
        (b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\x7f", "cut off"),
        (b"\0\0\0\x1cftypavif" + b"\0" * 40, "damaged"),
        (b"GIF89a\x01", "damaged"),
    ],
    ids=range(13),
)
def test_bad_files_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(PictureFileError, match=told):
        read_picture(data)


def test_every_cut_of_a_file_is_told_or_read() -> None:
    for suffix in FORMATS:
        whole = encode_picture(PICTURE, suffix, RECIPE)
        for length in range(0, len(whole), 13):
            try:
                info = read_picture(whole[:length])
            except PictureFileError:
                continue
            assert info.recipe == RECIPE or info.warnings


def test_every_flipped_byte_is_told_or_read() -> None:
    for suffix in (".png", ".jpg", ".webp"):
        whole = encode_picture(PICTURE, suffix, RECIPE)
        for place in range(0, min(len(whole), 3000), 7):
            data = bytearray(whole)
            data[place] ^= 0xFF
            try:
                read_picture(bytes(data))
            except PictureFileError:
                continue


def test_a_cut_file_with_its_metadata_is_read(tmp_path: Path) -> None:
    noisy = Image.effect_noise((64, 64), 90)
    path = tmp_path / "cut.png"
    path.write_bytes(encode_png(noisy, RECIPE)[:-400])
    info = read_picture(path)
    assert info.recipe == RECIPE
    assert "cut off" in info.warnings[0]


def test_wrong_checksum_is_told() -> None:
    data = bytearray(png(chunk(b"tEXt", b"parameters\0a cat")))
    data[data.index(b"a cat")] = ord("b")
    info = read_picture(bytes(data))
    assert info.prompt == "b cat"
    assert "checksum" in info.warnings[0]


@pytest.mark.parametrize(
    "body",
    [b"nokeyword", b"\0text", b"k" * 80 + b"\0x"],
)
def test_malformed_text_chunks_are_skipped(body: bytes) -> None:
    assert read_metadata(png(chunk(b"tEXt", body))).warnings


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"zTXt", b"a\0\1abc"),
        (b"zTXt", b"a\0\0garbage"),
        (b"zTXt", b"a\0\0" + zlib.compress(b"x" * 999)[:-6]),
        (b"iTXt", b"a\0\1\1\0\0abc"),
        (b"iTXt", b"a\0\7\0\0\0abc"),
        (b"iTXt", b"a\0\0\0"),
    ],
)
def test_malformed_compression_is_skipped(kind: bytes, body: bytes) -> None:
    metadata = read_metadata(png(chunk(kind, body), chunk(b"tEXt", b"parameters\0a cat")))
    assert metadata.texts == {"parameters": "a cat"}
    assert len(metadata.warnings) == 1


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "no.png", tmp_path):
        with pytest.raises(PictureFileError, match="cannot be read"):
            read_picture(path)
    bad = tmp_path / "a.txt"
    bad.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PictureFileError, match="cannot be read"):
        read_source(bad)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(PictureFileError, match="no ordinary file"):
        read_metadata(pipe)


def test_jpeg_comments_and_gifs_are_read() -> None:
    text = "a cat\nSteps: 20, Sampler: Euler, Seed: 3, Size: 64x64"
    for kind in ("JPEG", "GIF"):
        buffer = io.BytesIO()
        PICTURE.save(buffer, kind, comment=text.encode())
        assert read_picture(buffer.getvalue()).prompt == "a cat"


def test_exif_directories_that_lie_are_harmless() -> None:
    loops = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8)
    assert exif_texts(loops) == {}
    beyond = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x9286, 7, 2**31, 2**31)
    assert exif_texts(beyond) == {}
    assert exif_texts(b"II*\0\xff\xff\xff\xff") == {}
    assert exif_texts(b"XX") == {}
    assert decode_user_comment(b"ASCII\0\0\0hi") == "hi"
    assert decode_user_comment(b"plain") == "plain"
    assert decode_user_comment(b"UNICODE\0" + "hi".encode("utf-16")) == "hi"
