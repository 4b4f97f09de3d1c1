"""InvokeAI: JSON in `invokeai_metadata` (3 and later), `sd-metadata` (2), a command in `Dream` (1).

Source: pictures of InvokeAI 2.2 to 5 (2022-2025).
"""

import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import PictureFileError
from irodori.recipe.foreign.sheet import Sheet, listing, mapping, plain
from irodori.recipe.infotext.origin import Source
from irodori.recipe.picture.limits import load_json

_SAMPLERS: Final = MappingProxyType(
    {
        "euler_a": "Euler a",
        "kdpm_2": "DPM2",
        "kdpm_2_a": "DPM2 a",
        "dpmpp_2s": "DPM++ 2S a",
        "pndm": "PLMS",
        "dpm_2": "DPM2",
        "dpm_2_a": "DPM2 a",
        "unipc": "UniPC",
        "ddim": "DDIM",
        "plms": "PLMS",
    }
)
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")
_FLAGS: Final = MappingProxyType(
    {
        "-s": "Steps",
        "-S": "Seed",
        "-W": "width",
        "-H": "height",
        "-C": "CFG scale",
        "-A": "Sampler",
        "-f": "Denoising strength",
    }
)


def read_invokeai(texts: Mapping[str, str]) -> Sheet | None:
    """Return what InvokeAI wrote, or None where the texts are not its.

    Args:
        texts: PNG texts by keyword.
    """
    for keyword, read in (
        ("invokeai_metadata", _read_metadata),
        ("sd-metadata", _read_old),
    ):
        if keyword in texts:
            sheet = Sheet(source=Source.INVOKEAI)
            try:
                read(mapping(load_json(texts[keyword], keyword)), sheet)
            except PictureFileError:
                raise
            except ValueError as error:
                sheet.warnings.append(f"{keyword} is no JSON: {error}")
            return sheet
    if "Dream" in texts:
        sheet = Sheet(source=Source.INVOKEAI)
        _read_command(texts["Dream"], sheet)
        return sheet
    return None


def _read_metadata(data: Mapping[str, Any], sheet: Sheet) -> None:
    sheet.prompt = plain(data.get("positive_prompt"))
    sheet.negative_prompt = plain(data.get("negative_prompt"))
    sheet.put("Steps", data.get("steps"))
    _put_sampler(sheet, plain(data.get("scheduler")))
    sheet.put("CFG scale", data.get("cfg_scale"))
    sheet.put("Seed", data.get("seed"))
    sheet.put_size(data.get("width"), data.get("height"))
    sheet.put("Model", _model_name(data.get("model")))
    sheet.put("VAE", _model_name(data.get("vae")))
    if data.get("clip_skip"):
        sheet.put("Clip skip", data.get("clip_skip"))
    if plain(data.get("rand_device")) in ("cuda", "mps"):
        sheet.put("RNG", "GPU")
    if data.get("cfg_rescale_multiplier"):
        sheet.put("CFG Rescale phi", data.get("cfg_rescale_multiplier"))
    for row in map(mapping, listing(data.get("loras"))):
        sheet.add_lora(_model_name(row.get("model") or row.get("lora")), row.get("weight"))
    _read_passes(data, sheet)
    style = plain(data.get("positive_style_prompt"))
    if style and style != sheet.prompt:
        sheet.warnings.append(f"a style prompt goes to the second text encoder: {style[:120]!r}")
    for key, name in (("ipAdapters", "IP adapters"), ("controlnets", "ControlNets")):
        if listing(data.get(key)):
            sheet.warnings.append(f"InvokeAI drew it with {name}, which Irodori does not have")
    _warn_of_weights(sheet)


def _read_passes(data: Mapping[str, Any], sheet: Sheet) -> None:
    if data.get("hrf_enabled"):
        sheet.put("Denoising strength", data.get("hrf_strength"))
        sheet.put("Hires upscaler", data.get("hrf_method") or "Lanczos")
    elif data.get("strength") is not None and "img2img" in plain(data.get("generation_mode")):
        sheet.put("Denoising strength", data.get("strength"))
        sheet.put("Init image", data.get("init_image"))
    refiner = _model_name(data.get("refiner_model"))
    if refiner:
        sheet.put("Refiner", refiner)
        sheet.put("Refiner switch at", data.get("refiner_start"))


def _model_name(value: object) -> str:
    """Return a model's name from any of InvokeAI's ways to write one."""
    row = mapping(value)
    return plain(row.get("name") or row.get("model_name")) or plain(value)


def _read_old(data: Mapping[str, Any], sheet: Sheet) -> None:
    image = mapping(data.get("image"))
    prompt = image.get("prompt")
    parts = [plain(mapping(part).get("prompt")) for part in listing(prompt)]
    _split_brackets(plain(prompt) or ", ".join(parts), sheet)
    sheet.put("Steps", image.get("steps"))
    _put_sampler(sheet, plain(image.get("sampler")))
    sheet.put("CFG scale", image.get("cfg_scale"))
    sheet.put("Seed", image.get("seed"))
    sheet.put_size(image.get("width"), image.get("height"))
    sheet.put("Model", data.get("model_weights"))
    sheet.put("Model hash", plain(data.get("model_hash"))[:10])
    if plain(image.get("type")) == "img2img":
        sheet.put("Denoising strength", image.get("strength"))
    _warn_of_weights(sheet)


def _read_command(text: str, sheet: Sheet) -> None:
    try:
        words = shlex.split(text)
    except ValueError as error:
        sheet.prompt = text
        sheet.warnings.append(f"the command in Dream could not be split: {error}")
        return
    _split_brackets(words[0] if words else "", sheet)
    found: dict[str, str] = {}
    for index, word in enumerate(words[1:], start=1):
        if word in _FLAGS and index + 1 < len(words):
            found[_FLAGS[word]] = words[index + 1]
        elif word[:2] in _FLAGS and len(word) > 2:
            found[_FLAGS[word[:2]]] = word[2:]
    sheet.put_size(found.pop("width", ""), found.pop("height", ""))
    _put_sampler(sheet, found.pop("Sampler", ""))
    for key, value in found.items():
        sheet.put(key, value)
    _warn_of_weights(sheet)


def _split_brackets(prompt: str, sheet: Sheet) -> None:
    """Take out `[...]`, which was the negative prompt up to version 2."""
    sheet.negative_prompt = ", ".join(match.strip() for match in _BRACKETS.findall(prompt))
    sheet.prompt = _BRACKETS.sub("", prompt).strip().rstrip(",").rstrip()


def _put_sampler(sheet: Sheet, name: str) -> None:
    sheet.put("Sampler", name)
    bare = name.removeprefix("k_")
    if bare.endswith("_k"):
        bare = bare.removesuffix("_k")
        sheet.translated["Schedule type"] = "Karras"
    sheet.translated["Sampler"] = _SAMPLERS.get(bare, bare)


def _warn_of_weights(sheet: Sheet) -> None:
    if re.search(r"[\w)][+-]+(?:[,\s)]|$)|\)\d", sheet.prompt + " , " + sheet.negative_prompt):
        sheet.warnings.append(
            "the prompt uses InvokeAI's weights (tag+, (tag)1.2); convert it before drawing "
            "(irodori convert --from invokeai)"
        )
