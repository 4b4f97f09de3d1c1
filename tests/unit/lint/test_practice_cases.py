"""What the linter finds in the practice's own recipes and in the seven steps of one picture."""

from pathlib import Path

import pytest

from irodori.lint import Field, LintInput, Severity
from irodori.recipe.info import read_text

FOLDER = Path(__file__).parents[2] / "fixtures" / "practice"
RECIPES = (FOLDER / "recipes.txt").read_text(encoding="utf-8").split("\n", 2)[2].split("-" * 10)
STEPS = [
    line[2:].strip()
    for line in (FOLDER / "iteration.txt").read_text(encoding="utf-8").splitlines()
    if line[:1].isdigit()
][:7]  # behind them stand notes


def recipe(number: int) -> LintInput:
    """Return a recipe as the picture reader takes it, numbered from 1."""
    found = read_text(RECIPES[number - 1].strip()).recipe
    assert found is not None
    return LintInput.of(found)


def said(findings, code: str) -> str:
    return " | ".join(one.message for one in findings if one.code == code)


def test_there_are_twelve_recipes_and_seven_steps() -> None:
    assert len(RECIPES) == 12
    assert len(STEPS) == 7


@pytest.mark.parametrize("number", range(1, 13))
def test_every_recipe_is_read_and_something_is_said(number: int, lint) -> None:
    assert lint(recipe(number))


def test_the_typo_is_found_where_it_stands(lint) -> None:
    found = [one for one in lint(STEPS[3], only=("POP002",)) if one.severity is Severity.WARNING]
    assert len(found) == 1
    assert found[0].span.of(STEPS[3]) == "hererochromia"
    assert "heterochromia" in found[0].message
    assert "heterochromia" not in said(lint(STEPS[4]), "POP002")


def test_the_second_mention_in_the_third_recipe_is_found(lint) -> None:
    source = recipe(3)
    found = [one for one in lint(source) if one.code == "SYN021"]
    assert [one.span.of(source.prompt) for one in found] == ["looking at viewer"]
    assert found[0].span.start == source.prompt.rindex("looking at viewer")


def test_double_commas_are_found(lint) -> None:
    found = lint(recipe(7))
    assert [one.field for one in found if one.code == "SYN023"] == [Field.NEGATIVE_PROMPT]


def test_the_cane_is_named_twice_and_no_warning_is_made_of_it(lint) -> None:
    found = [one for one in lint(STEPS[2], only=("IMP",)) if "cane" in one.message]
    assert found
    assert {one.severity for one in found} == {Severity.HINT}


def test_two_framings_contradict(lint) -> None:
    found = [one for one in lint(STEPS[1], only=("VIS",)) if "close-up" in one.message]
    assert any("cowboy shot" in one.message for one in found)
    assert found[0].severity is Severity.WARNING


def test_a_plain_background_is_not_to_be_negated(lint) -> None:
    found = lint(recipe(8))
    assert "white background" in said(found, "NEG005")
    assert said(lint(recipe(2)), "NEG005") == ""


def test_no_background_named_while_the_simple_one_is_negated(lint) -> None:
    negative = "worst quality, bad quality, simple background"
    assert said(lint(STEPS[4], negative), "QLT005")
    assert said(lint(STEPS[5], negative), "QLT005") == ""
    assert "dark background" in said(lint(STEPS[5], negative), "NEG005")


def test_praise_is_advised_against_and_not_forbidden(lint) -> None:
    found = [one for one in lint(recipe(4)) if one.code == "QLT001"]
    assert [one.severity for one in found] == [Severity.HINT]


def test_rare_characters_are_told(lint) -> None:
    text = said(lint(r"3girls, belle \(zenless zone zero\)"), "POP003")
    assert "belle" in text


def test_weights_of_the_practice_are_none_to_speak_of(lint) -> None:
    for number in range(1, 13):
        assert said(lint(recipe(number)), "SYN019") == ""
