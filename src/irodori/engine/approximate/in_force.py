"""Which speed-ups a picture was drawn with, and what is to be told of those it was not."""

from collections.abc import Sequence

from irodori.recipe.approximations import find_approximation, merged, unknown_of, values_of
from irodori.recipe.parts import Approximation
from irodori.recipe.recipe import Recipe


def in_force(recipe: Recipe, of_model: Sequence[Approximation]) -> tuple[Approximation, ...]:
    """Return the speed-ups that a recipe is drawn with.

    Args:
        recipe: what is asked for; of it, those that act call by call.
        of_model: those of the model as it is open.
    """
    own = [
        Approximation(name=name, value=value)
        for name, value in values_of(recipe).items()
        if not find_approximation(name).of_model
    ]
    return merged(own, of_model)


def missing_notes(recipe: Recipe, of_model: Sequence[Approximation]) -> tuple[str, ...]:
    """Return what is to be told of speed-ups that a recipe asks for and does not get.

    Args:
        recipe: what is asked for.
        of_model: those of the model as it is open.
    """
    open_with = {each.name for each in of_model}
    without = [
        name
        for name in values_of(recipe)
        if find_approximation(name).of_model and name not in open_with
    ]
    return (
        *(f"approximation '{each.name}' is not known here" for each in unknown_of(recipe)),
        *(f"approximation '{name}' was not done: the model is open without it" for name in without),
    )
