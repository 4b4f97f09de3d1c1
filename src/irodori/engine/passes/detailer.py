"""Find, mask and draw again: faces, hands and what else a detector knows.

Several detailers run one after another, each over what the one before left; each mask is drawn
over what the mask before left.

Source: compat 8.3 to 8.5; practice P17.
"""

from dataclasses import dataclass, replace

import numpy as np

from irodori.engine.detection import Detector
from irodori.engine.events import Progressed
from irodori.engine.image import Pixels, resized
from irodori.engine.masking import Mask, blurred, overlaid
from irodori.engine.passes.detail_masks import chosen, masks_of, meeting, prompt_of
from irodori.engine.passes.develop import developed, joined
from irodori.engine.passes.inpaint import Repaint, mask_drawn, repaint
from irodori.engine.passes.run import with_autoencoder
from irodori.engine.passes.stage import Canvas, Stage, Work
from irodori.engine.studio import Supplies
from irodori.engine.vae import LATENT_CELL
from irodori.errors import RecipeError
from irodori.recipe.names import InpaintArea
from irodori.recipe.parts import SEED_MAX, Noise
from irodori.recipe.passes import Detailer, Img2Img, Inpaint
from irodori.recipe.recipe import Recipe, Settings

NAME = "detailer"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Task:
    """One detailer on one picture.

    Attributes:
        recipe: the picture's.
        detailer: what to find and how to draw it.
        place: of the picture and the detailer, for people; empty where there is only one.
        only: uint8 [H, W]; masks that meet none of its white are left out. None keeps all.
    """

    recipe: Recipe
    detailer: Detailer
    place: str
    only: Mask | None


def found_detailers(
    recipes: tuple[Recipe, ...], supplies: Supplies
) -> tuple[tuple[Recipe, ...], tuple[str, ...]]:
    """Return recipes without the detailers whose detector is not here, and who they are.

    So the pictures' metadata say what really drew them.

    Args:
        recipes: of one batch; their detailers are the same.
        supplies: open detectors.

    Raises:
        ModelFileError: a detector's file cannot be read, or would run code.
    """
    kept, notes = [], []
    for detailer in recipes[0].detailers:
        if supplies.open_detector(detailer.model) is None:
            notes.append(
                f"the detector '{detailer.model}' is not here: nothing was detailed by it; "
                "'face' is the one that comes with Irodori"
            )
        else:
            kept.append(detailer)
    if not notes:
        return recipes, ()
    return tuple(replace(recipe, detailers=tuple(kept)) for recipe in recipes), tuple(notes)


def check_detailers(work: Work) -> None:
    """Open the detectors, so that what is wrong with them is told before anything is drawn.

    Raises:
        ModelFileError: a detector's file cannot be read, or would run code.
    """
    for detailer in work.recipes[0].detailers:
        _opened(work, detailer)


def draw_detailers(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with every picture detailed; None when it was cancelled.

    Args:
        work: its recipes have detailers, all the same ones.
        canvas: finished pictures.
    """
    finished = developed(work, canvas)
    if finished.pixels is None:
        raise RecipeError("there is no picture to detail")
    results, notes = [], finished.notes
    for index, (recipe, pixels) in enumerate(zip(work.recipes, finished.pixels, strict=True)):
        picture: Pixels = np.ascontiguousarray(pixels[..., :3])
        only = mask_drawn(work, recipe, picture.shape[1], picture.shape[0])
        for detailer in recipe.detailers:
            place = f" in picture {index + 1}" if len(work.recipes) > 1 else ""
            task = _Task(recipe=recipe, detailer=detailer, place=place, only=only)
            detailed = _detailed(work, picture, task)
            if detailed is None:
                return None
            picture, notes = detailed[0], joined(notes, detailed[1])
        results.append(np.dstack([picture, pixels[..., 3:]]))
    return Canvas(pixels=np.stack(results), notes=notes)


def _detailed(work: Work, picture: Pixels, task: _Task) -> tuple[Pixels, tuple[str, ...]] | None:
    """Return a picture with all that one detailer found drawn anew, and what is to be told.

    None when it was cancelled.
    """
    detailer = task.detailer
    height, width = picture.shape[:2]
    detector = _opened(work, detailer)
    found = detector.detect(picture, detailer.confidence)
    notes = _class_notes(detector, detailer)
    if not found:
        return picture, (*notes, f"{detailer.model} found nothing{task.place}")
    wanted = chosen(found, detailer, width, height)
    masks = masks_of(wanted, detailer, width, height)
    if masks and task.only is not None:
        masks = meeting(masks, task.only)
        if not masks:
            told = f"{detailer.model} found {len(found)}{task.place}, of which the mask meets none"
            return picture, (*notes, told)
    if not masks:
        told = f"{detailer.model} found {len(found)}{task.place}, of which its settings keep none"
        return picture, (*notes, told)
    drawing = _with_autoencoder(work, detailer)
    for index, mask in enumerate(masks):
        settings = _settings(task, index)
        if settings is None:
            continue
        drawn = _drawn(drawing, picture, mask, _stage(picture, task, settings, index), detailer)
        if drawn is None:
            return None
        picture, notes = drawn[0], joined(notes, drawn[1])
        work.listener.tell(Progressed(done=index + 1, total=len(masks)))
    return picture, notes


def _class_notes(detector: Detector, detailer: Detailer) -> tuple[str, ...]:
    """Return which of the asked labels a detector does not have."""
    known = {label.casefold() for label in detector.labels}
    asked = [label.strip() for label in detailer.classes.split(",") if label.strip()]
    lost = [label for label in asked if label.casefold() not in known]
    if not lost:
        return ()
    has = ", ".join(detector.labels)
    return (f"{detailer.model} does not know '{', '.join(lost)}'; it knows {has}",)


def _opened(work: Work, detailer: Detailer) -> Detector:
    detector = work.supplies.open_detector(detailer.model)
    if detector is None:
        raise RecipeError(f"the detector '{detailer.model}' is not here")
    return detector


def _with_autoencoder(work: Work, detailer: Detailer) -> Work:
    """Return the work with the detailer's own autoencoder, where it draws with the same model."""
    vae = detailer.own.vae
    if vae is None:
        return work
    return replace(work, studio=with_autoencoder(work.supplies, work.studio, vae))


def _settings(task: _Task, index: int) -> Settings | None:
    """Return who draws a mask and what; None where its prompt says to leave it."""
    own, recipe = task.detailer.own, task.recipe
    prompt = prompt_of(own.prompt, recipe.prompt, index)
    if prompt is None:
        return None
    negative = prompt_of(own.negative_prompt, recipe.negative_prompt, index)
    # [SKIP] means nothing in a negative prompt: the picture's own stays.
    return replace(
        recipe.settings(own),
        prompt=prompt,
        negative_prompt=recipe.negative_prompt if negative is None else negative,
    )


def _stage(picture: Pixels, task: _Task, settings: Settings, index: int) -> Stage:
    """Return the run of one mask: its seed counts up from the picture's."""
    recipe, detailer = task.recipe, task.detailer
    height, width = picture.shape[:2]
    size = (detailer.width or recipe.base.width, detailer.height or recipe.base.height)
    if not detailer.only_masked and not detailer.width:
        size = (width // LATENT_CELL * LATENT_CELL, height // LATENT_CELL * LATENT_CELL)
    return Stage(
        name=f"{NAME} {detailer.model} {index + 1}",
        recipes=(recipe,),
        settings=(settings,),
        noises=(_noise(recipe.noise, index),),
        width=size[0],
        height=size[1],
        steps=detailer.steps or recipe.base.steps,
    )


def _noise(noise: Noise, index: int) -> Noise:
    return replace(
        noise,
        seed=(noise.seed + index) % (SEED_MAX + 1),
        variation_seed=(noise.variation_seed + index) % (SEED_MAX + 1),
        batch_size=1,
        batch_index=0,
    )


def _drawn(
    work: Work, picture: Pixels, mask: Mask, stage: Stage, detailer: Detailer
) -> tuple[Pixels, tuple[str, ...]] | None:
    """Return a picture with one mask drawn anew, its size as before; None when cancelled."""
    area = InpaintArea.MASKED if detailer.only_masked else InpaintArea.WHOLE
    inpaint = Inpaint(blur=detailer.mask_blur, area=area, padding=detailer.padding)
    multiplier = detailer.noise_multiplier
    img2img = Img2Img(
        denoise=detailer.denoise, noise_multiplier=1.0 if multiplier is None else multiplier
    )
    task = Repaint(stage=stage, picture=picture, mask=mask, img2img=img2img, inpaint=inpaint)
    drawn = repaint(work, task)
    if drawn is None or drawn.pixels is None:
        return None
    result: Pixels = drawn.pixels[0]
    if not detailer.only_masked:  # drawn at another size: only what is masked comes from there
        height, width = picture.shape[:2]
        shown = blurred(mask, detailer.mask_blur)
        result = overlaid(picture, resized(result, width, height), shown)
    return result, drawn.notes
