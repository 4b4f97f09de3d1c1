"""Fooocus: its own JSON in `parameters` (scheme `fooocus`); its A1111 scheme is read as infotext.

Source: pictures of Fooocus 2.2 to 2.5 (2024).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.recipe.foreign.sheet import Sheet, listing, mapping, plain
from irodori.recipe.infotext.origin import Source

_PLAIN: Final = MappingProxyType(
    {
        "steps": "Steps",
        "sampler": "Sampler",
        "scheduler": "Schedule type",
        "guidance_scale": "CFG scale",
        "seed": "Seed",
        "base_model": "Model",
        "base_model_hash": "Model hash",
        "clip_skip": "Clip skip",
        "performance": "Performance",
        "styles": "Styles",
        "sharpness": "Sharpness",
        "adm_guidance": "ADM guidance",
        "version": "Version",
    }
)
_IMPLIED: Final = MappingProxyType({"Compat flags": "none", "Clip skip": "2", "RNG": "CPU"})
_LORA: Final = re.compile(r"(.+?)\s*:\s*(-?[\d.]+)\s*")


def read_fooocus(data: object) -> Sheet | None:
    """Return what Fooocus wrote, or None where the JSON is not its."""
    values = mapping(data)
    if not ("base_model" in values and "prompt" in values):
        values = {key.casefold().replace(" ", "_"): value for key, value in values.items()}
        if not ("base_model" in values and "prompt" in values):
            return None
    sheet = Sheet(source=Source.FOOOCUS, implied=_IMPLIED)
    sheet.prompt = plain(values.get("prompt"))
    sheet.negative_prompt = plain(values.get("negative_prompt"))
    for theirs, ours in _PLAIN.items():
        sheet.put(ours, values.get(theirs))
    sides = re.findall(r"\d+", plain(values.get("resolution")))
    if len(sides) == 2:
        sheet.put_size(*sides)
    vae = plain(values.get("vae"))
    if vae and not vae.startswith("Default"):
        sheet.put("VAE", vae)
    _read_loras(values, sheet)
    _read_refiner(values, sheet)
    _warn(values, sheet)
    return sheet


def _read_loras(values: Mapping[str, Any], sheet: Sheet) -> None:
    for row in listing(values.get("loras")):
        if isinstance(row, list) and len(row) >= 2:
            sheet.add_lora(row[0], row[1])
    for key, value in values.items():
        match = _LORA.fullmatch(plain(value)) if key.startswith("lora_combined_") else None
        if match:
            sheet.add_lora(match[1], match[2])


def _read_refiner(values: Mapping[str, Any], sheet: Sheet) -> None:
    refiner = plain(values.get("refiner_model"))
    if refiner not in ("", "None"):
        sheet.put("Refiner", refiner)
        sheet.put("Refiner switch at", values.get("refiner_switch"))


def _warn(values: Mapping[str, Any], sheet: Sheet) -> None:
    if len(listing(values.get("full_prompt"))) > 1 or values.get("prompt_expansion"):
        sheet.warnings.append(
            "Fooocus expanded the prompt with styles before drawing; the expansion is not in "
            "the prompt"
        )
    if plain(values.get("sharpness")) not in ("", "0"):
        sheet.warnings.append("Fooocus sharpened while sampling; Irodori does not")
