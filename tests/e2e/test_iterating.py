"""The practice's example of iterating, drawn on the shipped model: seven steps, one tree."""

import importlib.util
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.cli.main import root
from irodori.errors import InputError, UnknownNameError
from irodori.recipe.tag_diff import ChangeKind, diff_prompts

CASES = Path(__file__).parents[1] / "fixtures" / "iteration" / "iteration.txt"
SMALL = ("--steps", "2", "--size", "64x64", "--sampler", "Euler")

SCRIPT = Path(__file__).parents[2] / "scripts" / "draw_iterating.py"
"""The story of docs/guides/iterating.md."""


def story() -> Any:
    spec = importlib.util.spec_from_file_location("draw_iterating", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'outputs = "{tmp_path / "pictures"}"\nthreads = 1\ndevice = "cpu"\n')
    monkeypatch.setenv("IRODORI_CONFIG", str(path))


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(root, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def prompts() -> list[str]:
    """The prompts of steps 1 to 6; the seventh is the sixth with hires."""
    return [line[2:] for line in CASES.read_text().splitlines()[1:7]]


def test_the_seven_steps_of_one_picture() -> None:
    wanted = prompts()
    (first,) = run("generate", wanted[0], "--seed", "11", *SMALL)
    saved = [first]
    for changes, prompt in zip(story().STEPS, [*wanted[1:], wanted[-1]], strict=True):
        (child,) = run("iterate", saved[-1]["id"], *changes)
        differences = diff_prompts(prompt, child["recipe"]["prompt"], where="prompt")
        real = [
            each for each in differences if each.kind not in (ChangeKind.MOVED, ChangeKind.RESPELT)
        ]
        assert real == [], child["recipe"]["prompt"]
        assert child["parent"] == saved[-1]["id"]
        saved.append(child)
    assert [each["step"] for each in saved] == [None, *["edit"] * 5, "hires"]
    seeds = [each["recipe"]["noise"]["seed"] for each in saved]
    assert len(set(seeds[:6])) == 6  # a new seed a draft
    assert seeds[6] == seeds[5]  # the favourite's again
    with Image.open(saved[6]["path"]) as final:
        assert final.size == (102 // 8 * 8, 102 // 8 * 8)
    tree = run("history", "tree", saved[3]["id"])
    assert [row["id"] for row in tree] == [each["id"] for each in saved]
    texts = [
        [change["text"] for change in row["changes"] if change["name"] != "seed"] for row in tree
    ]
    assert set(texts[1]) == {
        "smirk 1.0 -> 0.5", "+ grin 0.5", "high contrast 1.0 -> 0.7", "+ cowboy shot", "+ close-up",
    }  # fmt: skip
    assert set(texts[2]) == {"+ cane", "dark 1.0 -> 0.5", "- city"}
    assert {text for text in texts[4] if "lora" in text} == {
        "+ <lora:illustrious_quality_modifiers_masterpieces_v1> 0.7",
        "+ <lora:illustriousXL_stabilizer_v1.72> 0.35",
    }
    assert not any(text.startswith("+ networks") for text in texts[4])
    assert texts[5] == ["+ dark background"]
    assert texts[6][0].endswith(" x1.6, 22 steps, denoise 0.39")  # by Lanczos, or Anime6B if here
    assert run("redraw", saved[5]["id"])["bit_equal"]


@pytest.mark.parametrize(
    ("options", "step", "same_seed"),
    [
        (("--seed", "99"), "seed", False),
        ((), "seed", False),
        (("--same-seed", "--set", "cfg_scale=4.5"), "edit", True),
        (("--variation", "0.3"), "variation", True),
        (("--same-seed",), "redraw", True),
        (("--add-negative", "bad quality", "--same-seed"), "edit", True),
    ],
)
def test_kinds_of_steps(options: tuple[str, ...], step: str, same_seed: bool) -> None:
    (first,) = run("generate", "1girl, city", "--seed", "5", *SMALL)
    (child,) = run("iterate", "last", *options)
    assert child["step"] == step
    assert (child["recipe"]["noise"]["seed"] == 5) is same_seed
    if step == "redraw":
        with Image.open(first["path"]) as one, Image.open(child["path"]) as two:
            assert one.tobytes() == two.tobytes()


def test_what_is_not_said_stays() -> None:
    run("generate", "1girl, city", "--negative", "bad", "--seed", "5", "--clip-skip", "1", *SMALL)
    (child,) = run("iterate", "last", "--set", "size=72x64", "--set", "sampler=Euler a")
    base = child["recipe"]["base"]
    assert (base["width"], base["height"], base["clip_skip"]) == (72, 64, 1)
    assert (base["sampler"], base["steps"]) == ("Euler a", 2)
    assert child["recipe"]["negative_prompt"] == "bad"


def test_tags_go_where_the_order_of_a_prompt_wants_them() -> None:
    run("generate", "1girl, smile, red hair, city, cowboy shot", "--seed", "5", *SMALL)
    (child,) = run("iterate", "last", "--add", "grin:0.5", "--add", "blue eyes", "--same-seed")
    assert child["recipe"]["prompt"] == (
        "1girl, smile, (grin:0.5), red hair, blue eyes, city, cowboy shot"
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (("--drop", "ctiy"), UnknownNameError, "nearest is 'city'"),
        (("--add", "city"), InputError, "already"),
        (("--set", "cfg=4"), UnknownNameError, "nearest is 'cfg_scale'"),
        (("--set", "cfg_scale"), InputError, "NAME=VALUE"),
        (("--promote", "fianl"), UnknownNameError, "nearest is 'final'"),
    ],
)
def test_mistakes_are_named(options: tuple[str, ...], error: type[Exception], message: str) -> None:
    run("generate", "1girl, city", "--seed", "5", *SMALL)
    with pytest.raises(error, match=message):
        CliRunner().invoke(root, ["iterate", "last", *options], catch_exceptions=False)


@pytest.mark.parametrize("other", [("--same-seed",), ("--variation", "0.2")])
def test_two_answers_to_one_question_are_refused(other: tuple[str, ...]) -> None:
    result = CliRunner().invoke(root, ["iterate", "last", "--seed", "1", *other])
    assert result.exit_code == 2
    assert "take one" in result.output


def test_the_guide_tells_the_same_story() -> None:
    guide = (SCRIPT.parents[1] / "docs" / "guides" / "iterating.md").read_text()
    section = guide.split("## The seven steps")[1].split("\n## ")[0]
    told = [shlex.split(line) for line in section.splitlines() if line.startswith("irodori ")]
    assert told[0][:3] == ["irodori", "generate", story().FIRST]
    assert story().FIRST.replace(" ", "") == prompts()[0].replace(" ", "")
    changes = [tuple(word for word in line[3:] if word != "--same-seed") for line in told[1:]]
    assert changes == list(story().STEPS)
