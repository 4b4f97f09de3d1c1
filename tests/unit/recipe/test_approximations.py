"""Speed-ups by name: what is read, refused, laid over one another, and kept in a recipe."""

import pytest

from irodori.errors import InputError, RecipeError, UnknownNameError
from irodori.recipe.approximations import (
    APPROXIMATIONS,
    checked,
    merged,
    read_approximation,
    unknown_of,
    values_of,
    with_approximations,
)
from irodori.recipe.infotext import parse, recipe_of, write
from irodori.recipe.parts import Approximation, Base, Guidance, Noise, Numerics
from irodori.recipe.recipe import Recipe

RECIPE = Recipe(prompt="1girl", noise=Noise(seed=1))


def asked(*texts: str) -> tuple[Approximation, ...]:
    return tuple(read_approximation(text) for text in texts)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("block-cache=3", "block-cache", 3),
        ("block-cache", "block-cache", 2),
        (" token-merging = 0.25 ", "token-merging", 0.25),
        ("skip-late-cfg=1", "skip-late-cfg", 1),
        ("int8", "int8", 1),
    ],
)
def test_a_name_and_a_value_are_read(text: str, name: str, value: float) -> None:
    assert read_approximation(text) == Approximation(name=name, value=value)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("blok-cache=2", UnknownNameError, "nearest is 'block-cache'"),
        ("block-cache=two", InputError, "takes a whole number 1 to 10, not 'two'"),
        ("block-cache=", InputError, "takes a whole number 1 to 10, not ''"),
        ("block-cache=2.5", RecipeError, "takes a whole number 1 to 10, not 2.5"),
        ("block-cache=0", RecipeError, "1 to 10, not 0"),
        ("token-merging=0.8", RecipeError, "takes a number 0 to 0.75, not 0.8"),
        ("token-merging=nan", RecipeError, "nan is not a finite number"),
        ("skip-late-cfg=inf", RecipeError, "inf is not a finite number"),
        ("int8=2", RecipeError, "takes a whole number 0 to 1, not 2"),
    ],
)
def test_what_cannot_be_is_refused_with_the_range(
    text: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_approximation(text)


def test_every_usual_value_is_allowed_and_changes_something() -> None:
    for info in APPROXIMATIONS:
        checked(Approximation(name=info.name, value=info.usual))
        checked(Approximation(name=info.name, value=info.neutral))
        assert info.usual != info.neutral


def test_the_later_value_wins_and_neutral_ones_are_not_there() -> None:
    below, above = asked("token-merging=0.3", "block-cache=2"), asked("block-cache=1", "int8")
    assert merged(below, above) == asked("token-merging=0.3", "int8")
    assert merged(asked("int8", "block-cache=4"), ()) == asked("block-cache=4", "int8")


def test_a_recipe_takes_them_each_to_its_place() -> None:
    recipe = with_approximations(RECIPE, asked("skip-late-cfg=0.6", "block-cache=2"))
    assert recipe.base.guidance == Guidance(end=0.6)
    assert recipe.numerics.approximations == asked("block-cache=2")
    assert values_of(recipe) == {"block-cache": 2}
    back = with_approximations(recipe, asked("skip-late-cfg=1", "block-cache=1"))
    assert back == RECIPE
    assert with_approximations(RECIPE, ()) is RECIPE


def test_guidance_cannot_end_before_it_starts() -> None:
    recipe = Recipe(prompt="", noise=Noise(seed=1), base=Base(guidance=Guidance(start=0.5)))
    with pytest.raises(RecipeError, match=r"start 0\.5 lies after end 0\.3"):
        with_approximations(recipe, asked("skip-late-cfg=0.3"))


def test_names_of_another_version_stay_apart() -> None:
    other = Approximation(name="warp", value=9)
    numerics = Numerics(approximations=(other, *asked("block-cache=2")))
    recipe = Recipe(prompt="", noise=Noise(seed=1), numerics=numerics)
    assert values_of(recipe) == {"block-cache": 2}
    assert unknown_of(recipe) == (other,)
    # A value out of range can only come from a file; it is refused before anything is drawn.
    wrong = Numerics(approximations=(Approximation(name="block-cache", value=99),))
    with pytest.raises(RecipeError, match="1 to 10, not 99"):
        values_of(Recipe(prompt="", noise=Noise(seed=1), numerics=wrong))


def test_they_survive_the_infotext() -> None:
    recipe = with_approximations(
        RECIPE, asked("skip-late-cfg=0.6", "block-cache=3", "token-merging=0.25", "int8")
    )
    found, _ = recipe_of(parse(write(recipe)))
    assert found is not None
    assert found.numerics.approximations == recipe.numerics.approximations
    assert found.base.guidance == recipe.base.guidance
