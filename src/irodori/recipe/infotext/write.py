"""A recipe as infotext: the text A1111 and Forge put into pictures, and everyone reads.

Every field that changes the picture is in it, so the text alone brings the recipe back
(`to_recipe.recipe_of`); a property test holds the two together. Layout and order: compat 9.1, 9.2.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from irodori.recipe.infotext.composite import hashes_text, networks_text
from irodori.recipe.infotext.keys import (
    AFTER_DETAILERS,
    DETAILER,
    HEAD,
    OWN,
    SAMPLING,
    Key,
    ordinal_suffix,
)
from irodori.recipe.infotext.options import option_items
from irodori.recipe.infotext.origin import implied_by
from irodori.recipe.infotext.parse import EXACT_NEGATIVE, EXACT_PROMPT, NEGATIVE, parse
from irodori.recipe.infotext.quote import exact
from irodori.recipe.infotext.to_recipe import EXACT_NETWORKS, networks_of
from irodori.recipe.names import NetworkKind
from irodori.recipe.recipe import Recipe

_LORA_KINDS: Final = frozenset({NetworkKind.LORA, NetworkKind.LYCORIS})
_EMBEDDINGS: Final = frozenset({NetworkKind.EMBEDDING})


def write(recipe: Recipe) -> str:
    """Return the infotext of a recipe.

    Args:
        recipe: what drew the picture.

    Returns:
        Prompt, negative prompt and one line of parameters; `parse` and `recipe_of` invert it.
    """
    items = list(_items(recipe))
    text = _compose(recipe, items)
    read = parse(text)
    if read.prompt != recipe.prompt:
        items.append((EXACT_PROMPT, recipe.prompt))
    if read.negative_prompt != recipe.negative_prompt:
        items.append((EXACT_NEGATIVE, recipe.negative_prompt))
    return _compose(recipe, items)


def _compose(recipe: Recipe, items: list[tuple[str, str]]) -> str:
    lines = [recipe.prompt]
    if recipe.negative_prompt:
        lines.append(f"{NEGATIVE} {recipe.negative_prompt}")
    lines.append(", ".join(f"{name}: {exact(value)}" for name, value in items))
    return "\n".join(lines).strip()


def _items(recipe: Recipe) -> Iterator[tuple[str, str]]:
    implied = implied_by(recipe.software)
    parts = frozenset(name for name in ("hires", "img2img") if getattr(recipe, name) is not None)
    yield from _section(HEAD, recipe, parts, implied)
    for index, detailer in enumerate(recipe.detailers):
        for name, text in _section(DETAILER, detailer, parts, {}):
            yield name + ordinal_suffix(index), text
    yield from _section(AFTER_DETAILERS, recipe, parts, implied)
    yield from _networks(recipe)
    yield from _section(SAMPLING, recipe, parts, implied)
    yield from option_items(recipe.base)
    yield from _section(OWN, recipe, parts, implied)


def _section(
    keys: tuple[Key, ...], part: object, parts: frozenset[str], implied: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for key in keys:
        if not key.applies(parts):
            continue
        values = [_value_at(part, path) for path in key.fields]
        text = None if values[0] is None else key.form.write(*values)
        if text is None:
            continue
        if key.name in implied:
            wanted = text != implied[key.name]
        else:
            wanted = key.always or tuple(values) != key.absent
        if wanted:
            yield key.name, text


def _networks(recipe: Recipe) -> Iterator[tuple[str, str]]:
    items = [
        ("Lora hashes", hashes_text(recipe.networks, _LORA_KINDS)),
        ("TI hashes", hashes_text(recipe.networks, _EMBEDDINGS)),
    ]
    items = [(name, text) for name, text in items if text]
    yield from items
    read, _ = networks_of(dict(items))
    if read != recipe.networks:
        yield EXACT_NETWORKS, networks_text(recipe.networks)


def _value_at(part: object, path: str) -> Any:
    value: Any = part
    for name in path.split("."):
        if value is None:
            return None
        value = getattr(value, name)
    return value
