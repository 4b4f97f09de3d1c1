"""NovelAI: JSON in the PNG text `Comment` (or hidden in the alpha channel, see `stealth`).

Source: pictures of NovelAI Diffusion V1 to V4.5 (2022-2025); compat 9.5.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import PictureFileError
from irodori.recipe.foreign.sheet import Sheet, listing, mapping, plain
from irodori.recipe.infotext.origin import Source
from irodori.recipe.picture.limits import load_json

_SAMPLERS: Final = MappingProxyType(
    {
        "k_euler_ancestral": "Euler a",
        "k_euler": "Euler",
        "k_dpmpp_2m": "DPM++ 2M",
        "k_dpmpp_2m_sde": "DPM++ 2M SDE",
        "k_dpmpp_2s_ancestral": "DPM++ 2S a",
        "k_dpmpp_sde": "DPM++ SDE",
        "k_dpm_2": "DPM2",
        "k_dpm_2_ancestral": "DPM2 a",
        "k_dpm_fast": "DPM fast",
        "k_heun": "Heun",
        "k_lms": "LMS",
        "ddim_v3": "DDIM",
    }
)
_PICTURE_REQUESTS: Final = ("Img2ImgRequest", "NativeInfillingRequest")
_SOURCE: Final = re.compile(r"(.*?)(?: ([0-9A-F]{8}))?")
_IMPLIED: Final = MappingProxyType(
    {"Compat flags": "none", "Clip skip": "2", "ENSD": "31337", "RNG": "CPU"}
)


def read_novelai(texts: Mapping[str, str]) -> Sheet | None:
    """Return what NovelAI wrote, or None where the texts are not its.

    Args:
        texts: `Software`, `Source`, `Description`, `Comment` as in its PNGs.
    """
    if not (
        texts.get("Software", "").startswith("NovelAI")
        or texts.get("Source", "").startswith("NovelAI")
    ):
        return None
    sheet = Sheet(source=Source.NOVELAI, prompt=texts.get("Description", ""), implied=_IMPLIED)
    source = _SOURCE.fullmatch(texts.get("Source", ""))
    if source:
        sheet.put("Model", source[1])
        sheet.put("Model hash", (source[2] or "").lower())
    try:
        comment = mapping(load_json(texts.get("Comment", ""), "NovelAI's comment"))
    except PictureFileError:
        raise
    except ValueError as error:
        sheet.warnings.append(f"NovelAI's comment is no JSON: {error}")
        return sheet
    _read_comment(comment, sheet)
    return sheet


def _read_comment(comment: Mapping[str, Any], sheet: Sheet) -> None:
    sheet.prompt = plain(comment.get("prompt")) or sheet.prompt
    sheet.negative_prompt = plain(comment.get("uc"))
    people = _caption(comment, "v4_prompt", sheet, negative=False)
    _caption(comment, "v4_negative_prompt", sheet, negative=True)
    sheet.put("Steps", comment.get("steps"))
    sampler = plain(comment.get("sampler"))
    sheet.put("Sampler", sampler)
    sheet.translated["Sampler"] = _SAMPLERS.get(sampler, sampler)
    schedule = plain(comment.get("noise_schedule"))
    sheet.put("Schedule type", schedule)
    if schedule == "native":
        sheet.translated["Schedule type"] = "Uniform"
    sheet.put("CFG scale", comment.get("scale"))
    sheet.put("Seed", comment.get("seed"))
    sheet.put_size(comment.get("width"), comment.get("height"))
    if comment.get("cfg_rescale"):
        sheet.put("CFG Rescale phi", comment.get("cfg_rescale"))
    # Older pictures state a strength without having used one; the kind of request decides.
    drawn_from_a_picture = plain(comment.get("request_type")) in _PICTURE_REQUESTS
    sheet.put("Denoising strength" if drawn_from_a_picture else "Strength", comment.get("strength"))
    if comment.get("sm"):
        sheet.warnings.append("NovelAI drew it with SMEA, which Irodori does not have")
    if people:
        sheet.warnings.append(
            "NovelAI gave each character a prompt and a place; they follow the prompt after BREAK"
        )
    if any(mark in sheet.prompt + sheet.negative_prompt for mark in ("{", "::")):
        sheet.warnings.append(
            "the prompt uses NovelAI's weights ({tag}, 1.2::tag::); convert it before drawing "
            "(irodori convert --from novelai)"
        )


def _caption(comment: Mapping[str, Any], key: str, sheet: Sheet, *, negative: bool) -> int:
    """Take V4's structured prompt: a base caption and one for each character."""
    caption = mapping(mapping(comment.get(key)).get("caption"))
    if not caption:
        return 0
    people = [
        plain(mapping(person).get("char_caption"))
        for person in listing(caption.get("char_captions"))
    ]
    people = [text for text in people if text]
    text = " BREAK ".join([plain(caption.get("base_caption")), *people])
    if negative:
        sheet.negative_prompt = text or sheet.negative_prompt
    else:
        sheet.prompt = text or sheet.prompt
    return len(people)
