"""Recipes: what decides a picture, how it is resolved, written into pictures and read back.

The modules behind these names are imported when one is first asked for, so that what needs a
single enumeration, as the configuration does, starts without all of them.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from irodori.recipe.codec import from_json, from_mapping, to_json, to_mapping
    from irodori.recipe.parts import (
        Approximation,
        Base,
        Compat,
        FileIdentity,
        Guidance,
        Model,
        Network,
        Noise,
        Numerics,
        SamplerOption,
        SigmaOverrides,
    )
    from irodori.recipe.passes import (
        Detailer,
        Hires,
        Img2Img,
        Inpaint,
        Overrides,
        Refiner,
        SoftInpainting,
        SourcePicture,
        Upscale,
    )
    from irodori.recipe.recipe import Recipe, Settings

__all__ = [
    "Approximation",
    "Base",
    "Compat",
    "Detailer",
    "FileIdentity",
    "Guidance",
    "Hires",
    "Img2Img",
    "Inpaint",
    "Model",
    "Network",
    "Noise",
    "Numerics",
    "Overrides",
    "Recipe",
    "Refiner",
    "SamplerOption",
    "Settings",
    "SigmaOverrides",
    "SoftInpainting",
    "SourcePicture",
    "Upscale",
    "from_json",
    "from_mapping",
    "to_json",
    "to_mapping",
]

_ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "codec": ("from_json", "from_mapping", "to_json", "to_mapping"),
        "recipe": ("Recipe", "Settings"),
        "passes": (
            "Detailer", "Hires", "Img2Img", "Inpaint", "Overrides", "Refiner", "SoftInpainting",
            "SourcePicture", "Upscale",
        ),
    }
)  # fmt: skip
"""Modules by the names they have; all others are in `parts`."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _ELSEWHERE.items() if name in names), "parts")
    return getattr(import_module(f"{__name__}.{home}"), name)
