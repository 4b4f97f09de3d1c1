from pathlib import Path

import pytest

from irodori.app.config import Config
from irodori.app.generate import GenerateRequest, Job, prepare
from irodori.errors import RecipeError


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "wildcards"
    folder.mkdir()
    (folder / "colors.txt").write_text("red\nblue\ngreen\n", encoding="utf-8")
    return Config(outputs=tmp_path / "outputs", wildcards=(folder,))


def job(config: Config, prompt: str, **request: object) -> Job:
    recipe = {"prompt": prompt, "noise": {"seed": 7}, **request.pop("recipe", {})}  # type: ignore[dict-item]
    return prepare(GenerateRequest(recipe=recipe, **request), config)  # type: ignore[arg-type]


def test_each_picture_draws_its_own_slots_and_keeps_the_template(config: Config) -> None:
    template = "1girl, {red|blue|green|white} hair, __colors__ eyes"
    recipes = job(config, template, count=12).recipes
    assert {recipe.template for recipe in recipes} == {template}
    assert len({recipe.prompt for recipe in recipes}) > 4
    assert not any("{" in recipe.prompt or "__" in recipe.prompt for recipe in recipes)
    again = job(config, template, count=12).recipes
    assert [recipe.prompt for recipe in again] == [recipe.prompt for recipe in recipes]


def test_picture_of_a_batch_has_the_prompt_it_has_alone(config: Config) -> None:
    template = "1girl, {red|blue|green|white} hair"
    third = job(config, template, count=3).recipes[2]
    alone = job(config, template, recipe={"noise": {"seed": 9}}).recipes[0]
    assert alone.prompt == third.prompt


def test_prompt_without_slots_has_no_template(config: Config) -> None:
    recipe = job(config, "1girl, smile").recipes[0]
    assert (recipe.prompt, recipe.template) == ("1girl, smile", "")


def test_unknown_wildcard_is_told_and_stays(config: Config) -> None:
    made = job(config, "1girl, __moods__")
    assert made.recipes[0].prompt == "1girl, __moods__"
    assert any("moods" in note for note in made.notes)


def test_dialect_a1111_has_no_templates(config: Config) -> None:
    recipe = job(config, "{a|b} __colors__", recipe={"dialect": "a1111"}).recipes[0]
    assert (recipe.prompt, recipe.template) == ("{a|b} __colors__", "")


def test_combinations_draw_every_result_once_with_one_seed(config: Config) -> None:
    recipes = job(config, "{a|b} cat, __colors__ hat", combinations=64).recipes
    assert [recipe.prompt for recipe in recipes] == [
        f"{who} cat, {colour} hat" for who in "ab" for colour in ("red", "blue", "green")
    ]
    assert {recipe.noise.seed for recipe in recipes} == {7}
    assert [recipe.noise.batch_index for recipe in recipes] == list(range(6))


def test_combinations_stop_at_the_bound_and_exclude_a_batch(config: Config) -> None:
    assert len(job(config, "{a|b|c} {d|e|f}", combinations=4).recipes) == 4
    with pytest.raises(RecipeError):
        job(config, "{a|b}", combinations=4, count=2)


def test_out_names_one_picture(config: Config) -> None:
    with pytest.raises(RecipeError, match="--out"):
        job(config, "{a|b}", combinations=2, out=Path("x.png"))
