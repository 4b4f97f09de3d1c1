"""From what an infotext says to a recipe, with every guess told.

Total: a value that means nothing, or lies outside what a recipe allows, is replaced by what
leaving the key out means, and a warning says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from irodori.errors import InputError
from irodori.recipe.codec import decode, encode, type_hints
from irodori.recipe.fields import complaint, terms_of
from irodori.recipe.infotext.aliases import canonical
from irodori.recipe.infotext.composite import read_hashes, read_networks
from irodori.recipe.infotext.keys import DETAILER, KEYS, MARKERS, Key, ordinal_suffix
from irodori.recipe.infotext.legacy import modernise
from irodori.recipe.infotext.options import OPTION_KEYS, read_options
from irodori.recipe.infotext.origin import implied_by
from irodori.recipe.infotext.parse import EXACT_NEGATIVE, EXACT_PROMPT, Infotext
from irodori.recipe.names import NetworkKind
from irodori.recipe.parts import Network
from irodori.recipe.passes import Detailer
from irodori.recipe.recipe import Recipe

EXACT_NETWORKS: Final = "Networks"
"""Irodori's own key, written where `Lora hashes` and `TI hashes` would lose something."""

MAX_DETAILERS: Final = 32
_NEEDED: Final = ("Steps", "Sampler", "CFG scale", "Seed", "Size")
_SPECIAL: Final = frozenset(
    {"Lora hashes", "TI hashes", "TI", EXACT_NETWORKS, EXACT_PROMPT, EXACT_NEGATIVE}
)
_HARMLESS: Final = frozenset(
    {
        "Hashes",
        "Civitai resources",
        "Civitai metadata",
        "User",
        "Created Date",
        "ADetailer version",
        "App",
        "Soft inpainting enabled",
        "Batch size",
        "Batch pos",
        "Mask mode",
        "NGMS all steps",
        "Civitai model",
        "Workflow",
    }
)
"""Keys that change nothing that we draw, or that only repeat others: no warning."""


@dataclass(slots=True)
class _Reading:
    """One reading in progress."""

    values: Mapping[str, str]
    warnings: list[str]
    used: set[str]


def recipe_of(
    infotext: Infotext, *, implied: Mapping[str, str] | None = None
) -> tuple[Recipe | None, tuple[str, ...]]:
    """Return the recipe that an infotext means, and what had to be guessed.

    Args:
        infotext: what was read.
        implied: values of keys that the program which wrote it does not write.

    Returns:
        The recipe, or None where there are no parameters at all; and the warnings.
    """
    if not infotext.parameters:
        return None, ("there are no parameters: only a prompt was found",)
    known = {key.name.casefold(): key.name for key in KEYS}
    values = modernise(dict(canonical(infotext.parameters, known)))
    version = values.get("Version", "")
    reading = _Reading(
        values={**implied_by(version), **(implied or {}), **values}, warnings=[], used=set()
    )
    missing = [name for name in _NEEDED if name not in reading.values]
    if missing:
        reading.warnings.append(f"not stated, so guessed: {', '.join(missing)}")
    data = _recipe_data(reading)
    data |= {"prompt": infotext.prompt, "negative_prompt": infotext.negative_prompt}
    _warn_of_unused(infotext.parameters, values, reading)
    try:
        return decode(Recipe, data, where="recipe"), tuple(reading.warnings)
    except InputError as error:
        return None, (*reading.warnings, f"no recipe can be made of it: {error}")


def networks_of(values: Mapping[str, str]) -> tuple[tuple[Network, ...], tuple[str, ...]]:
    """Return the identities of networks that parameters hold, and warnings."""
    rows: list[Any] = []
    warnings: tuple[str, ...] = ()
    try:
        if EXACT_NETWORKS in values:
            rows = read_networks(values[EXACT_NETWORKS])
        else:
            rows += read_hashes(values.get("Lora hashes", ""), NetworkKind.LORA)
            rows += read_hashes(values.get("TI hashes", ""), NetworkKind.EMBEDDING)
        found = tuple(decode(Network, row, where="networks") for row in rows)
    except (ValueError, RecursionError, InputError) as error:
        return (), (f"the networks' hashes could not be read: {error}",)
    return found, warnings


def _recipe_data(reading: _Reading) -> dict[str, Any]:
    present = _present_parts(reading.values)
    applying = frozenset(name for name in ("hires", "img2img") if name in present)
    data: dict[str, Any] = {}
    for key in KEYS:
        part = _optional_part(key.fields[0])
        if key.applies(applying) and (part is None or part in present):
            for path, value in _read(key, Recipe, reading):
                _put(data, path, value)
    base = data["base"]
    base["options"], unfit = read_options(base["sampler"], reading.values)
    reading.warnings.extend(unfit)
    data["detailers"] = list(_detailers(reading))
    networks, warnings = networks_of(reading.values)
    reading.warnings.extend(warnings)
    data["networks"] = [encode(network) for network in networks]
    return data


def _detailers(reading: _Reading) -> Iterator[dict[str, Any]]:
    for index in range(MAX_DETAILERS):
        suffix = ordinal_suffix(index)
        model = reading.values.get(f"ADetailer model{suffix}", "None")
        if model == "None":
            continue
        tab = _Reading(
            values={
                key.name: reading.values[key.name + suffix]
                for key in DETAILER
                if key.name + suffix in reading.values
            },
            warnings=reading.warnings,
            used=set(),
        )
        data: dict[str, Any] = {}
        for key in DETAILER:
            for path, value in _read(key, Detailer, tab):
                _put(data, path, value)
        reading.used |= {name + suffix for name in tab.used}
        yield data


def _present_parts(values: Mapping[str, str]) -> frozenset[str]:
    present = {part for part, keys in MARKERS.items() if any(key in values for key in keys)}
    picture = set(MARKERS["img2img"]) - {"Denoising strength"}
    if "hires" in present and not picture & set(values):
        present.discard("img2img")
    return frozenset(present)


def _optional_part(path: str) -> str | None:
    """Return the longest optional part that a path lies in."""
    parts = [part for part in MARKERS if path.startswith(part + ".")]
    return max(parts, key=len, default=None)


def _read(key: Key, root: type, reading: _Reading) -> Iterator[tuple[str, Any]]:
    """Yield path and JSON value for each field that a key (or its absence) decides."""
    text = reading.values.get(key.name)
    values = None
    if text is not None:
        reading.used.add(key.name)
        values = _understood(key, text, root, reading.warnings)
    if values is None:
        values = [encode(value) for value in key.absent]
    for path, value in zip(key.fields, values, strict=False):
        if value is not None:
            yield path, value


def _understood(key: Key, text: str, root: type, warnings: list[str]) -> list[Any] | None:
    try:
        values = list(key.form.read(text))
    except (ValueError, OverflowError, RecursionError) as error:
        warnings.append(f"{key.name}: {text[:80]!r} was not understood ({error})")
        return None
    for path, value in zip(key.fields, values, strict=False):
        problem = _problem(root, path, value)
        if problem is not None:
            warnings.append(f"{key.name}: {problem}; taken as if it were not there")
            return None
    return values


def _problem(root: type, path: str, value: object) -> str | None:
    """Say what a recipe's terms have against a value at a path, or return None."""
    *parents, last = path.split(".")
    part = root
    for name in parents:
        part = _plain(type_hints(part)[name])
    (entry,) = (entry for entry in fields(part) if entry.name == last)
    items = value if isinstance(value, list) else [value]
    return next(filter(None, (complaint(item, terms_of(entry)) for item in items)), None)


def _plain(kind: Any) -> type:
    """Return the dataclass in `Part` or `Part | None`."""
    choices: tuple[type, ...] = get_args(kind) or (kind,)
    return choices[0]


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        data = data.setdefault(name, {})
    data[last] = value


def _warn_of_unused(
    written: Mapping[str, str], values: Mapping[str, str], reading: _Reading
) -> None:
    unused = [
        key
        for key in values
        if key in written
        and key not in reading.used
        and key not in _SPECIAL
        and key not in OPTION_KEYS
        and key not in _HARMLESS
    ]
    if unused:
        reading.warnings.append(f"not known to Irodori, so not in the recipe: {', '.join(unused)}")
