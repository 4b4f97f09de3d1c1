"""Vendor quirks: keys and values that mean one of ours under another name, each with its origin.

Reading only. `Infotext.parameters` stays as written; these act on the way to a recipe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One key of another program that means one of ours.

    Args:
        found: the key as that program writes it.
        means: our key.
        origin: who writes it, and when it was seen.
    """

    found: str
    means: str
    origin: str


ALIASES: Final = (
    Alias(found="Hires CFG scale", means="Hires CFG Scale", origin="A1111 extensions, 2023"),
    Alias(found="Hires schedule", means="Hires schedule type", origin="A1111 1.9 previews, 2024"),
    Alias(found="Hires scheduler", means="Hires schedule type", origin="Forge API users, 2024"),
    Alias(found="Scheduler", means="Schedule type", origin="ComfyUI metadata nodes, 2024"),
    Alias(found="Schedule", means="Schedule type", origin="SD.Next, 2024"),
    Alias(found="Sampling method", means="Sampler", origin="Easy Diffusion texts, 2023"),
    Alias(found="CFG", means="CFG scale", origin="hand-written notes"),
    Alias(found="Cfg scale", means="CFG scale", origin="hand-written notes"),
    Alias(found="Guidance Scale", means="CFG scale", origin="Fooocus log, 2023"),
    Alias(found="Resolution", means="Size", origin="Fooocus log, 2023"),
    Alias(found="Base Model", means="Model", origin="Fooocus log, 2023"),
    Alias(found="Base Model Hash", means="Model hash", origin="Fooocus a1111 scheme, 2024"),
    Alias(found="CLIP Skip", means="Clip skip", origin="Fooocus log, 2024"),
    Alias(found="Eta noise seed delta", means="ENSD", origin="A1111 before 1.0"),
    Alias(found="Hires sampling method", means="Hires sampler", origin="A1111 1.6 previews, 2023"),
    Alias(found="Subseed", means="Variation seed", origin="SD.Next API, 2024"),
    Alias(found="Subseed strength", means="Variation seed strength", origin="SD.Next API, 2024"),
    Alias(found="CFG Rescale φ", means="CFG Rescale phi", origin="CFG rescale extension, 2023"),
    Alias(found="CFG rescale", means="CFG Rescale phi", origin="SD.Next, 2024"),
    Alias(found="Module 1", means="VAE", origin="Forge, 2024"),
    Alias(found="Vae", means="VAE", origin="Civitai generator, 2024"),
    Alias(found="Denoise strength", means="Denoising strength", origin="hand-written notes"),
    Alias(found="Denoising", means="Denoising strength", origin="hand-written notes"),
    Alias(found="Hires Upscaler", means="Hires upscaler", origin="hand-written notes"),
    Alias(found="Use old karras scheduler sigmas", means="Old Karras sigmas", origin="A1111, 2023"),
)

_FOLDED: Final = {alias.found.casefold(): alias.means for alias in ALIASES}

SAME: Final = frozenset({"use same sampler", "use same scheduler", "use same checkpoint", ""})
"""What A1111 and ADetailer write where a pass keeps the base's choice."""


def canonical(parameters: Mapping[str, str], known: Mapping[str, str]) -> Mapping[str, str]:
    """Return parameters under our keys; keys that mean nothing to us keep their name.

    Args:
        parameters: as written.
        known: our keys by their casefolded form.
    """
    result: dict[str, str] = {}
    for key, value in parameters.items():
        folded = key.casefold()
        name = known.get(folded) or _FOLDED.get(folded) or key
        if name not in result or name == key:
            result[name] = value
    return MappingProxyType(result)
