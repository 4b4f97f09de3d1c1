"""Pictures and masks of every kind through the commands: what is drawn, kept and told."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from irodori.cli.main import root

PROMPT = "1girl, solo, green hair, outdoors"
WIDTH, HEIGHT = 64, 96
BOX = (16, 24, 48, 64)
INSIDE = (slice(32, 56), slice(24, 40))
REACH = 10  # of a blur of 4
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module", autouse=True)
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("edges")
    path = folder / "config.toml"
    path.write_text(f'outputs = "{folder / "pictures"}"\nthreads = 1\ndevice = "cpu"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IRODORI_CONFIG", str(path))
        yield


def run(out: Path, *arguments: str) -> tuple[Pixels, list[str]]:
    """Return the pixels of what a command wrote, and its notes; those before it draws too."""
    given = [*arguments, "--out", str(out), "--json"]
    result = CliRunner().invoke(root, given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.stdout)
    notes = [*told["notes"], *(line.strip() for line in result.stderr.splitlines())]
    assert told["recipe"]["notes"] == told["notes"]  # they stay with the picture
    return np.asarray(Image.open(out).convert("RGB")), notes


def inpaint(out: Path, picture: Path, *arguments: str) -> tuple[Pixels, list[str]]:
    return run(out, "inpaint", str(picture), PROMPT, "--steps", "2", "--seed", "1", *arguments)


def noise(width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """Smooth enough that an autoencoder keeps it, of no two equal rows."""
    small = np.random.default_rng(3).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def outside(shape: tuple[int, ...], box: tuple[int, int, int, int], reach: int) -> Any:
    kept = np.ones(shape[:2], bool)
    kept[max(box[1] - reach, 0) : box[3] + reach, max(box[0] - reach, 0) : box[2] + reach] = False
    return kept


def mask(width: int = WIDTH, height: int = HEIGHT, box: tuple[int, ...] = BOX) -> Pixels:
    white = np.zeros((height, width), np.uint8)
    white[box[1] : box[3], box[0] : box[2]] = 255
    return white


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(noise()).save(path)
    return path


# --- masks ----------------------------------------------------------------------------------------


def _sixteen(white: Pixels) -> Image.Image:
    return Image.fromarray(white.astype(np.uint16) * 257)


def _palette(white: Pixels) -> Image.Image:
    return Image.fromarray(white).convert("P")


def _alpha(white: Pixels) -> Image.Image:
    """Its alpha is the mask, its colours say nothing."""
    return Image.fromarray(np.dstack([noise(), white]))


MASKS: dict[str, tuple[str, Callable[[Pixels], Image.Image]]] = {
    "greyscale": ("mask.png", Image.fromarray),
    "RGB": ("mask.webp", lambda white: Image.fromarray(np.dstack([white] * 3))),
    "RGBA": ("mask.png", _alpha),
    "16-bit": ("mask.png", _sixteen),
    "1-bit": ("mask.png", lambda white: Image.fromarray(white).convert("1")),
    "palette": ("mask.png", _palette),
    "TIFF": ("mask.tiff", Image.fromarray),
}


@pytest.mark.parametrize("kind", MASKS)
def test_masks_of_every_kind_mean_the_same(kind: str, picture: Path, tmp_path: Path) -> None:
    expected, _ = inpaint(tmp_path / "box.png", picture, "--box", ",".join(map(str, BOX)))
    name, make = MASKS[kind]
    make(mask()).save(tmp_path / name, lossless=True)  # which WebP alone asks
    found, _ = inpaint(tmp_path / "out.png", picture, "--mask", str(tmp_path / name))
    assert np.array_equal(found, expected)
    kept = outside(found.shape, BOX, REACH)
    assert np.array_equal(found[kept], noise()[kept])
    assert not np.array_equal(found[INSIDE], noise()[INSIDE])


def test_an_animated_mask_is_its_first_frame(picture: Path, tmp_path: Path) -> None:
    frames = [Image.fromarray(mask()), Image.fromarray(255 - mask())]
    frames[0].save(tmp_path / "mask.gif", save_all=True, append_images=frames[1:])
    found, notes = inpaint(
        tmp_path / "out.png", picture, "--mask", str(tmp_path / "mask.gif"), "--blur", "0"
    )
    assert "the picture moves: the first of its 2 frames is used" in notes
    kept = mask() == 0
    assert np.array_equal(found[kept], noise()[kept])


@pytest.mark.parametrize("area", [(), ("--only-masked",)])
@pytest.mark.parametrize("soft", [(), ("--soft",)])
def test_an_empty_mask(
    area: tuple[str, ...], soft: tuple[str, ...], picture: Path, tmp_path: Path
) -> None:
    Image.fromarray(mask(box=(0, 0, 0, 0))).save(tmp_path / "mask.png")
    found, notes = inpaint(
        tmp_path / "out.png", picture, "--mask", str(tmp_path / "mask.png"), *area, *soft
    )
    assert "the mask is empty: nothing was drawn anew" in notes
    assert np.array_equal(found, noise())


def test_an_opaque_picture_without_a_mask_has_none(picture: Path, tmp_path: Path) -> None:
    found, notes = inpaint(tmp_path / "out.png", picture)
    assert "the mask is empty: nothing was drawn anew" in notes
    assert np.array_equal(found, noise())


def test_a_full_mask_is_img2img(picture: Path, tmp_path: Path) -> None:
    Image.fromarray(mask(box=(0, 0, WIDTH, HEIGHT))).save(tmp_path / "mask.png")
    found, _ = inpaint(tmp_path / "out.png", picture, "--mask", str(tmp_path / "mask.png"))
    over = ("img2img", str(picture), PROMPT, "--steps", "2", "--seed", "1")
    assert np.array_equal(found, run(tmp_path / "over.png", *over)[0])


def test_an_inverted_full_mask_is_empty(picture: Path, tmp_path: Path) -> None:
    box = f"0,0,{WIDTH},{HEIGHT}"
    found, notes = inpaint(tmp_path / "out.png", picture, "--box", box, "--invert")
    assert "the mask is empty: nothing was drawn anew" in notes
    assert np.array_equal(found, noise())


def test_one_pixel(picture: Path, tmp_path: Path) -> None:
    box = ("--box", "30,30,31,31")
    found, notes = inpaint(tmp_path / "out.png", picture, *box)
    assert any("covers no 8x8 cell of the latents" in note for note in notes)
    kept = outside(found.shape, (30, 30, 31, 31), REACH)
    assert np.array_equal(found[kept], noise()[kept])
    alone, _ = inpaint(
        tmp_path / "alone.png", picture, *box, "--only-masked", "--padding", "8", "--blur", "0"
    )
    changed = (alone != noise()).any(2)
    assert changed[30, 30]
    assert changed.sum() == 1


def test_a_mask_of_another_size_is_stretched_and_told(picture: Path, tmp_path: Path) -> None:
    Image.fromarray(mask(32, 48, (8, 12, 24, 32))).save(tmp_path / "mask.png")
    found, notes = inpaint(tmp_path / "out.png", picture, "--mask", str(tmp_path / "mask.png"))
    assert "the mask of 32x48 was stretched to the picture's 64x96" in notes
    kept = outside(found.shape, BOX, REACH + 4)
    assert np.array_equal(found[kept], noise()[kept])


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(61, 83), (65, 97), (63, 90), (20, 300)])
@pytest.mark.parametrize("area", [(), ("--only-masked",), ("--soft",)])
def test_sizes_that_are_no_multiple_of_8(
    size: tuple[int, int], area: tuple[str, ...], tmp_path: Path
) -> None:
    """The picture keeps its size, and every pixel outside the mask."""
    pixels = noise(*size)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    box = (4, 30, min(size[0], 56), 70)  # not small: a soft mask's greys hold
    found, notes = inpaint(
        tmp_path / "out.png", tmp_path / "picture.png", "--box", ",".join(map(str, box)), *area
    )
    assert found.shape == pixels.shape
    kept = outside(found.shape, box, REACH)
    assert np.array_equal(found[kept], pixels[kept])
    assert not np.array_equal(found[45:55, 8:16], pixels[45:55, 8:16])
    assert not any("drawn is" in note for note in notes)


def test_the_last_pixels_beside_the_cells_are_drawn_too(tmp_path: Path) -> None:
    Image.fromarray(noise(61, 83)).save(tmp_path / "picture.png")
    found, _ = inpaint(tmp_path / "out.png", tmp_path / "picture.png", "--box", "0,0,61,83")
    changed = (found != noise(61, 83)).any(2)
    for edge in (changed[0], changed[-1], changed[:, 0], changed[:, -1]):
        assert edge.mean() > 0.5


def test_room_around_a_picture_of_any_size(tmp_path: Path) -> None:
    Image.fromarray(noise(61, 83)).save(tmp_path / "picture.png")
    found, _ = inpaint(
        tmp_path / "out.png", tmp_path / "picture.png", "--extend", "8,0,8,0", "--blur", "2"
    )
    assert found.shape == (83, 77, 3)
    assert np.array_equal(found[:, 20:57], noise(61, 83)[:, 12:49])


@pytest.mark.parametrize("command", ["detail", "hires"])
def test_finished_pictures_keep_pixels_that_fill_no_cell(command: str, tmp_path: Path) -> None:
    Image.fromarray(noise(61, 83)).save(tmp_path / "picture.png")
    start = (command, str(tmp_path / "picture.png"), PROMPT, "--steps", "1")
    if command == "detail":  # it finds nothing in noise
        found, notes = run(tmp_path / "out.png", *start)
        assert "sumire_faces found nothing" in notes
        assert np.array_equal(found, noise(61, 83))
        return
    more = ("--by", "2", "--upscaler", "Lanczos", "--hires-steps", "1")
    found, notes = run(tmp_path / "out.png", *start, *more)
    assert found.shape == (160, 120, 3)
    assert "hires drew 120x160, not 122x166: sides are multiples of 8" in notes


PICTURES: dict[str, tuple[str, Callable[[], Image.Image], str]] = {
    "RGBA": ("p.png", lambda: Image.fromarray(np.dstack([noise(), 255 - mask()])), ""),
    "16-bit": ("p.png", lambda: _sixteen(noise()[..., 0]), "16 bits a channel: they become 8"),
    "greyscale": ("p.png", lambda: Image.fromarray(noise()[..., 0]), ""),
    "greyscale with alpha": (
        "p.png",
        lambda: Image.fromarray(np.dstack([noise()[..., 0], 255 - mask()])),
        "",
    ),
    "palette": ("p.png", lambda: Image.fromarray(noise()).convert("P"), ""),
    "CMYK": ("p.jpg", lambda: Image.fromarray(noise()).convert("CMYK"), ""),
    "animated": ("p.gif", lambda: Image.fromarray(noise()), "first of its 2 frames is used"),
    "animated WebP": ("p.webp", lambda: Image.fromarray(noise()), "first of its 2 frames is used"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_of_every_kind(kind: str, tmp_path: Path) -> None:
    name, make, note = PICTURES[kind]
    path = tmp_path / name
    made = make()
    if kind.startswith("animated"):
        made.save(path, save_all=True, append_images=[made.rotate(180)])
    else:
        made.save(path)
    with Image.open(path) as opened:
        before = np.asarray(opened.convert("RGB"))
    if kind == "16-bit":
        before = np.dstack([noise()[..., 0]] * 3)
    found, notes = inpaint(tmp_path / "out.png", path, "--box", ",".join(map(str, BOX)))
    assert any(note in each for each in notes)
    kept = outside(found.shape, BOX, REACH)
    assert np.array_equal(found[kept], before[kept])
    assert not np.array_equal(found[INSIDE], before[INSIDE])
    over, notes = run(
        tmp_path / "over.png", "img2img", str(path), PROMPT, "--denoise", "0", "--seed", "1"
    )
    assert any(note in each for each in notes)
    assert np.array_equal(over[kept], before[kept])


def test_what_shines_through_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    Image.fromarray(np.dstack([noise(), 255 - mask()])).save(path)
    found, _ = inpaint(tmp_path / "out.png", path, "--content", "fill", "--blur", "0")
    kept = mask() == 0
    assert np.array_equal(found[kept], noise()[kept])
    assert found[INSIDE].mean() < 250  # not the white below


@pytest.mark.parametrize("upscaler", ["Lanczos", "Nearest"])
@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_is_enlarged(kind: str, upscaler: str, tmp_path: Path) -> None:
    name, make, _ = PICTURES[kind]
    make().save(tmp_path / name)
    arguments = ("upscale", str(tmp_path / name), "--upscaler", upscaler)
    given = [*arguments, "--out", str(tmp_path / "out.png")]
    assert CliRunner().invoke(root, given, catch_exceptions=False).exit_code == 0
    with Image.open(tmp_path / "out.png") as larger:
        assert larger.size == (2 * WIDTH, 2 * HEIGHT)
        assert (larger.mode == "RGBA") == (kind in ("RGBA", "greyscale with alpha"))


def test_an_8k_picture(tmp_path: Path) -> None:
    """Its part is drawn at the model's size and laid back; all other pixels stay."""
    whole = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (4320, 30, 3))
    path = tmp_path / "p.png"
    Image.fromarray(whole).save(path, compress_level=1)
    box = (5000, 2000, 5100, 2200)
    found, notes = inpaint(
        tmp_path / "out.png", path, "--box", ",".join(map(str, box)), "--only-masked"
    )
    assert found.shape == whole.shape
    kept = outside(found.shape, box, REACH)
    assert np.array_equal(found[kept], whole[kept])
    assert not np.array_equal(found[2050:2150, 5020:5080], whole[2050:2150, 5020:5080])
    assert not any("drawn is" in note for note in notes)


def test_an_8k_picture_is_made_smaller_where_all_of_it_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    Image.new("L", (7680, 4320), 90).save(path, compress_level=1)
    found, notes = inpaint(tmp_path / "out.png", path, "--box", "0,0,4000,4000")
    assert found.shape[0] * found.shape[1] < 120_000
    (told,) = [note for note in notes if "drawn is" in note]
    assert told.startswith("the picture has 7680x4320")
    assert told.endswith("--only-masked keeps its size")
