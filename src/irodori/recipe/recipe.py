"""The Recipe: everything that decides a picture, frozen and complete."""

from dataclasses import dataclass
from typing import TypeVar

from irodori.errors import RecipeError
from irodori.prompt.dialect import Dialect
from irodori.recipe.fields import check, required, setting
from irodori.recipe.names import Emphasis, EmptyNegative
from irodori.recipe.notes import NOTE
from irodori.recipe.parts import (
    Base,
    Compat,
    FileIdentity,
    Model,
    Network,
    Noise,
    Numerics,
    SamplerOption,
)
from irodori.recipe.passes import Detailer, Hires, Img2Img, Inpaint, Overrides, Refiner, Upscale
from irodori.recipe.schedules import Schedule

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One pass as it will be drawn: the base's values with a pass's own laid over them."""

    prompt: str
    negative_prompt: str
    sampler: str
    options: tuple[SamplerOption, ...]
    schedule: Schedule
    cfg_scale: float
    clip_skip: int
    checkpoint: FileIdentity
    vae: FileIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides one picture; the same recipe on the same build draws the same bits.

    Seeds are fixed, wildcards are drawn, defaults are filled in: `resolve` made it so. A part
    that is None is a pass that is not run.

    Raises:
        RecipeError: a value is out of range, or parts do not fit together.
    """

    prompt: str = required("what is drawn, with wildcards and styles filled in")
    negative_prompt: str = setting("", "what is kept away")
    template: str = setting("", "prompt before wildcards were drawn; empty = it had none")
    negative_template: str = setting("", "the same of the negative prompt")
    dialect: Dialect = setting(Dialect.IRODORI, "reading of the prompt language")
    emphasis: Emphasis = setting(Emphasis.ORIGINAL, "how weights act on the encoded text")
    empty_negative: EmptyNegative = setting(
        EmptyNegative.ZEROS, "what an empty negative prompt becomes"
    )
    noise: Noise = required("seed and source of the noise")
    base: Base = setting(Base(), "the first pass")
    model: Model = setting(Model(), "the checkpoint")
    networks: tuple[Network, ...] = setting((), "identities of what the prompts name")
    hires: Hires | None = setting(None, "second pass at a larger size")
    refiner: Refiner | None = setting(None, "second checkpoint that takes over")
    detailers: tuple[Detailer, ...] = setting((), "find, mask and draw again, in order")
    img2img: Img2Img | None = setting(None, "begin with a picture")
    inpaint: Inpaint | None = setting(None, "draw under a mask only; needs img2img")
    upscale: Upscale | None = setting(None, "enlarge the finished picture")
    compat: Compat = setting(Compat(), "old or foreign behaviour")
    numerics: Numerics = setting(Numerics(), "arithmetic it was drawn with")
    software: str = setting("", "program and version that drew it")
    notes: tuple[str, ...] = setting(
        (), "what went otherwise than asked, told afterwards; one line each", pattern=NOTE
    )

    def __post_init__(self) -> None:
        check(self)
        if self.inpaint is not None and self.img2img is None:
            raise RecipeError(
                "Recipe: inpaint needs a picture to begin with; give the part img2img too"
            )

    def settings(self, own: Overrides | None = None) -> Settings:
        """Return a pass's values: the base's, with the pass's own laid over them.

        Args:
            own: `hires.own` or a detailer's `own`; None for the base pass itself.
        """
        over = Overrides() if own is None else own
        base = self.base
        sampler = _first(over.sampler, base.sampler)
        return Settings(
            prompt=_first(over.prompt, self.prompt),
            negative_prompt=_first(over.negative_prompt, self.negative_prompt),
            sampler=sampler,
            options=base.options if sampler == base.sampler else (),
            schedule=_first(over.schedule, base.schedule),
            cfg_scale=_first(over.cfg_scale, base.cfg_scale),
            clip_skip=_first(over.clip_skip, base.clip_skip),
            checkpoint=_first(over.checkpoint, self.model.file),
            vae=_first(over.vae, self.model.vae),
        )


def _first(own: T | None, base: T) -> T:
    return base if own is None else own
