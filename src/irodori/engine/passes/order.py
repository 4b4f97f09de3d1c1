"""Which passes a recipe asks for, in their order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from irodori.engine.passes import base, detailer, hires, img2img, inpaint, upscale
from irodori.engine.passes.stage import Canvas, Work
from irodori.recipe.recipe import Recipe

Pass = Callable[[Work, Canvas], Canvas | None]
"""A canvas to the next one; None when it was cancelled. Raises where it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterPass:
    """A pass over finished pictures.

    Attributes:
        name: for people and events.
        is_asked: whether a recipe asks for it.
        check: raises before anything is drawn where a name in the recipe means nothing here.
        without: the recipe without it, which is what drew a picture that it failed on.
        run: what it does.
    """

    name: str
    is_asked: Callable[[Recipe], bool]
    check: Callable[[Work], None]
    without: Callable[[Recipe], Recipe]
    run: Pass


LATER: Final = (
    LaterPass(
        name=hires.NAME,
        is_asked=lambda recipe: recipe.hires is not None,
        check=hires.check_hires,
        without=lambda recipe: replace(recipe, hires=None),
        run=hires.draw_hires,
    ),
    LaterPass(
        name=detailer.NAME,
        is_asked=lambda recipe: bool(recipe.detailers),
        check=detailer.check_detailers,
        without=lambda recipe: replace(recipe, detailers=()),
        run=detailer.draw_detailers,
    ),
    LaterPass(
        name=upscale.NAME,
        is_asked=lambda recipe: recipe.upscale is not None,
        check=upscale.check_upscale,
        without=lambda recipe: replace(recipe, upscale=None),
        run=upscale.draw_upscale,
    ),
)
"""Passes after the first, in the order they run."""


def first_pass(recipe: Recipe) -> Pass:
    """Return what makes the first picture: from noise, over a picture, or under a mask."""
    if recipe.inpaint is not None:
        return inpaint.draw_inpaint
    if recipe.img2img is not None:
        return img2img.draw_img2img
    return base.draw_base


def later_passes(recipe: Recipe) -> tuple[LaterPass, ...]:
    """Return the passes after the first that a recipe asks for."""
    return tuple(each for each in LATER if each.is_asked(recipe))
