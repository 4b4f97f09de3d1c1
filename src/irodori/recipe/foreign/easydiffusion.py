"""Easy Diffusion: one PNG text for each setting, or the same as JSON in EXIF's UserComment.

Source: pictures of Easy Diffusion 2.5 to 3.0 (2023-2024).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.recipe.foreign.sheet import Sheet, plain
from irodori.recipe.infotext.origin import Source

_KEYS: Final = MappingProxyType(
    {
        "num_inference_steps": "Steps",
        "steps": "Steps",
        "sampler_name": "Sampler",
        "sampler": "Sampler",
        "scheduler_name": "Schedule type",
        "guidance_scale": "CFG scale",
        "seed": "Seed",
        "prompt_strength": "Denoising strength",
    }
)
_SIGN: Final = frozenset({"use_stable_diffusion_model", "stable_diffusion_model"})


def read_easydiffusion(values: Mapping[str, Any]) -> Sheet | None:
    """Return what Easy Diffusion wrote, or None where the texts are not its."""
    folded = {key.casefold().replace(" ", "_"): value for key, value in values.items()}
    if "prompt" not in folded or not _SIGN & folded.keys():
        return None
    sheet = Sheet(source=Source.EASYDIFFUSION)
    sheet.prompt = plain(folded.get("prompt"))
    sheet.negative_prompt = plain(folded.get("negative_prompt"))
    for theirs, ours in _KEYS.items():
        sheet.put(ours, folded.get(theirs))
    sheet.put_size(_number(folded.get("width")), _number(folded.get("height")))
    for key in sorted(_SIGN):
        sheet.put("Model", plain(folded.get(key)))
    if plain(folded.get("clip_skip")) in ("True", "true"):
        sheet.put("Clip skip", "2")
    names = plain(folded.get("use_lora_model")).split(",")
    weights = plain(folded.get("lora_alpha")).split(",")
    for index, name in enumerate(names):
        sheet.add_lora(name.strip(), weights[index].strip() if index < len(weights) else "1")
    return sheet


def _number(value: object) -> str:
    return plain(value).removesuffix(".0")
