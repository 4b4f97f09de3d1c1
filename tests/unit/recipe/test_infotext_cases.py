"""Infotext against recordings of Forge's own functions, and real recipes with their faults."""

import json
from pathlib import Path

import pytest

from irodori.recipe import Network, Noise, Recipe
from irodori.recipe.info import read_text
from irodori.recipe.infotext import parse, quote, recipe_of, write
from irodori.recipe.names import NetworkKind

FIXTURES = Path(__file__).parents[2] / "fixtures" / "infotexts"
CASES = json.loads((FIXTURES / "cases.json").read_text(encoding="utf-8"))
RECIPES = [
    "\n".join(line for line in block.strip().split("\n") if not line.startswith("#"))
    for block in (FIXTURES / "recipes.txt").read_text(encoding="utf-8").split("----------\n")
]
KEPT_WHOLE = {
    # case: what we read instead of the pieces that Forge cuts at the commas of JSON
    "i010": {"Hashes": '{"model": "abc", "lora:x": "def"}', "Steps": "20"},
    "i014": {
        "Civitai resources": '[{"type":"checkpoint","modelVersionId":1}]',
        "Steps": "3",
        "Seed": "1",
    },
}


def sizes_whole(parsed: dict[str, str]) -> dict[str, str]:
    """Join Forge's `Size-1`, `Size-2`, which we keep as one value."""
    joined: dict[str, str] = {}
    for key, value in parsed.items():
        if key.endswith("-1"):
            joined[key[:-2]] = f"{value}x{parsed[key[:-2] + '-2']}"
        elif not key.endswith("-2"):
            joined[key] = value
    return joined


@pytest.mark.parametrize("prompt", ["", "1girl, solo\nNegative prompt: bad\n"])
@pytest.mark.parametrize("case", CASES["infotext_lastline"], ids=lambda case: case["id"])
def test_last_lines_read_as_forge_reads_them(case, prompt: str) -> None:
    expected = KEPT_WHOLE.get(case["id"], sizes_whole(case["parsed"]))
    found = parse(prompt + case["line"])
    assert dict(found.parameters) == expected
    assert found.prompt == ("1girl, solo" if prompt else "")


@pytest.mark.parametrize("case", CASES["quote"], ids=lambda case: repr(case["value"]))
def test_values_are_quoted_as_forge_quotes_them(case) -> None:
    assert quote(case["value"]) == str(case["quoted"])


@pytest.mark.parametrize("text", RECIPES, ids=range(len(RECIPES)))
def test_real_recipes_are_read_whole(text: str) -> None:
    info = read_text(text)
    assert info.recipe is not None
    assert "Steps" not in info.prompt
    assert "Negative prompt" not in info.prompt
    assert info.negative_prompt or "Negative prompt" not in text
    assert info.parameters["Size"].replace("x", "").isdigit()
    assert not [w for w in info.warnings if "not understood" in w or "not known" in w]
    assert str(info.recipe.noise.seed) in text


def test_faults_of_the_second_recipe() -> None:
    info = read_text(RECIPES[1])
    assert info.parameters["Size"] == "1216x832"
    assert info.recipe is not None
    assert info.recipe.hires is not None
    assert (info.recipe.hires.scale, info.recipe.hires.steps) == (1.6, 23)
    assert info.recipe.hires.denoise == 0.39
    assert info.recipe.img2img is None
    assert info.recipe.detailers[0].model == "face_yolov8n.pt"


def test_two_pairs_are_still_prompt() -> None:
    found = parse("a cat\nSteps: 20, Seed: 5")
    assert found.prompt == "a cat\nSteps: 20, Seed: 5"
    assert not found.parameters


def test_weights_are_no_parameters() -> None:
    text = "1girl\n(smile:1.2), (red hat:1.1), (tall tree:0.9)"
    assert parse(text).prompt == text


def test_parameters_on_the_prompts_line() -> None:
    found = parse(
        "1girl, solo, Negative prompt: bad, Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"
    )
    assert (found.prompt, found.negative_prompt) == ("1girl, solo", "bad")
    assert found.parameters["Sampler"] == "Euler a"
    assert len(found.warnings) == 2


def test_templates_after_the_parameters() -> None:
    found = parse(
        "1girl, red hair\nSteps: 20, Sampler: Euler, Seed: 1\n"
        "Template: 1girl, {red|blue} hair\nNegative Template: __bad__"
    )
    assert found.prompt == "1girl, red hair"
    assert found.parameters["Template"] == "1girl, {red|blue} hair"
    assert found.parameters["Negative Template"] == "__bad__"


def test_what_is_not_read_is_told() -> None:
    info = read_text("x\nSteps: 20, Sampler: Magic, Seed: 1, Size: 833x512, Tiling: True, Odd: 1")
    assert info.recipe is not None
    assert info.recipe.base.width == 832
    told = " ".join(info.warnings)
    assert "Magic" in told
    assert "Tiling, Odd" in told


def test_old_versions_mean_what_they_meant() -> None:
    text = "[a:b:0.5]\nSteps: 20, Sampler: DPM++ 2M Karras, Seed: 1, Size: 512x512, Version: v1.5.2"
    recipe = read_text(text).recipe
    assert recipe is not None
    assert recipe.compat.old_timelines
    assert recipe.base.schedule == "Karras"
    assert recipe.noise.kind == "device"
    newer = read_text(text.replace("v1.5.2", "v1.10.1")).recipe
    assert newer is not None
    assert not newer.compat.old_timelines


def test_layout_is_that_of_forge() -> None:
    recipe = Recipe(
        prompt="1girl, solo",
        negative_prompt="bad",
        noise=Noise(seed=7),
        networks=(Network(kind=NetworkKind.LORA, name="style", digest="0123456789ab"),),
        software="irodori 0.1.0",
    )
    assert write(recipe) == (
        "1girl, solo\nNegative prompt: bad\n"
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 7, "
        'Size: 832x1216, Clip skip: 2, RNG: CPU, Lora hashes: "style: 0123456789ab", '
        "Prompt dialect: irodori, Version: irodori 0.1.0"
    )


def test_without_parameters_there_is_no_recipe() -> None:
    recipe, warnings = recipe_of(parse("just a prompt"))
    assert recipe is None
    assert warnings
