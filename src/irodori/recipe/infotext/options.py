"""Sampler options in infotext: A1111's keys where it has one, else one key of our own."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import InputError
from irodori.recipe.infotext.composite import rows_of
from irodori.recipe.infotext.forms import number_text
from irodori.recipe.parts import Base
from irodori.recipe.sampler_info import SamplerInfo
from irodori.recipe.sampler_options import Ddim
from irodori.recipe.samplers import find_sampler

OWN_KEY: Final = "Sampler options"

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eta": "Eta",
        "s_churn": "Sigma churn",
        "s_tmin": "Sigma tmin",
        "s_tmax": "Sigma tmax",
        "s_noise": "Sigma noise",
    }
)
_DDIM_ETA: Final = "Eta DDIM"
OPTION_KEYS: Final = frozenset({OWN_KEY, _DDIM_ETA, *_KEYS.values()})


def option_items(base: Base) -> Iterator[tuple[str, str]]:
    """Yield key and value for the options of the first pass."""
    info = find_sampler(base.sampler)
    rest = []
    for option in base.options:
        key = _key_of(info, option.name)
        if key is not None and isinstance(option.value, float):
            yield key, number_text(option.value)
        else:
            rest.append([option.name, option.value])
    if rest:
        yield OWN_KEY, json.dumps(rest, ensure_ascii=False)


def read_options(
    sampler: str, values: Mapping[str, str]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return options as JSON values, and warnings about those that the sampler does not take."""
    info = find_sampler(sampler)
    options: list[dict[str, Any]] = []
    warnings: list[str] = []
    for key in values:
        if key not in OPTION_KEYS:
            continue
        try:
            for name, value in _named(info, key, values[key]):
                info.chosen({name: value})
                options.append({"name": name, "value": value})
        except (ValueError, TypeError, RecursionError, InputError) as error:
            warnings.append(f"{key}: {error}; left out")
    return options, tuple(warnings)


def _named(info: SamplerInfo, key: str, text: str) -> Iterator[tuple[str, Any]]:
    if key == OWN_KEY:
        yield from ((name, value) for name, value in rows_of(text, columns=2))
        return
    names = [option.name for option in info.option_infos]
    name = next((name for name in names if _key_of(info, name) == key), None)
    if name is None:
        raise ValueError(f"{info.name} has no such option")
    yield name, float(text)


def _key_of(info: SamplerInfo, name: str) -> str | None:
    if name == "eta" and info.options is Ddim:
        return _DDIM_ETA
    return _KEYS.get(name)
