"""`irodori info` and `irodori recipe` as a person calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from irodori.cli.main import root
from irodori.errors import InputError
from irodori.recipe import Noise, Recipe, from_json
from irodori.recipe.embed import save_png

TEXT = (
    "1girl, solo\nNegative prompt: bad\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768"
)


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(root, arguments, input=text)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    save_png(Image.new("RGB", (8, 8)), path, Recipe(prompt="a cat", noise=Noise(seed=4)))
    return path


def test_info_of_a_text() -> None:
    result = run("info", "--text", "-", "--json", text=TEXT)
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert list(data) == [
        "source", "prompt", "negative_prompt", "parameters", "recipe", "warnings",
    ]  # fmt: skip
    assert data["source"] == "a1111"
    assert (data["prompt"], data["negative_prompt"]) == ("1girl, solo", "bad")
    assert data["parameters"] == {
        "Steps": "20", "Sampler": "Euler a", "CFG scale": "7", "Seed": "5", "Size": "512x768",
    }  # fmt: skip
    assert data["recipe"]["base"]["steps"] == 20
    assert json.loads(run("info", "--json", "--text", TEXT).stdout) == data


def test_info_prints_an_object_for_one_file_and_a_list_for_several(picture: Path) -> None:
    one = json.loads(run("info", str(picture), "--json").stdout)
    assert one["prompt"] == "a cat"
    assert json.loads(run("info", str(picture), str(picture), "--json").stdout) == [one, one]


def test_info_reads_the_rest_when_one_file_is_bad(picture: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    result = run("info", str(bad), str(picture), "--json")
    assert len(json.loads(result.stdout)) == 1
    assert "empty" in result.stderr
    assert isinstance(result.exception, InputError)
    alone = run("info", str(bad))
    assert isinstance(alone.exception, InputError)
    assert str(bad) in str(alone.exception)


def test_info_for_people(picture: Path) -> None:
    result = run("info", str(picture))
    assert result.exit_code == 0
    assert "a cat" in result.stdout
    assert "irodori" in result.stdout
    warned = run("info", "--text", "1girl\nSteps: 20, Sampler: Odd, Seed: 1")
    assert "Odd" in warned.stderr


def test_info_wants_files_or_text(picture: Path) -> None:
    assert run("info").exit_code == 2
    assert run("info", str(picture), "--text", "x").exit_code == 2


def test_recipe_new_show_and_diff(tmp_path: Path) -> None:
    made = run(
        "recipe", "new", "1girl, dark", "--seed", "7", "--preset", "draft",
        "--set", "base.cfg_scale=5",
    )  # fmt: skip
    assert made.exit_code == 0
    recipe = from_json(made.stdout)
    assert (recipe.noise.seed, recipe.base.steps, recipe.base.schedule) == (
        7,
        11,
        "Align Your Steps",
    )
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text(made.stdout)
    second.write_text(
        run(
            "recipe", "new", "1girl, (dark:0.5), (dutch angle:0.3)", "--seed", "7", "--preset",
            "draft", "--set", "base.cfg_scale=4.5",
        ).stdout
    )  # fmt: skip
    shown = run("recipe", "show", str(first))
    assert shown.stdout.startswith("1girl, dark\nSteps: 11, Sampler: DPM++ 2M")
    assert from_json(run("recipe", "show", str(first), "--json").stdout) == recipe
    assert run("recipe", "diff", str(first), str(second)).stdout.splitlines() == [
        "dark 1.0 -> 0.5",
        "+ dutch angle 0.3",
        "CFG 5 -> 4.5",
    ]
    rows = json.loads(run("recipe", "diff", str(first), str(second), "--json").stdout)
    assert rows[2] == {
        "kind": "changed", "where": "settings", "name": "CFG", "before": "5", "after": "4.5",
        "text": "CFG 5 -> 4.5",
    }  # fmt: skip
    same = run("recipe", "diff", str(first), str(first))
    assert (same.stdout, same.exit_code) == ("", 0)


def test_recipe_from_standard_input_and_pictures(picture: Path) -> None:
    assert "Seed: 5" in run("recipe", "show", "-", text=TEXT).stdout
    assert run("recipe", "show", str(picture)).stdout.startswith("a cat\n")
    empty = run("recipe", "show", "-", text="just words")
    assert "no recipe" in str(empty.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "base.stepz=3"), "nearest is 'steps'"),
        (("--set", "base.steps"), "PATH=VALUE"),
        (("--set", "base.sampler=nope"), "unknown sampler"),
        (("--preset", "finol"), "nearest is 'final'"),
        (("--seed", "-5"), "below"),
    ],
)
def test_recipe_new_says_what_is_wrong(arguments: tuple[str, ...], told: str) -> None:
    result = run("recipe", "new", "1girl", *arguments)
    assert isinstance(result.exception, InputError)
    assert told in str(result.exception)


def test_lists_and_schema() -> None:
    listed = run("recipe", "presets").stdout
    assert "lcm5" in listed
    assert "lean" in listed
    assert json.loads(run("recipe", "schema").stdout)["title"] == "Irodori recipe"
