"""Reading pictures of every kind, and fitting them: compat 7.5's numbers."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from irodori.engine.image import covering, fitted, flattened, read_pixels, resized
from irodori.errors import PictureFileError
from irodori.recipe.names import ResizeMode


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def gradient(mode: str) -> Image.Image:
    rows = np.linspace(0, 255, 20).astype(np.uint8)
    grey = Image.fromarray(np.tile(rows, (10, 1)))
    return grey.convert(mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA"])
def test_every_mode_becomes_rgba(mode: str) -> None:
    picture = read_pixels(saved(gradient(mode)))
    assert picture.rgba.shape == (10, 20, 4)
    assert picture.rgba.dtype == np.uint8
    assert picture.is_opaque
    assert picture.rgba[0, 0, 0] < 10
    assert picture.rgba[0, -1, 0] > 245


def test_sixteen_bits_become_eight_and_are_told() -> None:
    values = np.array([[0, 255, 257, 32768, 65535]], np.uint16)
    picture = read_pixels(saved(Image.fromarray(values)))
    assert picture.rgba[0, :, 0].tolist() == [0, 1, 1, 128, 255]
    assert "16 bits" in picture.notes[0]


def test_the_first_frame_is_used_and_told() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        picture = read_pixels(data)
        assert picture.rgba[0, 0, 0] > 200, kind
        assert "first of its 3 frames" in picture.notes[0]


def test_exif_turns_the_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    picture = read_pixels(saved(gradient("RGB"), "JPEG", exif=exif.tobytes()))
    assert (picture.width, picture.height) == (10, 20)
    assert picture.rgba[0].mean() < picture.rgba[-1].mean()


def test_transparency_is_laid_on_the_background() -> None:
    rgba = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    rgba.putpixel((0, 0), (255, 0, 0, 255))
    rgba.putpixel((1, 0), (255, 0, 0, 128))
    picture = read_pixels(saved(rgba))
    assert not picture.is_opaque
    flat = flattened(picture, "#0000ff")
    assert flat[0, 0].tolist() == [255, 0, 0]
    assert flat[3, 3].tolist() == [0, 0, 255]
    assert abs(int(flat[0, 1, 0]) - 128) <= 1


@pytest.mark.parametrize("data", [b"", b"no picture at all", saved(gradient("RGB"))[:60]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureFileError):
        read_pixels(data)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    header = saved(Image.new("1", (8, 8)))
    head = header[12:16] + (60000).to_bytes(4, "big") * 2 + header[24:29]
    huge = header[:12] + head + zlib.crc32(head).to_bytes(4, "big") + header[33:]
    with pytest.raises(PictureFileError, match="too large"):
        read_pixels(huge)


# (picture, size) -> what it is first resized to, by the arithmetic of compat 7.5.
COVERS = [
    ((1000, 1000), (832, 1216), (1216, 1216)),
    ((832, 1216), (832, 1216), (832, 1216)),
    ((333, 500), (512, 512), (512, 768)),
    ((500, 333), (512, 512), (768, 512)),
    ((999, 1001), (640, 640), (640, 641)),
    ((7680, 4320), (1024, 1024), (1820, 1024)),
]


@pytest.mark.parametrize(("picture", "size", "expected"), COVERS)
def test_covering_sizes(
    picture: tuple[int, int], size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert covering(*picture, *size) == expected


@pytest.mark.parametrize("mode", [ResizeMode.STRETCH, ResizeMode.CROP, ResizeMode.FILL])
@pytest.mark.parametrize("size", [(64, 64), (96, 40), (7, 200), (33, 17)])
@pytest.mark.parametrize("picture", [(50, 30), (30, 50), (64, 64), (1, 1), (301, 17)])
def test_fitted_pictures_have_the_size(
    mode: ResizeMode, size: tuple[int, int], picture: tuple[int, int]
) -> None:
    width, height = picture
    pixels = np.full((height, width, 3), 77, np.uint8)
    result = fitted(pixels, *size, mode)
    assert result.shape == (size[1], size[0], 3)
    assert (result == 77).all()


def test_crop_keeps_the_middle_and_fill_keeps_all() -> None:
    pixels = np.zeros((40, 80), np.uint8)
    pixels[:, :20] = 255
    pixels[:, 60:] = 128
    cropped = fitted(pixels, 40, 40, ResizeMode.CROP)
    assert np.array_equal(cropped, pixels[:, 20:60])
    whole = fitted(pixels, 80, 80, ResizeMode.FILL)
    assert np.array_equal(whole[20:60], pixels)
    assert np.array_equal(whole[0], pixels[0])
    assert np.array_equal(whole[-1], pixels[-1])


def test_latent_mode_leaves_pixels_alone() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    assert fitted(pixels, 64, 64, ResizeMode.LATENT) is pixels
    assert resized(pixels, 4, 4) is pixels
