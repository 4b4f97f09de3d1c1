"""From what a person asked for to a complete recipe, once: defaults < profile < preset < request.

A layer has the shape of a recipe's JSON with any field left out; `null` takes an optional part
away, a list replaces the list below it. The defaults are those of the recipe's parts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from irodori.recipe.codec import from_mapping
from irodori.recipe.recipe import Recipe
from irodori.recipe.samplers import split_sampler
from irodori.recipe.schedules import find_schedule

Layer = Mapping[str, Any]
"""A part of a recipe, in the shape of its JSON."""

RANDOM_SEED: Final = -1
"""A request with this seed, or none, gets one drawn."""

RANDOM_SEED_LIMIT: Final = 4_294_967_294
"""Drawn seeds lie below this, as A1111's do (compat 5)."""


def resolve(
    request: Layer,
    *,
    draw_seed: Callable[[int], int],
    preset: Layer | None = None,
    profile: Layer | None = None,
) -> Recipe:
    """Return the complete recipe for a request.

    Args:
        request: what the person said; must hold `prompt`.
        draw_seed: returns a random whole number from 0 up to, not including, its argument.
        preset: a way of working, see `presets`.
        profile: what suits the model: its card's sizes, guidance, prediction.

    Raises:
        RecipeError: a field is unknown, ill-typed, missing or out of range.
        UnknownNameError: no such sampler or schedule.
    """
    merged: dict[str, Any] = {}
    for layer in (profile, preset, request):
        merged = overlay(merged, layer or {})
    noise = dict(merged.get("noise") or {})
    for field in ("seed", "variation_seed"):
        drawn = field == "seed" or noise.get("variation_strength", 0) > 0
        if noise.get(field, RANDOM_SEED) == RANDOM_SEED and (drawn or field in noise):
            noise[field] = draw_seed(RANDOM_SEED_LIMIT)
    return from_mapping({**merged, "noise": noise})


def overlay(below: Layer, above: Layer) -> dict[str, Any]:
    """Return two layers as one; what stands above wins, parts are merged field by field.

    A sampler whose name ends in a schedule (`DPM++ 2M Karras`) sets both, as A1111's API does;
    a schedule in the same layer stands above it.
    """
    result = dict(below)
    for key, value in _with_schedule(above).items():
        lower = result.get(key)
        if isinstance(value, Mapping):
            result[key] = overlay(lower if isinstance(lower, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def _with_schedule(layer: Layer) -> Layer:
    name, schedule = layer.get("sampler"), layer.get("schedule")
    if isinstance(schedule, str):
        layer = {**layer, "schedule": find_schedule(schedule).value}
    if isinstance(name, str):
        info, ending = split_sampler(name)
        layer = {**layer, "sampler": info.name}
        if ending is not None and schedule is None:
            layer["schedule"] = ending.value
    return layer
