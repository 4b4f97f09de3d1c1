"""Templates to prompts: every picture's slots are drawn by its own seed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from irodori.prompt import Dialect, Expansion, WildcardLibrary, combinations, expand
from irodori.recipe.recipe import Recipe


def fill(recipe: Recipe, wildcards: WildcardLibrary) -> tuple[Recipe, tuple[str, ...]]:
    """Return a recipe with the slots of its prompts drawn, and what went wrong.

    The templates are kept in the recipe, so that the picture can be varied again. A recipe of
    dialect a1111 comes back as it is: `{a|b}` and `__name__` are text there.

    Args:
        recipe: its prompts may hold `{a|b}` and `__name__`; its seed draws them.
        wildcards: where names are looked up.
    """
    if recipe.dialect is not Dialect.IRODORI:
        return recipe, ()
    seed = recipe.noise.seed
    return _filled(
        recipe,
        expand(recipe.prompt, seed=seed, wildcards=wildcards),
        expand(recipe.negative_prompt, seed=seed, wildcards=wildcards),
    )


def fill_each(
    recipes: Sequence[Recipe], wildcards: WildcardLibrary
) -> tuple[tuple[Recipe, ...], tuple[str, ...]]:
    """Return `fill` of every recipe, and each note once."""
    done = [fill(recipe, wildcards) for recipe in recipes]
    notes = dict.fromkeys(note for _, found in done for note in found)
    return tuple(recipe for recipe, _ in done), tuple(notes)


def fill_all(
    recipe: Recipe, wildcards: WildcardLibrary, *, most: int
) -> tuple[tuple[Recipe, ...], tuple[str, ...]]:
    """Return a recipe once for every result of its templates, all with its seed.

    Args:
        recipe: as in `fill`.
        wildcards: as in `fill`.
        most: at most so many, 1 or more; the last slot changes fastest.
    """
    if recipe.dialect is not Dialect.IRODORI:
        return (recipe,), ()
    pairs = product(
        list(islice(_distinct(recipe.prompt, wildcards), most)),
        list(islice(_distinct(recipe.negative_prompt, wildcards), most)),
    )
    done = [_filled(recipe, *pair) for pair in islice(pairs, most)]
    notes = dict.fromkeys(note for _, found in done for note in found)
    return tuple(each for each, _ in done), tuple(notes)


def _distinct(template: str, wildcards: WildcardLibrary) -> Iterator[Expansion]:
    seen: set[str] = set()
    for expansion in combinations(template, wildcards=wildcards):
        if expansion.text not in seen:
            seen.add(expansion.text)
            yield expansion


def _filled(
    recipe: Recipe, prompt: Expansion, negative: Expansion
) -> tuple[Recipe, tuple[str, ...]]:
    filled = replace(
        recipe,
        prompt=prompt.text,
        negative_prompt=negative.text,
        template=_template(prompt) or recipe.template,
        negative_template=_template(negative) or recipe.negative_template,
    )
    problems = (*prompt.problems, *negative.problems)
    return filled, tuple(dict.fromkeys(problem.message for problem in problems))


def _template(expansion: Expansion) -> str:
    return expansion.template if expansion.text != expansion.template else ""
