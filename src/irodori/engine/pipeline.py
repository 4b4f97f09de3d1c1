"""Recipes to pictures: passes in order, then pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irodori.catalog.header import read_header
from irodori.engine.device import DevicePolicy, choose_policy, probe
from irodori.engine.events import Decoding
from irodori.engine.listener import Listener
from irodori.engine.loading.checkpoint import load_checkpoint
from irodori.engine.passes.base import draw_base
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.prompting import Prompter
from irodori.engine.studio import NOTHING_ELSE, Studio, Supplies
from irodori.engine.vae import decode, to_bytes
from irodori.errors import RecipeError
from irodori.prompt.tokenizer import load_tokenizer
from irodori.recipe.parts import Numerics
from irodori.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A finished picture.

    Attributes:
        recipe: what drew it, with the arithmetic that was used.
        pixels: uint8 [H, W, 3].
    """

    recipe: Recipe
    pixels: NDArray[np.uint8]


def open_studio(path: Path, *, device: str = "auto") -> Studio:
    """Return a model that is ready to draw.

    Args:
        path: a single-file SDXL checkpoint.
        device: `auto` or a device's name.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        InputError: the device is not there.
    """
    header = read_header(path)
    policy = choose_policy(probe(), parameters=header.elements, device=device)
    model = load_checkpoint(header, policy)
    return Studio(model=model, prompter=Prompter(model, load_tokenizer()))


def draw(
    studio: Studio,
    recipes: Sequence[Recipe],
    listener: Listener,
    supplies: Supplies = NOTHING_ELSE,
) -> tuple[Drawn, ...]:
    """Return the pictures of one batch, in order; none when it was cancelled.

    Args:
        studio: the model.
        recipes: one a picture; they differ in seeds, prompts and place in the batch only.
        listener: hears of every event.
        supplies: where pictures and further models come from.

    Raises:
        RecipeError: the recipes ask for passes this engine does not have, or differ too much.
    """
    _refuse_unlike(recipes)
    _refuse_passes(recipes[0])
    work = Work(studio=studio, recipes=tuple(recipes), listener=listener, supplies=supplies)
    canvas = draw_base(work, Canvas())
    if canvas is None or canvas.latents is None:
        return ()
    latents = canvas.latents
    listener.tell(Decoding())
    pixels = to_bytes(decode(studio.model.autoencoder, latents))
    numerics = numerics_of(studio.model.policy)
    return tuple(
        Drawn(recipe=replace(recipe, numerics=numerics), pixels=each)
        for recipe, each in zip(recipes, pixels, strict=True)
    )


def numerics_of(policy: DevicePolicy) -> Numerics:
    """Return the arithmetic of a policy as recipes record it."""
    return Numerics(
        device=policy.device.type,
        dtype=str(policy.compute).removeprefix("torch."),
        vae_dtype=str(policy.autoencoder).removeprefix("torch."),
    )


def _refuse_unlike(recipes: Sequence[Recipe]) -> None:
    if not recipes:
        raise RecipeError("a batch needs at least one recipe")
    first = recipes[0]
    for recipe in recipes[1:]:
        alike = replace(
            recipe,
            prompt=first.prompt,
            negative_prompt=first.negative_prompt,
            template=first.template,
            negative_template=first.negative_template,
            noise=first.noise,
        )
        if alike != first:
            raise RecipeError("the recipes of one batch may differ in prompts and noise only")


def _refuse_passes(recipe: Recipe) -> None:
    asked = {
        "hires": recipe.hires,
        "detailers": recipe.detailers or None,
        "img2img": recipe.img2img,
        "inpaint": recipe.inpaint,
        "upscale": recipe.upscale,
    }
    missing = [name for name, part in asked.items() if part is not None]
    if missing:
        raise RecipeError(
            f"this version draws the base pass only; the recipe asks for {', '.join(missing)} too"
        )
