"""The practice's ways of working as layers of a recipe, and its quality tags as presets.

A preset says only what it is about: the model's profile keeps its sizes and its guidance.
Steps and pairs of sampler and schedule are practice P1, P16-P18, one community's experience.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from irodori.errors import UnknownNameError
from irodori.recipe.resolve import Layer

T = TypeVar("T")

FACE: Final = "face"
"""The detector of the presets: the best for faces that is here, else the one that is shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A way of working.

    Args:
        name: what `--preset` takes.
        summary: one line for people.
        layer: what it sets, see `resolve`.
        note: what else must be true for it to work, or "".
        source: the practice section.
    """

    name: str
    summary: str
    layer: Layer
    note: str = ""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPreset:
    """Quality tags to put around the prompts (practice P3).

    Args:
        name: what `--quality` takes.
        positive: put after the prompt.
        negative: put after the negative prompt.
        note: what it costs.
    """

    name: str
    positive: str
    negative: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What suits a family of models, where its card does not say.

    Args:
        name: what `--profile` takes.
        summary: one line for people.
        layer: what it sets.
    """

    name: str
    summary: str
    layer: Layer


def _base(sampler: str, schedule: str, steps: int, **more: Any) -> Layer:
    return MappingProxyType(
        {"base": {"sampler": sampler, "schedule": schedule, "steps": steps, **more}}
    )


def _final(scale: float, steps: int, denoise: float) -> Layer:
    return MappingProxyType(
        {
            "hires": {
                "upscaler": "R-ESRGAN 4x+ Anime6B",
                "scale": scale,
                "steps": steps,
                "denoise": denoise,
            },
            "detailers": [{"model": FACE}],
        }
    )


PRESETS: Final = (
    Preset(
        name="draft",
        summary="11 steps on Align Your Steps, no second pass: look, change tags, draw again",
        layer=MappingProxyType(
            {
                **_base("DPM++ 2M", "Align Your Steps", 11),
                "hires": None,
                "refiner": None,
                "detailers": [],
            }
        ),
        note="merges hands in crowded pictures",
        source="P16, P20",
    ),
    Preset(
        name="standard",
        summary="DPM++ 2M Karras, 28 steps, face detailer",
        layer=MappingProxyType({**_base("DPM++ 2M", "Karras", 28), "detailers": [{"model": FACE}]}),
        source="P1",
    ),
    Preset(
        name="final",
        summary="the second pass at 1.5 with Anime6B, and the face detailer",
        layer=_final(1.5, 20, 0.4),
        source="P1, P20",
    ),
    Preset(
        name="final-large",
        summary="the second pass at 1.65, 22 steps, denoise 0.39, and the face detailer",
        layer=_final(1.65, 22, 0.39),
        source="P1, P20",
    ),
    Preset(
        name="deis40",
        summary="DEIS on SGM Uniform, 40 steps: the most stable",
        layer=_base("DEIS", "SGM Uniform", 40),
        source="P16",
    ),
    Preset(
        name="ipndm60",
        summary="IPNDM on Normal, 60 steps: fewer artifacts than DPM++ 3M SDE",
        layer=_base("IPNDM", "Normal", 60),
        source="P16",
    ),
    Preset(
        name="ipndm-v40",
        summary="IPNDM_V on Karras, 40 steps",
        layer=_base("IPNDM_V", "Karras", 40),
        note="breaks above 40 steps",
        source="P16",
    ),
    Preset(
        name="sde60",
        summary="DPM++ 3M SDE on Exponential, 60 steps",
        layer=_base("DPM++ 3M SDE", "Exponential", 60),
        source="P16",
    ),
    Preset(
        name="euler28",
        summary="Euler a on Normal, 28 steps",
        layer=_base("Euler a", "Normal", 28),
        source="P16",
    ),
    Preset(
        name="lcm5",
        summary="LCM on SGM Uniform, 5 steps at CFG 1.5",
        layer=_base("LCM", "SGM Uniform", 5, cfg_scale=1.5),
        note="needs the LCM LoRA at weight 1 in the prompt",
        source="P16",
    ),
    Preset(
        name="v-pred",
        summary="DPM++ 2M on SGM Uniform, 28 steps: works on v-prediction models",
        layer=_base("DPM++ 2M", "SGM Uniform", 28),
        note="avoid dark, day and other lighting tags: over-exposure",
        source="P18",
    ),
    Preset(
        name="v-pred-deis40",
        summary="DEIS on SGM Uniform, 40 steps, for v-prediction models",
        layer=_base("DEIS", "SGM Uniform", 40),
        note="avoid dark, day and other lighting tags: over-exposure",
        source="P18",
    ),
)

QUALITY: Final = (
    QualityPreset(
        name="none",
        positive="",
        negative="",
        note="the prompt as it is",
    ),
    QualityPreset(
        name="baseline",
        positive="",
        negative="bad quality, worst quality, worst detail",
        note="practice P1: negative tags are cheap, positive ones cost style",
    ),
    QualityPreset(
        name="lean",
        positive="",
        negative="worst quality, worst detail, bad quality, simple background, sketch, censor",
        note="'simple background' there rules out white and grey backgrounds; "
        "'sketch' kills some styles",
    ),
    QualityPreset(
        name="standard",
        positive="masterpiece, best quality, amazing quality",
        negative="bad quality, worst quality, worst detail, sketch, censor",
        note="the positive tags pull in old pictures of unknown style and spend tokens",
    ),
    QualityPreset(
        name="catch-all",
        positive="masterpiece, best quality, amazing quality, very aesthetic, absurdres, newest",
        negative="lowres, bad anatomy, bad hands, extra digits, jpeg artifacts, signature, "
        "watermark, username, old, oldest, chibi, sketch, censor, bad quality, worst quality, "
        "worst detail",
        note="advised against: overwhelming; signature and watermark cut away a huge part of "
        "what the model has seen",
    ),
)

PROFILES: Final = (
    Profile(
        name="illustrious-0.1",
        summary="Illustrious 0.1 and its merges: 832x1216, CFG 5",
        layer=MappingProxyType({"base": {"width": 832, "height": 1216, "cfg_scale": 5.0}}),
    ),
    Profile(
        name="illustrious-1",
        summary="Illustrious 1.0 and 1.1: 1024x1536, CFG 5",
        layer=MappingProxyType({"base": {"width": 1024, "height": 1536, "cfg_scale": 5.0}}),
    ),
    Profile(
        name="v-prediction",
        summary="v-prediction models with zero terminal SNR, whatever their file says",
        layer=MappingProxyType(
            {
                "model": {"prediction": "v", "noise_schedule": "Zero Terminal SNR"},
                "base": {"sampler": "DPM++ 2M", "schedule": "SGM Uniform"},
            }
        ),
    ),
)


def find_preset(name: str) -> Preset:
    """Return the preset of a name.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    return _found("preset", name, {preset.name: preset for preset in PRESETS})


def find_quality(name: str) -> QualityPreset:
    """Return the quality preset of a name; raises as `find_preset`."""
    return _found("quality preset", name, {preset.name: preset for preset in QUALITY})


def find_profile(name: str) -> Profile:
    """Return the profile of a name; raises as `find_preset`."""
    return _found("profile", name, {profile.name: profile for profile in PROFILES})


def _found(kind: str, name: str, known: Mapping[str, T]) -> T:
    try:
        return known[name.casefold()]
    except KeyError:
        raise UnknownNameError(kind, name, list(known), see="irodori recipe presets") from None


def with_quality(prompt: str, negative_prompt: str, preset: QualityPreset) -> tuple[str, str]:
    """Return both prompts with the preset's tags after them (practice P2 puts them last)."""
    return _joined(prompt, preset.positive), _joined(negative_prompt, preset.negative)


def _joined(text: str, tags: str) -> str:
    text = text.rstrip().rstrip(",").rstrip() if tags else text
    return ", ".join(part for part in (text, tags) if part)
