"""Recipes: what decides a picture, how it is resolved, written into pictures and read back."""

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
