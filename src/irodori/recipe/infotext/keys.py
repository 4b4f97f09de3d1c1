"""Which infotext key holds which field of a recipe, in the order A1111 and Forge write them.

One table serves both directions. A key is left out when its fields have the value that its
absence means: not Irodori's default, but what A1111's readers take (compat 9.4), so that an
infotext of another program means what it meant there. Keys that A1111 does not know are
Irodori's own and end with what A1111 would call extension keys.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from irodori.prompt.dialect import Dialect
from irodori.recipe.compat import CompatFlags
from irodori.recipe.infotext.composite import APPROXIMATIONS, COMPAT_FLAGS
from irodori.recipe.infotext.forms import (
    FLAG,
    HEX,
    INTEGER,
    INTEGERS,
    LINES,
    NOISE,
    NUMBER,
    NUMBERS,
    PAIR,
    SAMPLER,
    SCHEDULE,
    TEXT,
    TITLE,
    Form,
    choice,
    flag,
    number_text,
)
from irodori.recipe.names import (
    Emphasis,
    EmptyNegative,
    InpaintArea,
    MaskedContent,
    MaskMerge,
    NoiseKind,
    NoiseSchedule,
    PadConds,
    Prediction,
    RefinerRule,
    RefinerScope,
    ResizeMode,
    TopK,
)
from irodori.recipe.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Key:
    """One infotext key.

    Args:
        name: as it is written.
        fields: dotted paths of the fields it holds, from the recipe (or from the detailer).
        form: how their values are spelt.
        absent: the values that leaving the key out means, one per field.
        always: written even with those values.
        without: the name of a part; the key is used only for recipes that lack it.
        within: the name of a part; the key is used only for recipes that have it.
    """

    name: str
    fields: tuple[str, ...]
    form: Form
    absent: tuple[Any, ...]
    always: bool = False
    without: str = ""
    within: str = ""

    def applies(self, parts: Container[str]) -> bool:
        """Tell whether the key is used for a recipe that has these of `hires`, `img2img`."""
        return self.without not in parts and (not self.within or self.within in parts)


def _key(  # noqa: PLR0913  # a row of a table
    name: str,
    path: str,
    form: Form,
    absent: Any,
    *,
    always: bool = False,
    without: str = "",
    within: str = "",
) -> Key:
    fields = tuple(path.split())
    values = absent if len(fields) > 1 else (absent,)
    return Key(name, fields, form, values, always=always, without=without, within=within)


_OFF: Final = False
_ON: Final = True

HIRES_SCALE_ABSENT: Final = 2.0
"""A1111's own default, taken where an infotext gives neither scale nor size."""

_HIRES_SCALE: Final = Form(
    write=lambda scale, width, height: (
        None if (width or height) and scale == HIRES_SCALE_ABSENT else number_text(scale)
    ),
    read=NUMBER.read,
)

HEAD: Final = (
    _key("Steps", "base.steps", INTEGER, 28, always=True),
    _key("Sampler", "base.sampler", SAMPLER, "DPM++ 2M", always=True),
    _key("Schedule type", "base.schedule", SCHEDULE, Schedule.AUTOMATIC, always=True),
    _key("CFG scale", "base.cfg_scale", NUMBER, 7.0, always=True),
    _key("Seed", "noise.seed", INTEGER, 0, always=True),
    _key("Size", "base.width base.height", PAIR, (512, 512), always=True),
    _key("Model hash", "model.file.short_hash", HEX, ""),
    _key("Model", "model.file.name", TEXT, ""),
    _key("VAE hash", "model.vae.short_hash", HEX, ""),
    _key("VAE", "model.vae.name", TEXT, ""),
    _key("Variation seed", "noise.variation_seed", INTEGER, 0),
    _key("Variation seed strength", "noise.variation_strength", NUMBER, 0.0),
    _key("Seed resize from", "noise.resize_from_width noise.resize_from_height", PAIR, (0, 0)),
    _key("Denoising strength", "img2img.denoise", NUMBER, 0.75, always=True),
    _key("Denoising strength", "hires.denoise", NUMBER, 0.7, always=True, without="img2img"),
    _key("Conditional mask weight", "inpaint.conditional_mask_weight", NUMBER, 1.0),
    _key("Clip skip", "base.clip_skip", INTEGER, 1),
    _key("ENSD", "noise.ensd", INTEGER, 0),
    _key("Init image hash", "img2img.source.sha256", HEX, ""),
    _key("RNG", "noise.kind", NOISE, NoiseKind.DEVICE),
)

HIRES: Final = (
    _key("Hires denoising strength", "hires.denoise", NUMBER, 0.7, within="img2img"),
    _key(
        "Hires checkpoint",
        "hires.own.checkpoint.name hires.own.checkpoint.short_hash",
        TITLE,
        (None, None),
    ),
    _key("Hires checkpoint sha256", "hires.own.checkpoint.sha256", HEX, None),
    _key("Hires VAE", "hires.own.vae.name hires.own.vae.short_hash", TITLE, (None, None)),
    _key("Hires VAE sha256", "hires.own.vae.sha256", HEX, None),
    _key("Hires sampler", "hires.own.sampler", SAMPLER, None),
    _key("Hires prompt", "hires.own.prompt", TEXT, None),
    _key("Hires negative prompt", "hires.own.negative_prompt", TEXT, None),
    _key("Hires CFG Scale", "hires.own.cfg_scale", NUMBER, None),
    _key("Hires clip skip", "hires.own.clip_skip", INTEGER, None),
    _key("Hires schedule type", "hires.own.schedule", SCHEDULE, None),
    _key(
        "Hires upscale",
        "hires.scale hires.width hires.height",
        _HIRES_SCALE,
        (HIRES_SCALE_ABSENT, None, None),
        always=True,
    ),
    _key("Hires resize", "hires.width hires.height", PAIR, (0, 0)),
    _key("Hires steps", "hires.steps", INTEGER, 0),
    _key("Hires upscaler", "hires.upscaler", TEXT, "Latent", always=True),
)

IMG2IMG: Final = (
    _key("Resize mode", "img2img.resize_mode", choice(ResizeMode), ResizeMode.STRETCH, always=True),
    _key("Init image", "img2img.source.name", TEXT, ""),
    _key("Init image background", "img2img.background", HEX, "#ffffff"),
    _key("Img2img exact steps", "img2img.exact_steps", FLAG, _OFF),
    _key("Mask mode", "inpaint.invert", flag("Inpaint not masked", "Inpaint masked"), _OFF),
    _key("Mask blur", "inpaint.blur", INTEGER, 4, always=True),
    _key("Inpaint area", "inpaint.area", choice(InpaintArea), InpaintArea.WHOLE),
    _key("Masked area padding", "inpaint.padding", INTEGER, 32),
    _key("Masked content", "inpaint.content", choice(MaskedContent), MaskedContent.ORIGINAL),
    _key("Mask hash", "inpaint.mask.sha256", HEX, ""),
    _key("Mask file", "inpaint.mask.name", TEXT, ""),
    _key("Mask rounding", "inpaint.round_mask", FLAG, _ON),
    _key("Outpaint pixels", "inpaint.extend", INTEGERS, (0, 0, 0, 0)),
    _key("Soft inpainting schedule bias", "inpaint.soft.schedule_bias", NUMBER, 1.0, always=True),
    _key(
        "Soft inpainting preservation strength",
        "inpaint.soft.preservation_strength",
        NUMBER,
        0.5,
        always=True,
    ),
    _key(
        "Soft inpainting transition contrast boost",
        "inpaint.soft.transition_contrast_boost",
        NUMBER,
        4.0,
        always=True,
    ),
    _key("Soft inpainting mask influence", "inpaint.soft.mask_influence", NUMBER, 0.0, always=True),
    _key(
        "Soft inpainting difference threshold",
        "inpaint.soft.difference_threshold",
        NUMBER,
        0.5,
        always=True,
    ),
    _key(
        "Soft inpainting difference contrast",
        "inpaint.soft.difference_contrast",
        NUMBER,
        2.0,
        always=True,
    ),
)

SAMPLING: Final = (
    _key("Emphasis", "emphasis", choice(Emphasis), Emphasis.ORIGINAL),
    _key("Noise Schedule", "model.noise_schedule", choice(NoiseSchedule), NoiseSchedule.DEFAULT),
    _key("Schedule min sigma", "base.sigmas.minimum", NUMBER, 0.0),
    _key("Schedule max sigma", "base.sigmas.maximum", NUMBER, 0.0),
    _key("Schedule rho", "base.sigmas.rho", NUMBER, 0.0),
    _key("Schedule sigmas", "base.sigmas.listed", NUMBERS, ()),
    _key("Discard penultimate sigma", "base.sigmas.discard_penultimate", FLAG, _OFF),
    _key("Noise multiplier", "img2img.noise_multiplier", NUMBER, 1.0),
    _key("Extra noise", "img2img.extra_noise", NUMBER, 0.0),
    _key("NGMS", "base.guidance.minimum_sigma", NUMBER, 0.0),
    _key("Skip Early CFG", "base.guidance.start", NUMBER, 0.0),
    _key("Guidance end", "base.guidance.end", NUMBER, 1.0),
    _key("CFG Rescale phi", "base.guidance.rescale_phi", NUMBER, 0.0),
    _key("Refiner", "refiner.checkpoint.name refiner.checkpoint.short_hash", TITLE, ("", "")),
    _key("Refiner sha256", "refiner.checkpoint.sha256", HEX, ""),
    _key("Refiner switch at", "refiner.switch_at", NUMBER, 0.8, always=True),
    _key(
        "Refiner switch by sampling steps",
        "refiner.rule",
        Form(
            write=lambda rule: str(rule is RefinerRule.STEPS),
            read=lambda text: (
                (RefinerRule.STEPS if FLAG.read(text)[0] else RefinerRule.SIGMA).value,
            ),
        ),
        RefinerRule.SIGMA,
        always=True,
    ),
    _key("Hires refiner", "refiner.scope", choice(RefinerScope), RefinerScope.SECOND),
    _key("Pad conds", "compat.pad_conds", choice(PadConds), PadConds.OFF),
    _key("SGM noise multiplier", "compat.sgm_noise_multiplier", FLAG, _OFF),
    _key("Old prompt editing timelines", "compat.old_timelines", FLAG, _OFF),
    _key("Old Karras sigmas", "compat.old_karras", FLAG, _OFF),
    _key("Downcast alphas_cumprod", "compat.downcast_alphas_cumprod", FLAG, _OFF),
    _key("Comma padding backtrack", "compat.comma_backtrack", INTEGER, 20),
)

OWN: Final = (
    _key("Compat flags", "compat.flags", COMPAT_FLAGS, CompatFlags()),
    _key("Prompt dialect", "dialect", choice(Dialect), Dialect.A1111),
    _key("Empty negative", "empty_negative", choice(EmptyNegative), EmptyNegative.ZEROS),
    _key("Prediction type", "model.prediction", choice(Prediction), Prediction.FILE),
    _key("Model sha256", "model.file.sha256", HEX, ""),
    _key("VAE sha256", "model.vae.sha256", HEX, ""),
    _key("Device", "numerics.device", TEXT, "cpu"),
    _key("Precision", "numerics.dtype", TEXT, "float32"),
    _key("VAE precision", "numerics.vae_dtype", TEXT, "float32"),
    _key("VAE tile", "numerics.vae_tile", INTEGER, 0),
    _key("Approximations", "numerics.approximations", APPROXIMATIONS, ()),
    _key("Batch size", "noise.batch_size", INTEGER, 1),
    _key("Batch pos", "noise.batch_index", INTEGER, 0),
    _key("Postprocess upscale by", "upscale.scale", NUMBER, 2.0, always=True),
    _key("Postprocess upscaler", "upscale.upscaler", TEXT, "Lanczos", always=True),
    _key("Template", "template", TEXT, ""),
    _key("Negative Template", "negative_template", TEXT, ""),
    _key("Drawing notes", "notes", LINES, ()),
    _key("Version", "software", TEXT, ""),
)

AFTER_DETAILERS: Final = (*HIRES, *IMG2IMG)
KEYS: Final = (*HEAD, *AFTER_DETAILERS, *SAMPLING, *OWN)

MARKERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "hires": ("Hires upscaler", "Hires upscale", "Hires resize"),
        "refiner": ("Refiner",),
        "img2img": ("Resize mode", "Init image hash", "Mask blur", "Denoising strength"),
        "inpaint": ("Mask blur",),
        "inpaint.soft": ("Soft inpainting schedule bias",),
        "upscale": ("Postprocess upscaler", "Postprocess upscale by"),
    }
)
"""Optional parts, and the keys of which one at least says that the part is there."""


def _detailer(name: str, path: str, form: Form, absent: Any, *, always: bool = False) -> Key:
    return _key(f"ADetailer {name}", path, form, absent, always=always)


_PADDING: Final = Form(
    write=lambda padding, used: str(padding) if used or padding != 32 else None,
    read=INTEGER.read,
)
_TOP_K: Final = Form(
    write=lambda by, top_k: str(by) if top_k or by is not TopK.AREA else None,
    read=choice(TopK).read,
)
_GIVEN: Final = Form(write=lambda value: None if value is None else "True", read=lambda _: ())
_SIZED: Final = Form(write=lambda value: "True" if value else None, read=lambda _: ())

DETAILER: Final = (
    _detailer("model", "model", TEXT, "", always=True),
    _detailer("model classes", "classes", TEXT, ""),
    _detailer("prompt", "own.prompt", TEXT, None),
    _detailer("negative prompt", "own.negative_prompt", TEXT, None),
    _detailer("confidence", "confidence", NUMBER, 0.3, always=True),
    _detailer(
        "method to decide top k masks", "top_k_by top_k", _TOP_K, (TopK.AREA, None), always=True
    ),
    _detailer("mask only top k", "top_k", INTEGER, 0),
    _detailer("mask min ratio", "min_ratio", NUMBER, 0.0),
    _detailer("mask max ratio", "max_ratio", NUMBER, 1.0),
    _detailer("x offset", "x_offset", INTEGER, 0),
    _detailer("y offset", "y_offset", INTEGER, 0),
    _detailer("dilate erode", "dilate_erode", INTEGER, 4, always=True),
    _detailer("mask merge invert", "merge", choice(MaskMerge), MaskMerge.NONE),
    _detailer("mask blur", "mask_blur", INTEGER, 4, always=True),
    _detailer("denoising strength", "denoise", NUMBER, 0.4, always=True),
    _detailer("inpaint only masked", "only_masked", FLAG, True, always=True),  # noqa: FBT003  # a row
    _detailer("inpaint padding", "padding only_masked", _PADDING, (32, None), always=True),
    _detailer("use inpaint width height", "width", _SIZED, 0),
    _detailer("inpaint width", "width", INTEGER, 0),
    _detailer("inpaint height", "height", INTEGER, 0),
    _detailer("use separate steps", "steps", _GIVEN, None),
    _detailer("steps", "steps", INTEGER, None),
    _detailer("use separate CFG scale", "own.cfg_scale", _GIVEN, None),
    _detailer("CFG scale", "own.cfg_scale", NUMBER, None),
    _detailer("use separate checkpoint", "own.checkpoint.name", _GIVEN, None),
    _detailer("checkpoint", "own.checkpoint.name own.checkpoint.short_hash", TITLE, (None, None)),
    _detailer("checkpoint sha256", "own.checkpoint.sha256", HEX, None),
    _detailer("use separate VAE", "own.vae.name", _GIVEN, None),
    _detailer("VAE", "own.vae.name own.vae.short_hash", TITLE, (None, None)),
    _detailer("VAE sha256", "own.vae.sha256", HEX, None),
    _detailer("use separate sampler", "own.sampler", _GIVEN, None),
    _detailer("sampler", "own.sampler", SAMPLER, None),
    _detailer("scheduler", "own.schedule", SCHEDULE, None),
    _detailer("use separate noise multiplier", "noise_multiplier", _GIVEN, None),
    _detailer("noise multiplier", "noise_multiplier", NUMBER, None),
    _detailer("use separate CLIP skip", "own.clip_skip", _GIVEN, None),
    _detailer("CLIP skip", "own.clip_skip", INTEGER, None),
)
"""Keys of one detailer, in ADetailer's order (compat 8.2); paths from the detailer."""


def ordinal_suffix(index: int) -> str:
    """Return what ADetailer appends to the keys of its tab `index` (0-based): "", " 2nd" ..."""
    number = index + 1
    if number == 1:
        return ""
    if number % 100 in (11, 12, 13):
        return f" {number}th"
    return f" {number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
