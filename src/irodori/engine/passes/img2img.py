"""The first pass over a picture: it is fitted to the size, noised in part, and drawn anew.

Source: Meng et al. 2022, arXiv:2108.01073 (SDEdit); compat 4.6, 7.5; practice P19.
"""

from dataclasses import replace

import numpy as np
import torch.nn.functional as F

from irodori.engine.image import fitted, flattened, resized
from irodori.engine.passes.base import stage_of
from irodori.engine.passes.develop import encoded, joined, repeated
from irodori.engine.passes.run import run_stage
from irodori.engine.passes.stage import Canvas, Start, Work
from irodori.engine.vae import LATENT_CELL
from irodori.errors import RecipeError
from irodori.recipe.names import ResizeMode

NAME = "img2img"


def draw_img2img(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with the latents of a batch; None when it was cancelled.

    At denoise 0 nothing is drawn: the canvas has the picture's own pixels, which later passes go on
    from; whole, where its size has as many cells of the latents as the stage's, else fitted.

    Args:
        work: its recipes have the part img2img; all begin with the same picture.
        canvas: nothing is on it yet.

    Raises:
        InputError: the picture cannot be read.
    """
    img2img = work.recipes[0].img2img
    if img2img is None:
        raise RecipeError("img2img needs a picture to begin with")
    stage = replace(stage_of(work), name=NAME)
    picture = work.supplies.open_picture(img2img.source)
    pixels = fitted(
        flattened(picture, img2img.background), stage.width, stage.height, img2img.resize_mode
    )
    unchanged = img2img.denoise == 0 and not work.recipes[0].compat.flags.img2img_from_start
    if unchanged and img2img.resize_mode is not ResizeMode.LATENT:
        own = (picture.width // LATENT_CELL, picture.height // LATENT_CELL)
        if own == (stage.width // LATENT_CELL, stage.height // LATENT_CELL):
            pixels = flattened(picture, img2img.background)  # what is over a cell stays too
        return Canvas(pixels=np.stack([pixels] * len(work.recipes)), notes=picture.notes)
    height, width = (max(side, LATENT_CELL) for side in pixels.shape[:2])
    found = encoded(work, work.studio, resized(pixels, width, height)[None])
    latents = found.latents
    if img2img.resize_mode is ResizeMode.LATENT:
        size = (stage.height // LATENT_CELL, stage.width // LATENT_CELL)
        latents = F.interpolate(latents, size, mode="bilinear")
    start = Start(
        latents=repeated(latents, len(work.recipes)),
        denoise=img2img.denoise,
        exact=img2img.exact_steps,
        noise_multiplier=img2img.noise_multiplier,
        extra_noise=img2img.extra_noise,
    )
    drawn = run_stage(work, replace(stage, start=start))
    if drawn is None:
        return None
    return Canvas(latents=drawn, notes=joined(canvas.notes, picture.notes, found.notes))
