"""img2img, inpaint, hires and upscale on the command line: their pictures draw themselves again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from irodori.app.config import load_config
from irodori.app.over_picture import PictureRequest, img2img_request
from irodori.cli.main import root
from irodori.errors import InputError, IrodoriError
from irodori.recipe.embed import save_picture
from irodori.recipe.info import read_picture
from irodori.recipe.recipe import Recipe

PROMPT = "1girl, solo, green hair, long hair, smile, outdoors"
SIZE = (64, 96)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("finishing")


@pytest.fixture(scope="module", autouse=True)
def own_configuration(folder: Path) -> Iterator[None]:
    path = folder / "config.toml"
    path.write_text(f'outputs = "{folder / "pictures"}"\nthreads = 1\ndevice = "cpu"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IRODORI_CONFIG", str(path))
        patch.chdir(folder)
        yield


def run(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(root, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def picture_of(*arguments: str) -> Path:
    return Path(str(run(*arguments)[0]["path"]))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def recipe_in(path: Path) -> Recipe:
    recipe = read_picture(path).recipe
    assert recipe is not None
    return recipe


@pytest.fixture(scope="module")
def base(own_configuration: None) -> Path:
    return picture_of(
        "generate", PROMPT, "--seed", "7", "--steps", "4", "--size", "64x96", "-n", "sketch"
    )


COMMANDS = {
    "img2img": ("img2img", "FILE", "--denoise", "0.6", "--seed", "1"),
    "img2img prompt": ("img2img", "FILE", "1girl, red hair", "--extra-noise", "0.1", "--seed", "1"),
    "box": ("inpaint", "FILE", "--box", "10,10,50,60", "--seed", "1"),
    "only masked": (
        *("inpaint", "FILE", "--box", "10,10,50,60", "--only-masked", "--seed", "1"),
        *("--size", "64x64", "--padding", "8"),
    ),
    "soft": ("inpaint", "FILE", "--box", "10,10,50,60", "--soft", "--seed", "1"),
    "outpaint": ("inpaint", "FILE", "--extend", "16,0,16,0", "--seed", "1"),
    "hires": ("hires", "FILE", "--upscaler", "Lanczos", "--hires-steps", "2"),
    "hires latent": (
        *("hires", "FILE", "--by", "96x96", "--upscaler", "Latent", "--hires-steps", "2"),
        *("--hires-denoise", "0.6", "--hires-prompt", "1girl, red hair"),
    ),
    "generate": (
        *("generate", PROMPT, "--seed", "7", "--steps", "4", "--size", "64x96"),
        *("--hires", "1.5", "--upscaler", "Latent", "--hires-steps", "3", "--hires-cfg", "2"),
        *("--refiner", "sumire", "--refiner-at", "0.5", "--refiner-by", "sigma"),
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_pictures_draw_themselves_again(name: str, base: Path) -> None:
    arguments = [str(base) if part == "FILE" else part for part in COMMANDS[name]]
    path = picture_of(*arguments)
    told = json.loads(
        CliRunner()
        .invoke(root, ["redraw", str(path), "--check", "--json"], catch_exceptions=False)
        .stdout
    )
    assert told["bit_equal"] is True


@pytest.mark.parametrize("name", COMMANDS)
def test_infotext_alone_tells_the_recipe(name: str, base: Path, folder: Path) -> None:
    arguments = [str(base) if part == "FILE" else part for part in COMMANDS[name]]
    path = picture_of(*arguments)
    copy = folder / f"{name}.webp"  # which holds the infotext, and no recipe beside it
    save_picture(Image.open(path), copy, recipe_in(path))
    assert recipe_in(copy) == recipe_in(path)


def test_what_is_not_said_is_the_pictures(base: Path) -> None:
    drawn = recipe_in(picture_of("img2img", str(base)))
    own = recipe_in(base)
    assert (drawn.prompt, drawn.negative_prompt) == (own.prompt, own.negative_prompt)
    assert drawn.base == own.base
    assert drawn.noise.seed != own.noise.seed
    assert drawn.img2img is not None
    assert drawn.img2img.source.name == base.name
    kept = recipe_in(picture_of("img2img", str(base), "--keep-seed"))
    assert kept.noise.seed == own.noise.seed
    other = recipe_in(picture_of("img2img", str(base), "1boy", "--sampler", "Euler a Normal"))
    assert other.prompt == "1boy"
    assert other.base.sampler == "Euler a"
    assert other.base.steps == own.base.steps


def test_hires_of_a_picture_keeps_its_seed(base: Path) -> None:
    again = recipe_in(picture_of("hires", str(base), "--upscaler", "Latent", "--hires-steps", "1"))
    assert again.noise.seed == recipe_in(base).noise.seed
    assert again.hires is not None
    assert again.hires.scale == 1.5
    assert again.img2img is not None
    assert again.img2img.denoise == 0


def test_the_second_pass_drawn_at_once_is_the_one_drawn_after(base: Path, folder: Path) -> None:
    """In one process the base's latents are kept: hires goes on from them, bit for bit."""
    from irodori.recipe.passes import Hires
    from irodori.runtime.local import LocalExecutor

    config = load_config()
    events: list[object] = []
    from irodori.app.models import SHIPPED

    def executor() -> LocalExecutor:
        return LocalExecutor(SHIPPED, device="cpu", threads=config.threads, tell=events.append)

    plain = recipe_in(base)
    larger = replace(plain, hires=Hires(upscaler="Latent", steps=2, denoise=0.6))
    (at_once,) = executor().draw([larger])
    one = executor()
    one.draw([plain])
    events.clear()
    (after,) = one.draw([larger])
    assert np.array_equal(at_once.pixels, after.pixels)
    assert at_once.recipe == after.recipe
    names = [event.name for event in events if type(event).__name__ == "PassBegun"]
    assert names == ["hires"]


def test_hires_leaves_pictures_of_other_programs_as_they_are(folder: Path) -> None:
    path = folder / "theirs.png"
    text = PngInfo()
    text.add_text(
        "parameters",
        "1girl, [red:blue:0.5] hair\nNegative prompt: sketch\nSteps: 4, Sampler: Euler, "
        "Schedule type: Karras, CFG scale: 3.5, Seed: 5, Size: 64x96, Version: v1.10.1",
    )
    Image.linear_gradient("L").resize(SIZE).convert("RGB").save(path, pnginfo=text)
    asked = ("hires", str(path), "--by", "1.0", "--upscaler", "Nearest", "--hires-denoise", "0")
    drawn = picture_of(*asked)
    recipe = recipe_in(drawn)
    assert (recipe.noise.seed, recipe.dialect.value) == (5, "a1111")
    assert recipe.compat.flags.nearest_timestep
    assert not recipe.compat.flags.img2img_from_start
    decoded = pixels(drawn).astype(float)  # denoise 0 in both passes: through the autoencoder only
    assert np.corrcoef(decoded.ravel(), pixels(path).astype(float).ravel())[0, 1] > 0.9


def test_a_picture_without_metadata_needs_a_prompt(folder: Path) -> None:
    path = folder / "scan.bmp"
    Image.new("RGB", (70, 99), "teal").save(path)
    with pytest.raises(InputError, match="does not say its prompt"):
        run("img2img", str(path))
    drawn = run("img2img", str(path), "1girl", "--steps", "1")[0]
    assert pixels(Path(str(drawn["path"]))).shape == (96, 64, 3)


def test_a_large_picture_is_drawn_at_what_the_model_can(folder: Path) -> None:
    path = folder / "large.png"
    Image.new("RGB", (2000, 1000), "teal").save(path)
    asked = PictureRequest(file=path, recipe={"prompt": "sky"})
    request = img2img_request(asked, load_config())
    size = (request.recipe["base"]["width"], request.recipe["base"]["height"])
    assert size[0] * size[1] < 120_000
    assert abs(size[0] / size[1] - 2) < 0.1
    assert any(f"drawn is {size[0]}x{size[1]}" in note for note in request.notes)
    assert "denoise 0.7 keeps the composition only (P19)" in request.notes


def test_upscaling_keeps_recipe_and_transparency(base: Path, folder: Path) -> None:
    (told,) = run("upscale", str(base), "--by", "2")
    path = Path(str(told["path"]))
    assert pixels(path).shape == (192, 128, 3)
    recipe = recipe_in(path)
    assert recipe.upscale is not None
    assert (recipe.upscale.upscaler, recipe.upscale.scale) == ("Lanczos", 2.0)
    assert replace(recipe, upscale=None) == recipe_in(base)
    (twice,) = run("upscale", str(path), "--by", "1.5", "--upscaler", "nearest")
    again = recipe_in(Path(str(twice["path"])))
    assert again.upscale is not None
    assert again.upscale.scale == 3.0
    holed = folder / "holed.png"
    Image.fromarray(np.full((10, 12, 4), 100, np.uint8)).save(holed)
    (plain,) = run("upscale", str(holed), "--by", "3")
    assert plain["recipe"] is None
    with Image.open(str(plain["path"])) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (36, 30))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("img2img", "missing.png"), "cannot be read"),
        (("inpaint", "FILE", "--box", "900,900,950,950"), "lies outside the picture of 64x96"),
        (("hires", "FILE", "--hires-model", "sumiré"), "unknown model"),
        (("upscale", "FILE", "--upscaler", "Lanzcos"), "nearest is 'Lanczos'"),
        (("img2img", "FILE", "--mask", "x"), "No such option"),
        (("hires", "FILE", "--by", "much"), "neither a factor"),
        (("generate", "x", "--refiner-at", "0.3"), "need --refiner"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], message: str, base: Path) -> None:
    given = [str(base) if part == "FILE" else part for part in arguments]
    result = CliRunner().invoke(root, given)
    said = result.output + str(result.exception)
    assert result.exit_code != 0
    assert message in said
    assert result.exception is None or isinstance(result.exception, (IrodoriError, SystemExit))
