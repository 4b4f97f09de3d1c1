"""Finding samplers by the names of A1111, Forge, ComfyUI and diffusers.

The table itself is `irodori.recipe.sampler_table`; the mathematics is the engine's.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from irodori.errors import UnknownNameError
from irodori.recipe.sampler_info import Practice, SamplerInfo
from irodori.recipe.sampler_table import SAMPLERS
from irodori.recipe.schedules import SCHEDULES, Schedule

__all__ = ["SAMPLERS", "Practice", "SamplerInfo", "find_sampler", "split_sampler"]


def find_sampler(name: str) -> SamplerInfo:
    """Return the sampler a name or alias means, whatever its case, spaces and underscores.

    Raises:
        UnknownNameError: no sampler is called that; carries the nearest name.
    """
    info = _BY_NAME.get(_folded(name))
    if info is None:
        raise UnknownNameError(
            "sampler", name, [each.name for each in SAMPLERS], see="irodori samplers"
        )
    return info


def split_sampler(name: str) -> tuple[SamplerInfo, Schedule | None]:
    """Return the sampler and schedule of a combined name such as `DPM++ 2M Karras`.

    The longest schedule name at the end wins, so `Euler SGM Uniform` is Euler with SGM Uniform
    (upstream reads `Euler SGM` and gives up; compat 4.2). The schedule is None where the name
    has none.

    Raises:
        UnknownNameError: what is left after the schedule is no sampler.
    """
    whole = _BY_NAME.get(_folded(name))
    if whole is not None:
        return whole, None
    words = name.split()
    for first in range(1, len(words)):  # the longest ending first
        sampler = _BY_NAME.get(_folded(" ".join(words[:first])))
        schedule = _SCHEDULES.get(_folded(" ".join(words[first:])))
        if sampler is not None and schedule is not None:
            return sampler, schedule
    return find_sampler(_without_schedule(words)), None


def _without_schedule(words: list[str]) -> str:
    """Return the words before the longest schedule name, so that the error names the sampler."""
    for first in range(1, len(words)):
        if _folded(" ".join(words[first:])) in _SCHEDULES:
            return " ".join(words[:first])
    return " ".join(words)


def _folded(name: str) -> str:
    spelt = name.casefold().replace("++", "pp")
    return "".join(character for character in spelt if character.isalnum())


_BY_NAME: Final[Mapping[str, SamplerInfo]] = MappingProxyType(
    {
        _folded(name): info
        for info in SAMPLERS
        for name in (info.name, *info.aliases, *info.diffusers)
    }
)
_SCHEDULES: Final[Mapping[str, Schedule]] = MappingProxyType(
    {_folded(name): info.schedule for info in SCHEDULES for name in (info.name, *info.aliases)}
)
