"""Speed-ups on the command line: asked for, recorded, drawn again; and those of config.toml."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from irodori.cli.main import root
from irodori.errors import InputError
from irodori.recipe.info import read_picture
from irodori.recipe.recipe import Recipe

SMALL = ("--steps", "4", "--size", "64x64", "--seed", "3", "--sampler", "Euler")


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\ncache = "{tmp_path / "cache"}"\n'
        'threads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    return path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def drawn(command: str, *arguments: str) -> tuple[Path, str]:
    result = run(command, *arguments, "--json")
    (picture,) = json.loads(result.stdout)
    return Path(picture["path"]), result.stderr


def generate(*arguments: str) -> Path:
    return drawn("generate", "1girl, green hair", *SMALL, *arguments)[0]


def recipe_of(path: Path) -> Recipe:
    recipe = read_picture(path).recipe
    assert recipe is not None
    return recipe


def values(path: Path) -> dict[str, float]:
    return {each.name: each.value for each in recipe_of(path).numerics.approximations}


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_they_are_drawn_recorded_and_drawn_again() -> None:
    asked = ("block-cache=2", "token-merging=0.5", "skip-late-cfg=0.5")
    exact = generate()
    fast = generate(*(word for text in asked for word in ("--approximate", text)))
    assert not np.array_equal(pixels(exact), pixels(fast))
    assert values(exact) == {}
    assert values(fast) == {"block-cache": 2, "token-merging": 0.5}
    assert recipe_of(fast).base.guidance.end == 0.5
    with Image.open(fast) as picture:
        text = picture.info["parameters"]
    assert "Guidance end: 0.5" in text
    assert '[[\\"block-cache\\", 2' in text
    assert "bit-equal: yes" in run("redraw", str(fast), "--check").stdout
    told = run("doctor", str(fast)).stdout
    assert "drawn with the speed-up 'block-cache' at 2, which is done again" in told
    neutral = generate("--approximate", "block-cache=1", "--approximate", "token-merging=0")
    assert np.array_equal(pixels(exact), pixels(neutral))
    assert values(neutral) == {}


def test_int8_says_its_error_and_is_drawn_again() -> None:
    path, told = drawn("generate", "1girl", *SMALL, "--approximate", "int8")
    assert "int8: " in told
    assert "differs by" in told
    assert values(path) == {"int8": 1}
    assert any(note.startswith("int8: ") for note in recipe_of(path).notes)
    assert "bit-equal: yes" in run("redraw", str(path), "--check").stdout


def test_the_configuration_is_overruled_by_name_and_kept_from_an_exact_parent(config: Path) -> None:
    exact = generate()
    with config.open("a") as handle:
        handle.write('approximate = ["block-cache=3", "token-merging=0.5"]\n')
    assert values(generate()) == {"block-cache": 3, "token-merging": 0.5}
    other = generate("--approximate", "block-cache=1", "--approximate", "token-merging=0.25")
    assert values(other) == {"token-merging": 0.25}
    # A child differs from its parent in what was said, and in nothing else; so does a redrawing.
    child, _ = drawn("iterate", str(exact), "--same-seed", "--set", "cfg_scale=4")
    assert values(child) == {}
    child, _ = drawn("iterate", str(other), "--same-seed", "--set", "cfg_scale=4")
    assert values(child) == {"token-merging": 0.25}
    assert "bit-equal: yes" in run("redraw", str(exact), "--check").stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("blockcache=2", "unknown approximation 'blockcache'; nearest is 'block-cache'"),
        ("block-cache=0", "takes a whole number 1 to 10, not 0"),
        ("skip-late-cfg=late", "takes a number 0 to 1, not 'late'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_drawn(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        generate("--approximate", text)
