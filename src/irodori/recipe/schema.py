"""The JSON schema of recipes, made from the dataclasses that hold them.

Published as `docs/reference/recipe.schema.json`; `irodori recipe schema` prints it.
"""

import inspect
from dataclasses import Field, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from irodori.recipe.codec import FORMAT, encode, type_hints
from irodori.recipe.fields import Terms, is_required, terms_of
from irodori.recipe.recipe import Recipe

SCHEMA_ID: Final = "https://irodori.invalid/recipe.schema.json"

_SCALARS: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}


def recipe_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a recipe.

    The schema is of complete recipes as they are written; reading also takes them with fields
    left out, which then have their defaults.
    """
    definitions: dict[str, Any] = {}
    root = _part(Recipe, definitions)
    root["properties"] = {
        "format": {"const": FORMAT, "description": "number of the JSON format"},
        **root["properties"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Irodori recipe",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _part(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = type_hints(kind)
    properties = {
        entry.name: _field(hints[entry.name], entry, definitions) for entry in fields(kind)
    }
    return {
        "type": "object",
        "description": (inspect.getdoc(kind) or "").split("\n", maxsplit=1)[0],
        "properties": properties,
        "required": [entry.name for entry in fields(kind) if is_required(entry)],
        "additionalProperties": False,
    }


def _field(hint: Any, entry: "Field[Any]", definitions: dict[str, Any]) -> dict[str, Any]:
    terms = terms_of(entry)
    schema = _kind(hint, terms, definitions)
    if terms.doc:
        schema = {"description": terms.doc, **schema}
    if not is_required(entry) and not is_dataclass(entry.default):
        schema["default"] = encode(entry.default)
    return schema


def _kind(hint: Any, terms: Terms, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        choices = [_kind(c, terms, definitions) for c in get_args(hint) if c is not NoneType]
        if NoneType in get_args(hint):
            choices.append({"type": "null"})
        return {"anyOf": choices}
    if origin is tuple:
        return _list(get_args(hint), terms, definitions)
    if is_dataclass(hint):
        return _reference(hint, definitions)
    if issubclass(hint, StrEnum):
        return {"type": "string", "enum": [member.value for member in hint]}
    return {"type": _SCALARS[hint], **_bounds(hint, terms)}


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _part(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _list(arguments: tuple[Any, ...], terms: Terms, definitions: dict[str, Any]) -> dict[str, Any]:
    items = _kind(arguments[0], terms, definitions)
    if arguments[-1] is Ellipsis:
        return {"type": "array", "items": items}
    return {
        "type": "array",
        "items": items,
        "minItems": len(arguments),
        "maxItems": len(arguments),
    }


def _bounds(kind: type, terms: Terms) -> dict[str, Any]:
    if kind is str:
        return {
            **({"pattern": f"^(?:{terms.pattern})$"} if terms.pattern is not None else {}),
            **({"minLength": int(terms.low)} if terms.low is not None else {}),
        }
    if kind is bool:
        return {}
    names = {"minimum": terms.low, "maximum": terms.high, "multipleOf": terms.multiple}
    return {name: value for name, value in names.items() if value is not None}
