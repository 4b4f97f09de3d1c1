"""SwarmUI: JSON under `sui_image_params`, in the PNG text `parameters` or EXIF's UserComment.

Source: pictures of SwarmUI 0.6 to 0.9 (2024-2025).
"""

from collections.abc import Mapping
from typing import Any

from irodori.recipe.foreign.sheet import Sheet, listing, mapping, plain
from irodori.recipe.infotext.origin import Source

_PLAIN = {
    "steps": "Steps",
    "cfgscale": "CFG scale",
    "seed": "Seed",
    "sampler": "Sampler",
    "scheduler": "Schedule type",
    "variationseed": "Variation seed",
    "variationseedstrength": "Variation seed strength",
    "swarm_version": "SwarmUI version",
}


def read_swarmui(data: object) -> Sheet | None:
    """Return what SwarmUI wrote, or None where the JSON is not its."""
    whole = mapping(data)
    params = mapping(whole.get("sui_image_params"))
    if not params:
        return None
    sheet = Sheet(source=Source.SWARMUI)
    sheet.prompt = plain(params.get("prompt"))
    sheet.negative_prompt = plain(params.get("negativeprompt"))
    for theirs, ours in _PLAIN.items():
        sheet.put(ours, params.get(theirs))
    sheet.put_size(params.get("width"), params.get("height"))
    sheet.put("Model", plain(params.get("model")))
    vae = plain(params.get("vae"))
    if vae not in ("", "None", "Automatic"):
        sheet.put("VAE", vae)
    layer = plain(params.get("clipstopatlayer"))
    if layer.startswith("-"):
        sheet.put("Clip skip", layer[1:])
    if params.get("initimagecreativity") is not None:
        sheet.put("Denoising strength", params.get("initimagecreativity"))
    _read_hashes(whole, sheet)
    _read_loras(params, sheet)
    _read_refiner(params, sheet)
    if "<" in sheet.prompt:
        sheet.warnings.append(
            "the prompt uses SwarmUI's syntax; convert it before drawing "
            "(irodori convert --from swarmui)"
        )
    return sheet


def _read_hashes(whole: Mapping[str, Any], sheet: Sheet) -> None:
    for row in map(mapping, listing(whole.get("sui_models"))):
        digest = plain(row.get("hash")).removeprefix("0x")
        if plain(row.get("param")) == "model" and digest:
            sheet.put("Model hash", digest[:10])


def _read_loras(params: Mapping[str, Any], sheet: Sheet) -> None:
    names, weights = _values(params.get("loras")), _values(params.get("loraweights"))
    for index, name in enumerate(names):
        sheet.add_lora(name, weights[index] if index < len(weights) else 1)


def _values(value: object) -> list[str]:
    """Return a list that is written as JSON or, in older versions, with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [plain(item) for item in listing(value)]


def _read_refiner(params: Mapping[str, Any], sheet: Sheet) -> None:
    upscale = params.get("refinerupscale")
    if upscale is not None and plain(upscale) != "1":
        sheet.put("Hires upscale", upscale)
        sheet.put("Denoising strength", params.get("refinercontrolpercentage"))
        method = plain(params.get("refinerupscalemethod"))
        sheet.put("Hires upscaler", method.removeprefix("model-").removeprefix("latent-"))
        sheet.put("Hires steps", params.get("refinersteps"))
    elif params.get("refinermodel") is not None:
        sheet.put("Refiner", plain(params.get("refinermodel")))
        share = params.get("refinercontrolpercentage")
        if isinstance(share, int | float):
            sheet.put("Refiner switch at", round(1 - share, 6))
