"""Draw Things: JSON in XMP's `exif:UserComment`, or in EXIF itself.

Source: pictures of Draw Things 1.2023 to 1.2025.
"""

import html
import re
from types import MappingProxyType
from typing import Final

from irodori.recipe.foreign.sheet import Sheet, listing, mapping, plain
from irodori.recipe.infotext.origin import Source

_COMMENT: Final = re.compile(
    r"<exif:UserComment\b[^>]*>(?:\s*<rdf:Alt>\s*<rdf:li[^>]*>)?([^<]*)<", re.DOTALL
)

_ENDINGS: Final = (
    (" Karras", "Karras"),
    (" AYS", "Align Your Steps"),
    (" Trailing", "SGM Uniform"),
    (" Substep", ""),
)
_SPELT: Final = MappingProxyType({"Euler Ancestral": "Euler a", "Euler A": "Euler a"})


def xmp_comment(xmp: str) -> str:
    """Return the text of XMP's UserComment, or ""."""
    match = _COMMENT.search(xmp)
    return html.unescape(match[1]).strip() if match else ""


def read_drawthings(data: object) -> Sheet | None:
    """Return what Draw Things wrote, or None where the JSON is not its."""
    values = mapping(data)
    if not ("c" in values and "scale" in values and "sampler" in values):
        return None
    sheet = Sheet(source=Source.DRAWTHINGS)
    sheet.prompt = plain(values.get("c"))
    sheet.negative_prompt = plain(values.get("uc"))
    sheet.put("Steps", values.get("steps"))
    sheet.put("Sampler", values.get("sampler"))
    sheet.translated |= _sampler(plain(values.get("sampler")))
    sheet.put("CFG scale", values.get("scale"))
    sheet.put("Seed", values.get("seed"))
    sheet.put("Size", values.get("size"))
    sheet.put("Model", plain(values.get("model")))
    sheet.put("Seed mode", values.get("seed_mode"))
    strength = values.get("strength")
    if isinstance(strength, int | float) and strength < 1:
        sheet.put("Denoising strength", strength)
    for row in map(mapping, listing(values.get("lora"))):
        sheet.add_lora(row.get("model"), row.get("weight"))
    sheet.warnings.append("Draw Things draws its noise on its own generator; the picture differs")
    return sheet


def _sampler(name: str) -> dict[str, str]:
    """Return A1111's sampler and schedule for `DPM++ 2M Karras`, `Euler A AYS` ..."""
    meaning = {}
    for ending, schedule in _ENDINGS:
        if name.endswith(ending):
            name = name.removesuffix(ending)
            if schedule:
                meaning["Schedule type"] = schedule
            break
    return {**meaning, "Sampler": _SPELT.get(name, name)} if name else {}
