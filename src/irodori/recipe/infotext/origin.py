"""Which program an infotext is from, and what leaving a key out meant there."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from irodori.recipe.compat import Tool, compat_of, tool_of_version
from irodori.recipe.infotext.composite import COMPAT_FLAGS


class Source(StrEnum):
    """The programs whose pictures are read."""

    IRODORI = "irodori"
    A1111 = "a1111"
    FORGE = "forge"
    REFORGE = "reforge"
    SDNEXT = "sdnext"
    CIVITAI = "civitai"
    COMFYUI = "comfyui"
    SWARMUI = "swarmui"
    NOVELAI = "novelai"
    INVOKEAI = "invokeai"
    FOOOCUS = "fooocus"
    DRAWTHINGS = "drawthings"
    EASYDIFFUSION = "easydiffusion"
    UNKNOWN = "unknown"


_SOURCE_OF_TOOL: Final = {
    Tool.IRODORI: Source.IRODORI,
    Tool.A1111: Source.A1111,
    Tool.FORGE: Source.FORGE,
    Tool.REFORGE: Source.REFORGE,
}


def source_of(parameters: Mapping[str, str]) -> Source:
    """Return the program that wrote an infotext's parameters.

    A1111 stands for every descendant that does not say its name.
    """
    app = parameters.get("App", "").casefold()
    version = parameters.get("Version", "")
    if "sd.next" in app or "sdnext" in app or ("Backend" in parameters and "Parser" in parameters):
        return Source.SDNEXT
    if re.fullmatch(r"fooocus.*", version.casefold()):
        return Source.FOOOCUS
    if "Civitai resources" in parameters and not version:
        return Source.CIVITAI
    if version.casefold() == "comfyui":
        return Source.COMFYUI
    return _SOURCE_OF_TOOL[tool_of_version(version)]


def implied_by(version: str) -> Mapping[str, str]:
    """Return the values that certain missing keys had in the program of this version.

    Args:
        version: the infotext's `Version`, or "" where it has none.

    Source: compat 9.4 (A1111's own back-compatibility by version), 7.4.
    """
    tool = tool_of_version(version)
    implied = {"Compat flags": COMPAT_FLAGS.write(compat_of(tool)) or ""}
    if tool is Tool.FORGE or tool is Tool.REFORGE:
        implied["Refiner switch by sampling steps"] = "True"
    release = _a1111_release(version)
    if release is not None:
        implied |= _old_a1111(release)
    return implied


def _old_a1111(release: tuple[int, ...]) -> dict[str, str]:
    implied = {}
    if release < (1, 6, 0):
        implied["Old prompt editing timelines"] = "True"
    if release < (1, 7, 0):
        implied["Downcast alphas_cumprod"] = "True"
    if release < (1, 8, 0):
        implied["Refiner switch by sampling steps"] = "True"
    return implied


def _a1111_release(version: str) -> tuple[int, ...] | None:
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", version.strip())
    return tuple(map(int, match.groups())) if match else None
