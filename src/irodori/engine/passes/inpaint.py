"""Drawing anew under a mask: the geometry around a run, the same for inpainting and detailers.

Source: compat 7.6; Levin and Fried 2023, arXiv:2306.00950, for soft masks.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from irodori.engine.image import Picture, Pixels, fitted, flattened, resized
from irodori.engine.masking import (
    Box,
    Margins,
    Mask,
    blurred,
    bounds,
    crop_box,
    doubled,
    extended,
    filled,
    filled_up,
    latent_mask,
    mask_of,
    overlaid,
    room_mask,
)
from irodori.engine.passes.base import stage_of
from irodori.engine.passes.beside import without_hole
from irodori.engine.passes.develop import developed, encoded, joined, repeated
from irodori.engine.passes.img2img import draw_img2img
from irodori.engine.passes.run import first_draw, run_stage, studio_of
from irodori.engine.passes.soft import soft_share
from irodori.engine.passes.stage import Canvas, Region, Stage, Start, Work
from irodori.engine.vae import LATENT_CELL
from irodori.errors import RecipeError
from irodori.recipe.names import InpaintArea, MaskedContent, ResizeMode
from irodori.recipe.passes import Img2Img, Inpaint, SourcePicture
from irodori.recipe.recipe import Recipe

NAME = "inpaint"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repaint:
    """A picture of which a part is drawn anew, once for each recipe of a stage.

    Attributes:
        stage: who draws; its start is laid under it here, its size is that of the drawn part.
        picture: uint8 [H, W, 3].
        mask: uint8 [H, W], white is drawn anew; not yet inverted or blurred.
        img2img: strength and noise.
        inpaint: what is done with the mask.
    """

    stage: Stage
    picture: Pixels
    mask: Mask
    img2img: Img2Img
    inpaint: Inpaint


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Frame:
    """What is drawn of a picture.

    Attributes:
        picture: uint8 [height, width, 3] of the stage.
        mask: uint8 [height, width].
        room: uint8 [height, width], white where the picture was extended, fading as the mask does.
        box: the part of the whole picture that it is; None is the whole.
        over: pixels around the whole picture that fill up its last cells.
    """

    picture: Pixels
    mask: Mask
    room: Mask
    box: Box | None = None
    over: Margins = (0, 0, 0, 0)


def draw_inpaint(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with the pictures of a batch; None when it was cancelled.

    Args:
        work: its recipes have the parts img2img and inpaint.
        canvas: nothing is on it yet.

    Raises:
        InputError: picture or mask cannot be read.
    """
    recipe = work.recipes[0]
    img2img, inpaint = recipe.img2img, recipe.inpaint
    if img2img is None or inpaint is None:
        raise RecipeError("inpainting needs a picture and a mask")
    source = work.supplies.open_picture(img2img.source)
    mask, notes = _mask(work, source, inpaint)
    upstream = recipe.compat.flags.any and inpaint.area is InpaintArea.MASKED
    if upstream and bounds(mask) is None:  # as A1111 does
        return draw_img2img(work, canvas)
    task = Repaint(
        stage=replace(stage_of(work), name=NAME),
        picture=flattened(source, img2img.background),
        mask=mask,
        img2img=img2img,
        inpaint=inpaint,
    )
    drawn = repaint(work, task)
    if drawn is None:
        return None
    return replace(drawn, notes=joined(canvas.notes, source.notes, notes, drawn.notes))


def mask_drawn(work: Work, recipe: Recipe, width: int, height: int) -> Mask | None:
    """Return where a recipe's picture was drawn anew, at its size; None where all of it was.

    Args:
        work: has the pictures.
        recipe: with its part inpaint or without.
        width: of the finished picture.
        height: of the finished picture.
    """
    img2img, inpaint = recipe.img2img, recipe.inpaint
    if img2img is None or inpaint is None or inpaint.area is InpaintArea.MASKED:
        return None
    mask, _ = _mask(work, work.supplies.open_picture(img2img.source), inpaint)
    mask = filled_up(255 - mask if inpaint.invert else mask, inpaint.extend)
    room = room_mask((mask.shape[1], mask.shape[0]), inpaint.extend, 0, is_soft=False)
    return resized(np.maximum(mask, room), width, height)


def repaint(work: Work, task: Repaint) -> Canvas | None:
    """Return the pictures with their masked part drawn anew; None when it was cancelled.

    Outside the mask, blurred as asked, every pixel is the picture's own. The canvas has the
    picture's size, or the stage's where the whole picture is drawn in another size than its own.

    Args:
        work: the batch.
        task: what is drawn where.
    """
    inpaint, stage = task.inpaint, task.stage
    picture, mask = extended(task.picture, task.mask, inpaint.extend)
    mask = blurred(255 - mask if inpaint.invert else mask, inpaint.blur)
    size = (mask.shape[1], mask.shape[0])
    is_soft = inpaint.soft is not None
    room = room_mask(size, inpaint.extend, inpaint.blur, is_soft=is_soft)
    mask = np.maximum(mask, room)
    frame = _frame(picture, mask, room, task)
    count = len(stage.recipes)
    if frame is None:
        is_resized = inpaint.area is InpaintArea.WHOLE and _over(size, task) is None
        kept = picture
        if is_resized:
            kept = fitted(picture, stage.width, stage.height, _mode(task))
        note = "the mask is empty: nothing was drawn anew"
        return Canvas(pixels=np.stack([kept] * count), notes=(note,))
    start, notes = _start(work, task, frame)
    latents = run_stage(work, replace(stage, start=start))
    if latents is None:
        return None
    studio = studio_of(work, stage.shared.checkpoint)
    drawn = developed(work, Canvas(latents=latents, notes=notes), studio)
    shares = _shares(task, frame, start, latents)
    if drawn.pixels is None:
        raise RecipeError("inpainting ended without a picture")
    pixels = [
        _back(picture, mask, frame, each, share)
        for each, share in zip(drawn.pixels, shares, strict=True)
    ]
    return Canvas(pixels=np.stack(pixels), notes=drawn.notes)


def _mask(work: Work, source: Picture, inpaint: Inpaint) -> tuple[Mask, tuple[str, ...]]:
    """Return the mask of a picture, in its size: a file's, else what shines through."""
    if inpaint.mask == SourcePicture():
        return 255 - source.rgba[..., 3], ()
    picture = work.supplies.open_picture(inpaint.mask)
    mask = mask_of(picture)
    if mask.shape == (source.height, source.width):
        return mask, picture.notes
    note = (
        f"the mask of {picture.width}x{picture.height} was stretched to the picture's "
        f"{source.width}x{source.height}"
    )
    return resized(mask, source.width, source.height), (*picture.notes, note)


def _mode(task: Repaint) -> ResizeMode:
    """Return how picture and mask meet the size; latents are not resized under a mask."""
    mode = task.img2img.resize_mode
    return ResizeMode.STRETCH if mode is ResizeMode.LATENT else mode


def _frame(picture: Pixels, mask: Mask, room: Mask, task: Repaint) -> _Frame | None:
    """Return what is drawn; None where nothing is masked."""
    size = (task.stage.width, task.stage.height)
    around = bounds(mask)
    if around is None:
        return None
    height, width = mask.shape
    if task.inpaint.area is InpaintArea.WHOLE:
        over = _over((width, height), task)
        shown, hidden, new = (
            fitted(each, *size, _mode(task)) if over is None else filled_up(each, over)
            for each in (picture, mask, room)
        )
        return _Frame(picture=shown, mask=hidden, room=new, over=over or (0, 0, 0, 0))
    box = crop_box(around, padding=task.inpaint.padding, aspect=size, within=(width, height))
    shown, hidden, new = (
        fitted(np.ascontiguousarray(box.of(each)), *size, ResizeMode.FILL)
        for each in (picture, mask, room)
    )
    return _Frame(picture=shown, mask=hidden, room=new, box=box)


def _over(size: tuple[int, int], task: Repaint) -> Margins | None:
    """Return what is missing to whole cells of the latents; None where the picture is resized.

    It is not where the stage draws it in its own size; upstream resizes it there too.
    """
    stage = task.stage
    wide, high = stage.width - size[0], stage.height - size[1]
    if stage.recipe.compat.flags.any or not (0 <= wide < LATENT_CELL and 0 <= high < LATENT_CELL):
        return None
    return wide // 2, high // 2, wide - wide // 2, high - high // 2


def _start(work: Work, task: Repaint, frame: _Frame) -> tuple[Start, tuple[str, ...]]:
    """Return what a run begins with, and what a person should know of it."""
    stage, inpaint, img2img = task.stage, task.inpaint, task.img2img
    studio = studio_of(work, stage.shared.checkpoint)
    content = inpaint.content
    under = frame.picture
    if content is not MaskedContent.ORIGINAL:
        under = filled(under, frame.mask)
    found = encoded(work, studio, under[None])
    rows, columns = found.latents.shape[2:]
    small = latent_mask(
        frame.mask, columns, rows, is_rounded=inpaint.round_mask and inpaint.soft is None
    )
    mask = torch.from_numpy(small)[None, None].to(found.latents.device)  # (1, 1, H/8, W/8)
    start = Start(
        latents=repeated(found.latents, len(stage.recipes)),
        denoise=img2img.denoise,
        exact=img2img.exact_steps,
        noise_multiplier=img2img.noise_multiplier,
        extra_noise=img2img.extra_noise,
        region=Region(mask=mask, soft=inpaint.soft),
        masked_picture=without_hole(frame.picture, frame.mask, inpaint.conditional_mask_weight),
    )
    if content is MaskedContent.LATENT_NOTHING:
        start = replace(start, latents=start.latents * (1 - mask))
    elif content is MaskedContent.LATENT_NOISE:
        noise = first_draw(work, replace(stage, start=start))
        start = replace(start, latents=start.latents * (1 - mask) + noise * mask)
    notes = found.notes
    if not bool(mask.any()):
        notes = (*notes, "the mask covers no 8x8 cell of the latents by half: nothing changes")
    return start, notes


def _shares(task: Repaint, frame: _Frame, start: Start, latents: Tensor) -> list[Mask]:
    """Return how much of each drawn picture shows, at the size it was drawn."""
    shown = doubled(frame.mask) if frame.box is None else frame.mask
    soft = task.inpaint.soft
    if soft is None:
        return [shown] * len(latents)
    return [
        # In the room around a picture there are no pixels of the original that could stay.
        np.maximum(soft_share(before, after, shown, soft), frame.room)
        for before, after in zip(start.latents, latents, strict=True)
    ]


def _back(picture: Pixels, mask: Mask, frame: _Frame, drawn: Pixels, share: Mask) -> Pixels:
    """Return a whole picture with its drawn part laid on."""
    height, width = frame.mask.shape
    drawn = fitted(drawn, width, height, ResizeMode.STRETCH)
    box = frame.box
    if box is None:
        left, top, right, bottom = frame.over
        return overlaid(frame.picture, drawn, share)[top : height - bottom, left : width - right]
    patch = fitted(drawn, box.width, box.height, ResizeMode.CROP)
    shown = fitted(share, box.width, box.height, ResizeMode.CROP)
    # Resizing leaves traces beyond the mask's own edge.
    shown = np.where(box.of(mask) == 0, 0, shown).astype(np.uint8)
    result = picture.copy()
    box.of(result)[...] = overlaid(box.of(picture), patch, shown)
    return result
