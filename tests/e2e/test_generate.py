"""`irodori generate` on the shipped model: the main job, end to end."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.cli.main import root
from irodori.errors import InputError, RecipeError
from irodori.recipe.info import read_picture

PROMPT = "1girl, solo, green hair, long hair, blue eyes, smile, white shirt, upper body, outdoors"


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\ncache = "{tmp_path / "cache"}"\n'
        'threads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))


def generate(*arguments: str) -> list[Path]:
    result = CliRunner().invoke(root, ["generate", *arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [Path(each["path"]) for each in json.loads(result.stdout)]


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_the_same_seed_gives_the_same_bits() -> None:
    first, second = generate(PROMPT, "--seed", "7"), generate(PROMPT, "--seed", "7")
    assert first[0] != second[0]
    assert np.array_equal(pixels(first[0]), pixels(second[0]))
    other = generate(PROMPT, "--seed", "8")
    assert not np.array_equal(pixels(first[0]), pixels(other[0]))


def test_the_picture_shows_the_hair_that_was_asked_for() -> None:
    def excess_of_green(prompt: str) -> float:
        paths = generate(prompt, "--seed", "100", "--batch", "4")
        means = np.mean([pixels(path).mean((0, 1)) for path in paths], 0)
        return float(means[1] - (means[0] + means[2]) / 2)

    plain = "1girl, solo, {} hair, long hair, portrait, white background"
    assert excess_of_green(plain.format("green")) > excess_of_green(plain.format("red")) + 5


def test_the_picture_holds_its_recipe() -> None:
    path = generate(PROMPT, "--seed", "7", "--steps", "2", "--negative", "worst quality")[0]
    told = read_picture(path)
    assert told.recipe is not None
    assert told.recipe.prompt == PROMPT
    assert told.recipe.negative_prompt == "worst quality"
    assert told.recipe.base.steps == 2
    assert told.recipe.noise.seed == 7
    assert len(told.recipe.model.file.sha256) == 64
    assert told.recipe.software.startswith("irodori ")


def test_every_field_of_a_schedule_reaches_the_picture() -> None:
    small = ("--seed", "3", "--steps", "4", "--size", "64x64")
    plain = pixels(generate("1girl, red hair", *small)[0])
    for prompt in (
        "1girl, [red hair:blue hair:0.5]",
        "1girl, [red hair|blue hair]",
        "1girl, (red hair:0.2)",
        "1girl, red hair AND night :0.5",
        "1girl BREAK red hair",
    ):
        assert not np.array_equal(plain, pixels(generate(prompt, *small)[0])), prompt
    a1111 = pixels(generate("1girl, [red hair:blue hair:0.5]", *small, "--dialect", "a1111")[0])
    ours = pixels(generate("1girl, [red hair:blue hair:0.5]", *small)[0])
    assert not np.array_equal(a1111, ours)  # one model call more of the first text (compat 1.3)


@pytest.mark.parametrize(
    "sampler",
    ["DPM++ 2M", "DPM++ 3M SDE", "IPNDM", "IPNDM_V", "DEIS", "LCM", "Euler", "Euler a"],
)
def test_every_sampler_of_the_practice_draws(sampler: str) -> None:
    path = generate("1girl", "--sampler", sampler, "--steps", "3", "--size", "64x64")[0]
    assert pixels(path).std() > 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("x", "--sampler", "DPM++ 3M"), InputError, "nearest is 'DPM"),
        (("x", "--model", "nothing-like-it"), InputError, "unknown model"),
        (("x", "--preset", "fianl"), InputError, "nearest is 'final'"),
        (("x", "--size", "100x101"), RecipeError, "multiple of 8"),
        (("x", "--detailer", "face", "--detail-size", "60x64"), RecipeError, "multiple of 8"),
    ],
)
def test_mistakes_are_named(
    arguments: tuple[str, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        CliRunner().invoke(root, ["generate", *arguments], catch_exceptions=False)


def test_a_network_is_told_not_skipped_in_silence() -> None:
    result = CliRunner().invoke(
        root,
        ["generate", "1girl, <lora:x:1>", "--steps", "1", "--size", "64x64"],
        catch_exceptions=False,
    )
    assert "network 'x' is missing" in result.stderr
