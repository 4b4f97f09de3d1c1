"""The parts that a recipe may have: hires, refiner, detailers, img2img, inpainting, upscaling."""

from dataclasses import dataclass

from irodori.errors import RecipeError
from irodori.recipe.fields import check, required, setting
from irodori.recipe.names import (
    InpaintArea,
    MaskedContent,
    MaskMerge,
    RefinerRule,
    RefinerScope,
    ResizeMode,
    TopK,
)
from irodori.recipe.parts import FileIdentity
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a later pass does otherwise than the base pass; None keeps the base's.

    None is a meaning here, not a missing value: a pass that keeps the base's prompt follows it
    when the prompt is edited. `Recipe.settings` gives the pass as it will be drawn.
    """

    prompt: str | None = setting(None, "prompt of the pass")
    negative_prompt: str | None = setting(None, "negative prompt of the pass")
    sampler: str | None = setting(None, "sampler of the pass")
    schedule: Schedule | None = setting(None, "sigma schedule of the pass")
    cfg_scale: float | None = setting(None, "guidance of the pass", low=-100.0, high=100.0)
    clip_skip: int | None = setting(None, "clip skip of the pass", low=1, high=12)
    checkpoint: FileIdentity | None = setting(None, "model of the pass")
    vae: FileIdentity | None = setting(None, "autoencoder of the pass")

    def __post_init__(self) -> None:
        check(self)
        if self.sampler is not None:
            object.__setattr__(self, "sampler", find_sampler(self.sampler).name)
        for name in ("checkpoint", "vae"):
            file: FileIdentity | None = getattr(self, name)
            if file is not None and not file.name:
                raise RecipeError(
                    f"Overrides.{name}: has no name; give one, or None for the base's"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hires:
    """A second pass at a larger size (compat 7.1, 7.2; defaults of practice P1).

    With `width` or `height` given, they are the size and `scale` is not used; a zero among the
    two follows from the aspect.
    """

    upscaler: str = setting("R-ESRGAN 4x+ Anime6B", "upscaler or latent mode, by its name", low=1)
    scale: float = setting(1.5, "factor on width and height", low=1.0, high=8.0)
    width: int = setting(0, "width to reach in pixels; 0 = by scale", low=0, high=32768)
    height: int = setting(0, "height to reach in pixels; 0 = by scale", low=0, high=32768)
    steps: int = setting(20, "steps really run; 0 = as many as the base", low=0, high=1000)
    denoise: float = setting(0.4, "how much is drawn anew", low=0.0, high=1.0)
    own: Overrides = setting(Overrides(), "what differs from the base pass")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refiner:
    """A second checkpoint that takes over on the way (compat 7.4, practice P17)."""

    checkpoint: FileIdentity = required("the model that takes over")
    switch_at: float = setting(0.8, "fraction after which it does; 1 = never", low=0.0, high=1.0)
    rule: RefinerRule = setting(RefinerRule.STEPS, "what the fraction counts")
    scope: RefinerScope = setting(RefinerScope.SECOND, "in which pass, where there are two")

    def __post_init__(self) -> None:
        check(self)
        if not self.checkpoint.name:
            raise RecipeError("Refiner.checkpoint: has no name; name the model that takes over")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detailer:
    """Find, mask and draw again (compat 8.2; practice P17)."""

    model: str = setting("face_yolov8n.pt", "detector file or name", low=1)
    classes: str = setting("", "classes to look for, for open-vocabulary detectors")
    confidence: float = setting(0.3, "least confidence", low=0.0, high=1.0)
    top_k: int = setting(0, "at most so many masks; 0 = all", low=0, high=1000)
    top_k_by: TopK = setting(TopK.AREA, "what ranks them")
    min_ratio: float = setting(0.0, "least share of the picture", low=0.0, high=1.0)
    max_ratio: float = setting(1.0, "largest share of the picture", low=0.0, high=1.0)
    x_offset: int = setting(0, "move the mask right, pixels", low=-16384, high=16384)
    y_offset: int = setting(0, "move the mask up, pixels", low=-16384, high=16384)
    dilate_erode: int = setting(4, "grow (+) or shrink (-) the mask, pixels", low=-512, high=512)
    merge: MaskMerge = setting(MaskMerge.NONE, "what is done with several masks")
    mask_blur: int = setting(4, "blur of the mask's edge, pixels", low=0, high=512)
    denoise: float = setting(0.4, "how much is drawn anew", low=0.0, high=1.0)
    only_masked: bool = setting(default=True, doc="draw the masked part alone, enlarged")
    padding: int = setting(32, "pixels around the masked part", low=0, high=4096)
    width: int = setting(0, "size drawn at; 0 = the base's", low=0, high=16384, multiple=8)
    height: int = setting(0, "size drawn at; 0 = the base's", low=0, high=16384, multiple=8)
    steps: int | None = setting(None, "steps; None = the base's", low=1, high=1000)
    noise_multiplier: float | None = setting(
        None, "factor on the starting noise; None = 1", low=0.0, high=2.0
    )
    own: Overrides = setting(Overrides(), "what differs from the base pass")

    def __post_init__(self) -> None:
        check(self)
        if self.min_ratio > self.max_ratio:
            raise RecipeError(
                f"Detailer: min_ratio {self.min_ratio} is above max_ratio {self.max_ratio}"
            )
        if (self.width == 0) != (self.height == 0):
            raise RecipeError(
                "Detailer: width and height are given together or not at all; "
                f"have {self.width}x{self.height}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePicture:
    """The picture (or mask) that a pass begins with, by name and content."""

    name: str = setting("", "file name")
    sha256: str = setting("", "sha256 of the file, 64 hex digits", pattern="([0-9a-f]{64})?")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Img2Img:
    """Begin with a picture instead of noise (compat 4.6, 7.5; practice P19)."""

    source: SourcePicture = setting(SourcePicture(), "the picture begun with")
    denoise: float = setting(0.7, "how much is drawn anew", low=0.0, high=1.0)
    resize_mode: ResizeMode = setting(ResizeMode.STRETCH, "how it meets the asked size")
    exact_steps: bool = setting(default=False, doc="run as many steps as asked, not their share")
    noise_multiplier: float = setting(1.0, "factor on the starting noise", low=0.0, high=2.0)
    extra_noise: float = setting(0.0, "noise added after noising", low=0.0, high=1.0)
    background: str = setting("#ffffff", "colour under transparency", pattern="#[0-9a-f]{6}")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftInpainting:
    """Differential inpainting: the mask's grey decides how much changes."""

    schedule_bias: float = setting(1.0, "schedule bias", low=0.0, high=8.0)
    preservation_strength: float = setting(0.5, "preservation strength", low=0.0, high=8.0)
    transition_contrast_boost: float = setting(4.0, "transition contrast boost", low=1.0, high=32.0)
    mask_influence: float = setting(0.0, "mask influence", low=0.0, high=1.0)
    difference_threshold: float = setting(0.5, "difference threshold", low=0.0, high=8.0)
    difference_contrast: float = setting(2.0, "difference contrast", low=0.0, high=8.0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inpaint:
    """Draw anew under a mask only (compat 7.6)."""

    mask: SourcePicture = setting(SourcePicture(), "the mask; white is drawn anew")
    blur: int = setting(4, "blur of the mask's edge, pixels", low=0, high=512)
    invert: bool = setting(default=False, doc="draw anew what is not masked")
    content: MaskedContent = setting(MaskedContent.ORIGINAL, "what stands under the mask first")
    area: InpaintArea = setting(InpaintArea.WHOLE, "draw the whole picture or the masked part")
    padding: int = setting(32, "pixels around the masked part", low=0, high=4096)
    round_mask: bool = setting(default=True, doc="make the latent mask black and white")
    conditional_mask_weight: float = setting(
        1.0, "mask weight of inpainting checkpoints", low=0.0, high=1.0
    )
    extend: tuple[int, int, int, int] = setting(
        (0, 0, 0, 0), "outpainting: pixels added left, top, right, bottom", low=0, high=8192
    )
    soft: SoftInpainting | None = setting(None, "soft inpainting, or none")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upscale:
    """Enlarge the finished picture without drawing."""

    upscaler: str = setting("R-ESRGAN 4x+ Anime6B", "upscaler, by its name", low=1)
    scale: float = setting(2.0, "factor on width and height", low=1.0, high=8.0)

    def __post_init__(self) -> None:
        check(self)
