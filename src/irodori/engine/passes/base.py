"""The first pass: noise to latents."""

from irodori.engine.passes.run import run_stage
from irodori.engine.passes.stage import Canvas, Stage, Work
from irodori.recipe.names import RefinerScope

NAME = "base"


def draw_base(work: Work, canvas: Canvas) -> Canvas | None:
    """Return a canvas with the latents of a batch; None when it was cancelled.

    Args:
        work: model, recipes, listener.
        canvas: nothing is on it yet.
    """
    latents = run_stage(work, stage_of(work))
    return None if latents is None else Canvas(latents=latents, notes=canvas.notes)


def stage_of(work: Work) -> Stage:
    """Return the base pass of a batch; img2img lays a start under it."""
    first = work.recipes[0]
    refiner = first.refiner
    if refiner is not None and first.hires is not None and refiner.scope is RefinerScope.SECOND:
        refiner = None
    return Stage(
        name=NAME,
        recipes=work.recipes,
        settings=tuple(recipe.settings() for recipe in work.recipes),
        noises=tuple(recipe.noise for recipe in work.recipes),
        width=first.base.width,
        height=first.base.height,
        steps=first.base.steps,
        refiner=refiner,
    )
