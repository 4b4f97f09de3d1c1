"""Latents of finished base passes, so that "hires this one" does not draw the base again."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import torch

from irodori.engine.approximate.in_force import in_force
from irodori.engine.passes.stage import Canvas
from irodori.engine.pipeline import Drawn
from irodori.recipe.names import RefinerScope
from irodori.recipe.parts import Numerics
from irodori.recipe.recipe import Recipe

KEPT: Final = 64
"""How many pictures' latents are kept; one of 832x1216 takes 0.25 MB."""


class KeptBases:
    """The latents of base passes by the recipe that drew them.

    They are what the recipe draws, so a picture goes on from them as if it had been drawn at once.
    """

    def __init__(self) -> None:
        self._latents: OrderedDict[Recipe, torch.Tensor] = OrderedDict()

    def keep(self, drawn: Sequence[Drawn]) -> None:
        """Remember pictures that ended with their base pass."""
        for each in drawn:
            recipe = each.recipe
            if each.latents is None or recipe.hires or recipe.detailers or recipe.upscale:
                continue
            self._latents[base_of(recipe)] = each.latents
        while len(self._latents) > KEPT:
            self._latents.popitem(last=False)

    def canvas(self, recipes: Sequence[Recipe]) -> Canvas | None:
        """Return the base of a batch where all of it is known and something follows it."""
        first = recipes[0]
        if not (first.hires or first.detailers or first.upscale):
            return None
        found = [self._latents.get(base_of(recipe)) for recipe in recipes]
        latents = [each for each in found if each is not None]
        if len(latents) < len(recipes):
            return None
        return Canvas(latents=torch.stack(latents))


def base_of(recipe: Recipe) -> Recipe:
    """Return the recipe of the base pass alone, without the arithmetic it ran in.

    Speed-ups of the model as it is open go with the arithmetic: one executor opens it once.
    """
    refiner = recipe.refiner
    if recipe.hires is not None and refiner is not None and refiner.scope is RefinerScope.SECOND:
        refiner = None
    if refiner is not None:  # without a second pass, the scope says nothing
        refiner = replace(refiner, scope=RefinerScope.BOTH)
    return replace(
        recipe,
        hires=None,
        detailers=(),
        upscale=None,
        refiner=refiner,
        numerics=Numerics(approximations=in_force(recipe, ())),
        notes=(),
    )
