"""What a person says of a recipe beside a command's own options: single settings, or a file."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from irodori.errors import InputError, PictureFileError, UnknownNameError
from irodori.recipe.codec import to_mapping
from irodori.recipe.info import read_source
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import overlay

LEFT_TO_DRAWING: Final = (
    *("numerics", "software", "notes"),
    *("networks", "template", "negative_template"),
)
"""Parts of a recipe that say how its picture came to be, not what is asked for."""

_LONGEST: Final = 1 << 20  # bytes of a file of settings


def with_setting(layer: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a partial recipe with a setting such as `cfg_scale=4.5` laid over it.

    A bare name is a field of the recipe, of its base pass or of its noise; `size=832x1216` sets
    both sides; every other field is named by its path: `hires.denoise=0.39`. Of a list, the first
    is 1: `detailers.2.denoise=0.3`.

    Raises:
        InputError: it is not `name=value`, or the list is shorter.
        UnknownNameError: no such setting.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise InputError(f"--set {text}: write it as NAME=VALUE, such as cfg_scale=4.5")
    if name == "size":
        width, _, height = value.partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            raise InputError(f"--set {text}: write a size as 832x1216")
        return overlay(layer, {"base": {"width": int(width), "height": int(height)}})
    try:
        data = json.loads(value)
    except ValueError:
        data = value
    return _set(layer, _path(name), data, text)


def _set(layer: Mapping[str, Any], path: list[str], value: Any, text: str) -> dict[str, Any]:
    """Return a layer with one value in it laid over."""
    name, *rest = path
    if not rest:
        return overlay(layer, {name: value})
    below = layer.get(name)
    if not isinstance(below, list):
        part = below if isinstance(below, Mapping) else {}
        return {**layer, name: _set(part, rest, value, text)}
    number, *rest = rest
    if not number.isdecimal() or not 1 <= int(number) <= len(below):
        raise InputError(f"--set {text}: {name} has {len(below)}; name one: {name}.1")
    place = int(number) - 1
    item = below[place]
    changed = _set(item, rest, value, text) if rest and isinstance(item, Mapping) else value
    return {**layer, name: [*below[:place], changed, *below[place + 1 :]]}


def recipe_layer(path: Path) -> dict[str, Any]:
    """Return the partial recipe in a file: JSON with any field left out, a picture's, or infotext.

    Seed and settings are the file's; how an earlier picture came to be is left out.

    Raises:
        PictureFileError: it cannot be read.
        InputError: it holds no recipe.
    """
    if path.suffix.lower() == ".json":
        data = _json(path)
        if data is not None:
            return {name: data[name] for name in data if name not in (*LEFT_TO_DRAWING, "format")}
    recipe = read_source(path).recipe
    if recipe is None:
        raise InputError(f"'{path}' holds no recipe")
    whole = to_mapping(recipe)
    return {name: whole[name] for name in whole if name not in (*LEFT_TO_DRAWING, "format")}


def _json(path: Path) -> dict[str, Any] | None:
    """Return a partial recipe as it is written; None where the JSON is another program's."""
    try:
        if path.stat().st_size > _LONGEST:
            return None
        data = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise PictureFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise PictureFileError(f"{path}: is no JSON: {error}") from error
    known = {entry.name for entry in fields(Recipe)} | {"format"}
    return data if isinstance(data, dict) and known & data.keys() else None


def _path(name: str) -> list[str]:
    if "." in name:
        return name.split(".")
    places = {entry.name: [entry.name] for entry in fields(Recipe)}
    for part, kind in (("base", Base), ("noise", Noise)):
        for entry in fields(kind):
            places.setdefault(entry.name, [part, entry.name])
    if name not in places:
        raise UnknownNameError("setting", name, tuple(places))
    return places[name]
