"""Recipes as JSON and back, strictly: an unknown or ill-typed field is an error that names it.

The types of the dataclasses are the format; nothing is written twice. Reading lays the given
fields over the defaults, so a recipe written by an earlier version still reads.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from irodori.errors import RecipeError
from irodori.recipe.fields import is_required
from irodori.recipe.recipe import Recipe

T = TypeVar("T")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

FORMAT: Final = 1
"""Number of the JSON format; raised when a field changes its meaning."""

_FORMAT_KEY: Final = "format"


def to_json(recipe: Recipe, *, indent: int | None = None) -> str:
    """Return the complete recipe as JSON in plain ASCII; the inverse of `from_json`.

    Args:
        recipe: what to write.
        indent: spaces per level for people; None for one line.
    """
    return json.dumps(to_mapping(recipe), indent=indent)


def to_mapping(recipe: Recipe) -> dict[str, Json]:
    """Return the complete recipe as values that JSON can hold."""
    return {_FORMAT_KEY: FORMAT, **_encode_part(recipe)}


def from_json(text: str) -> Recipe:
    """Return the recipe that a JSON text holds.

    Raises:
        RecipeError: not JSON, a field unknown, ill-typed, missing or out of range.
        UnknownNameError: no such sampler, or no such option of it.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"a recipe must be JSON: {error}") from error
    return from_mapping(data)


def from_mapping(data: object) -> Recipe:
    """Return the recipe that JSON values hold; see `from_json`."""
    if isinstance(data, Mapping):
        version = data.get(_FORMAT_KEY, FORMAT)
        if version != FORMAT:
            raise RecipeError(
                f"recipe format {version!r} is not {FORMAT}; this recipe was written by another "
                "version of Irodori"
            )
        data = {key: value for key, value in data.items() if key != _FORMAT_KEY}
    return decode(Recipe, data, where="recipe")


def encode(value: Any) -> Json:
    """Return a part of a recipe, or one of its values, as values that JSON can hold."""
    if is_dataclass(value):
        return _encode_part(value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    scalar: Json = value.value if isinstance(value, StrEnum) else value
    return scalar


def _encode_part(part: Any) -> dict[str, Json]:
    return {entry.name: encode(getattr(part, entry.name)) for entry in fields(part)}


def decode(kind: type[T], data: object, *, where: str) -> T:
    """Return a part of a recipe from JSON values.

    Args:
        kind: the dataclass to build.
        data: what was read.
        where: path of the part, for messages.

    Raises:
        RecipeError: see `from_json`.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where, "an object", data)
    hints = type_hints(kind)
    for key in data:
        if key not in hints:
            near = get_close_matches(str(key), hints, n=1)
            hint = f"; nearest is '{near[0]}'" if near else ""
            raise RecipeError(f"{where}: unknown field '{key}'{hint}")
    for entry in fields(kind):  # type: ignore[arg-type]  # only dataclasses are given
        if is_required(entry) and entry.name not in data:
            raise RecipeError(f"{where}: field '{entry.name}' is missing")
    return kind(
        **{key: _decode(hints[key], value, f"{where}.{key}") for key, value in data.items()}
    )


def type_hints(kind: type) -> dict[str, Any]:
    """Return the resolved types of a dataclass's fields, by name."""
    return get_type_hints(kind)


def _decode(kind: Any, data: object, where: str) -> object:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if data is None and NoneType in get_args(kind):
            return None
        choices = tuple(choice for choice in get_args(kind) if choice is not NoneType)
        if len(choices) == 1:
            return _decode(choices[0], data, where)
        if not isinstance(data, choices):
            raise _wrong(where, "a number, a text, true or false", data)
        return data
    if origin is tuple:
        return _decode_tuple(get_args(kind), data, where)
    if is_dataclass(kind):
        return decode(_as_type(kind), data, where=where)
    return _decode_scalar(kind, data, where)


def _as_type(kind: Any) -> type[object]:
    part: type[object] = kind
    return part


def _decode_tuple(arguments: tuple[Any, ...], data: object, where: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise _wrong(where, "a list", data)
    if arguments[-1] is Ellipsis:
        arguments = (arguments[0],) * len(data)
    if len(data) != len(arguments):
        raise _wrong(where, f"{len(arguments)} values", data)
    pairs = zip(arguments, data, strict=True)
    return tuple(_decode(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(pairs))


def _decode_scalar(kind: type, data: object, where: str) -> object:
    if issubclass(kind, StrEnum):
        choices = [choice.value for choice in kind]
        if data not in choices:
            raise _wrong(where, f"one of {', '.join(map(repr, choices))}", data)
        return kind(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
        raise _wrong(where, words[kind], data)
    return data


def _wrong(where: str, expected: str, found: object) -> RecipeError:
    shown = json.dumps(found, default=str)
    return RecipeError(f"{where}: expected {expected}, found {shown[:80]}")
