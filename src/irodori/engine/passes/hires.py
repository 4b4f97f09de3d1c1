"""The second pass: the picture is enlarged and drawn over, lightly, with its own seed.

Source: compat 7.1 to 7.3; practice P1, P17.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch.nn.functional as F
from torch import Tensor

from irodori.engine.passes.develop import Encoded, developed, encoded, joined
from irodori.engine.passes.run import run_stage, studio_of, with_autoencoder
from irodori.engine.passes.stage import Canvas, Stage, Start, Work
from irodori.engine.passes.upscale import enlarged_batch
from irodori.engine.studio import Studio
from irodori.engine.vae import LATENT_CELL
from irodori.errors import RecipeError
from irodori.recipe.names import RefinerScope
from irodori.recipe.passes import Hires, Refiner
from irodori.recipe.recipe import Recipe, Settings

NAME = "hires"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentMode:
    """A way to enlarge latents themselves; the picture blurs, so denoise wants to be above 0.5.

    Attributes:
        mode: torch's name of the filter.
        antialias: averages where it shrinks.
    """

    mode: str
    antialias: bool = False


LATENT_MODES: Final[Mapping[str, LatentMode]] = MappingProxyType(
    {
        "Latent": LatentMode(mode="bilinear"),
        "Latent (antialiased)": LatentMode(mode="bilinear", antialias=True),
        "Latent (bicubic)": LatentMode(mode="bicubic"),
        "Latent (bicubic antialiased)": LatentMode(mode="bicubic", antialias=True),
        "Latent (nearest)": LatentMode(mode="nearest"),
        "Latent (nearest-exact)": LatentMode(mode="nearest-exact"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiresSize:
    """How large a second pass is.

    Attributes:
        width: pixels to enlarge to.
        height: pixels to enlarge to.
        left: latent cells then cut off at the left, so that an asked aspect is met.
        top: at the top.
        right: at the right.
        bottom: below.
    """

    width: int
    height: int
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def cut(self, latents: Tensor) -> Tensor:
        """Return the middle of enlarged latents."""
        height, width = latents.shape[2:]
        return latents[:, :, self.top : height - self.bottom, self.left : width - self.right]


def hires_size(width: int, height: int, hires: Hires) -> HiresSize:
    """Return how large a second pass is, with A1111's whole-number arithmetic.

    Nothing is rounded to a multiple of 8: what is left over is lost at the right and below.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        hires: scale, or one or both sides.
    """
    wide, high = hires.width, hires.height
    if not wide and not high:
        return HiresSize(width=int(width * hires.scale), height=int(height * hires.scale))
    if not high:
        return HiresSize(width=wide, height=wide * height // width)
    if not wide:
        return HiresSize(width=high * width // height, height=high)
    if width * high < wide * height:
        over = (wide, wide * height // width)
    else:
        over = (high * width // height, high)
    columns = (over[0] - wide) // LATENT_CELL
    rows = (over[1] - high) // LATENT_CELL
    return HiresSize(
        width=over[0],
        height=over[1],
        left=columns // 2,
        right=columns - columns // 2,
        top=rows // 2,
        bottom=rows - rows // 2,
    )


def check_hires(work: Work) -> None:
    """Raise where there is no such upscaler.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    upscaler = _hires(work).upscaler
    if upscaler not in LATENT_MODES:
        work.supplies.open_upscaler(upscaler)


def draw_hires(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with the enlarged latents of a batch; None when it was cancelled.

    Args:
        work: its recipes have the part hires.
        canvas: the finished first pass; its latents are enlarged by latent modes, its pixels by
            upscalers; what is missing is made of the other.

    Raises:
        InputError: there is no such upscaler or checkpoint.
    """
    hires = _hires(work)
    settings = tuple(_settings(recipe) for recipe in work.recipes)
    studio = _studio(work, settings[0])
    size = hires_size(*_size(canvas), hires)
    enlarged = _enlarged(work, canvas, size, studio)
    if enlarged is None:
        return None
    stage = Stage(
        name=NAME,
        recipes=work.recipes,
        settings=settings,
        noises=tuple(recipe.noise for recipe in work.recipes),
        width=hires.width or size.width,
        height=hires.height or size.height,
        steps=hires.steps or work.recipes[0].base.steps,
        start=Start(latents=size.cut(enlarged.latents), denoise=hires.denoise, exact=True),
        is_hires=True,
        refiner=_refiner(work.recipes[0]),
    )
    drawn = run_stage(work, stage)
    if drawn is None:
        return None
    notes = joined(canvas.notes, enlarged.notes, _lost(stage, drawn))
    finished = Canvas(latents=drawn, notes=notes)
    return developed(work, finished, studio) if studio is not work.studio else finished


def _lost(stage: Stage, drawn: Tensor) -> tuple[str, ...]:
    """Return what is to be told of a size that is no whole number of latent cells."""
    width, height = drawn.shape[3] * LATENT_CELL, drawn.shape[2] * LATENT_CELL
    if (width, height) == (stage.width, stage.height):
        return ()
    asked = f"{stage.width}x{stage.height}"
    return (f"hires drew {width}x{height}, not {asked}: sides are multiples of {LATENT_CELL}",)


def _studio(work: Work, settings: Settings) -> Studio:
    """Return the second pass's model with its autoencoder."""
    studio = studio_of(work, settings.checkpoint)
    if studio is work.studio and settings.vae == work.recipes[0].model.vae:
        return studio
    return with_autoencoder(work.supplies, studio, settings.vae)


def _settings(recipe: Recipe) -> Settings:
    return recipe.settings(None if recipe.hires is None else recipe.hires.own)


def _refiner(recipe: Recipe) -> Refiner | None:
    refiner = recipe.refiner
    if refiner is None or refiner.scope is RefinerScope.FIRST:
        return None
    return refiner


def _size(canvas: Canvas) -> tuple[int, int]:
    """Return width and height of a canvas in pixels."""
    if canvas.pixels is not None:
        return canvas.pixels.shape[2], canvas.pixels.shape[1]
    if canvas.latents is not None:
        return canvas.latents.shape[3] * LATENT_CELL, canvas.latents.shape[2] * LATENT_CELL
    raise RecipeError("hires needs a finished picture to begin with")


def _enlarged(work: Work, canvas: Canvas, size: HiresSize, studio: Studio) -> Encoded | None:
    """Return the batch's latents at the second pass's size, for a studio; None when cancelled."""
    upscaler = _hires(work).upscaler
    if upscaler in LATENT_MODES:
        return _latents_enlarged(work, canvas, size, studio)
    opened = work.supplies.open_upscaler(upscaler)
    finished = developed(work, canvas)
    if finished.pixels is None:
        return None
    wanted = (size.width, size.height)
    pixels = enlarged_batch(opened, finished.pixels[..., :3], wanted, work.listener)
    if pixels is None:
        return None
    found = encoded(work, studio, pixels)
    return Encoded(latents=found.latents, notes=joined(finished.notes, found.notes))


def _latents_enlarged(work: Work, canvas: Canvas, size: HiresSize, studio: Studio) -> Encoded:
    """Return latents enlarged by a filter, without a way through pixels where they are kept."""
    mode = LATENT_MODES[_hires(work).upscaler]
    latents, notes = canvas.latents, canvas.notes
    if latents is None and canvas.pixels is not None:
        found = encoded(work, studio, canvas.pixels)
        latents, notes = found.latents, joined(notes, found.notes)
    if latents is None:
        raise RecipeError("hires needs a finished picture to begin with")
    cells = (size.height // LATENT_CELL, size.width // LATENT_CELL)
    larger = F.interpolate(latents, cells, mode=mode.mode, antialias=mode.antialias)
    return Encoded(latents=larger, notes=notes)


def _hires(work: Work) -> Hires:
    hires = work.recipes[0].hires
    if hires is None:
        raise RecipeError("the recipe has no second pass")
    return hires
