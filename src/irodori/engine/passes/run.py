"""One run of a sampler: from a stage to clean latents. Every pass that draws goes through here."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from irodori.engine import samplers
from irodori.engine.events import ModelSwitched, PassBegun, StepTaken
from irodori.engine.guided import GuidedDenoiser
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.passes.drawing import Turn, denoiser_of, plan_of, sigmas_of
from irodori.engine.passes.masked import MaskedDenoiser
from irodori.engine.passes.refiner import RefinedDenoiser
from irodori.engine.passes.stage import Stage, Start, Work
from irodori.engine.refiner_switch import RefinerSwitch
from irodori.engine.samplers import Denoiser, Sampler
from irodori.engine.sampling import Pass, noised, sample
from irodori.engine.sigma_plan import SigmaPlan
from irodori.engine.studio import Studio
from irodori.engine.vae import LATENT_CELL
from irodori.recipe.parts import FileIdentity

COMPAT = "compat"
"""The samplers' option that brings back upstream's faults."""


def run_stage(work: Work, stage: Stage) -> Tensor | None:
    """Return a stage's latents: float32 [B, 4, H/8, W/8]; None when it was cancelled.

    Args:
        work: the batch; its recipes may be more than the stage's.
        stage: what is run.

    Raises:
        RecipeError: steps, strength or options make no run.
    """
    sampler = samplers.get(stage.shared.sampler)
    if sampler.info.couples_batch and len(stage.recipes) > 1:
        drawn = []
        for single in stage.each():
            latents = _run(work, single, sampler)
            if latents is None:
                return None
            drawn.append(latents)
        return torch.cat(drawn)
    return _run(work, stage, sampler)


def turn_of(work: Work, checkpoint: FileIdentity, beside: Tensor | None = None) -> Turn:
    """Return the turn of a checkpoint; the recipe's own one is open already."""
    is_own = checkpoint == work.recipes[0].model.file
    studio = work.studio if is_own else work.supplies.open_model(checkpoint)
    return Turn(studio=studio, is_own=is_own, beside=beside)


def _run(work: Work, stage: Stage, sampler: Sampler) -> Tensor | None:
    start, listener = stage.start, work.listener
    turn = turn_of(work, stage.shared.checkpoint, None if start is None else start.beside)
    plan = plan_of(stage, sampler.info, turn)
    if start is not None and plan.steps == 0:
        return start.latents
    noise = _noise(stage, turn.studio, plan)
    sigmas = plan.run.to(turn.studio.model.policy.device)
    x = _begun(stage, plan, noise, sigmas)
    denoise: Denoiser = _denoiser(work, stage, turn, sampler, plan)
    masked = _masked(denoise, start)
    run = Pass(sampler=sampler, sigmas=sigmas, noise=noise, options=options_of(sampler, stage))
    listener.tell(PassBegun(name=stage.name, steps=plan.steps))
    for step in sample(run, masked or denoise, x, cancelled=listener.cancelled):
        x = step.x
        listener.tell(StepTaken(step=step.i + 1, steps=plan.steps, sigma=float(step.sigma)))
    if listener.cancelled():
        return None
    return x if masked is None else masked.finished(x)


def _masked(denoise: Denoiser, start: Start | None) -> MaskedDenoiser | None:
    if start is None or start.region is None:
        return None
    kept = start.latents if start.kept is None else start.kept
    return MaskedDenoiser(denoise, kept, start.region)


def options_of(sampler: Sampler, stage: Stage) -> Mapping[str, Any]:
    """Return the sampler's options: the recipe's, and upstream's faults for upstream's recipes."""
    options: dict[str, Any] = {option.name: option.value for option in stage.shared.options}
    has_compat = any(info.name == COMPAT for info in sampler.info.option_infos)
    if has_compat and stage.recipe.compat.flags.any:
        options.setdefault(COMPAT, True)
    return options


def latent_shape(width: int, height: int, channels: int) -> tuple[int, int, int]:
    """Return the shape of one picture's latents."""
    return (channels, height // LATENT_CELL, width // LATENT_CELL)


def _noise(stage: Stage, studio: Studio, plan: SigmaPlan) -> ImageNoise:
    channels = studio.model.unet.config.latent_channels
    return ImageNoise(
        stage.noises,
        NoiseSetting(
            shape=latent_shape(stage.width, stage.height, channels),
            sigmas=plan.whole,
            device=studio.model.policy.device,
            compat=stage.recipe.compat.flags,
        ),
    )


def _begun(stage: Stage, plan: SigmaPlan, noise: ImageNoise, sigmas: Tensor) -> Tensor:
    """Return the noisy latents that a run begins with."""
    start = stage.start
    if start is None:
        unit_variance = plan.unit_variance or stage.recipe.compat.sgm_noise_multiplier
        return noised(noise.initial, sigmas[0], unit_variance=unit_variance)
    initial = noise.initial * start.noise_multiplier
    x = noised(initial, sigmas[0], start.latents)
    return x + initial * start.extra_noise if start.extra_noise else x


def _denoiser(
    work: Work, stage: Stage, turn: Turn, sampler: Sampler, plan: SigmaPlan
) -> GuidedDenoiser | RefinedDenoiser:
    """Return who answers in a stage: one model, or one after the other."""
    first = denoiser_of(turn, stage, sampler.info, plan)
    refiner = stage.refiner
    if refiner is None:
        return first

    def second() -> GuidedDenoiser:
        refining = turn_of(work, refiner.checkpoint, turn.beside)
        work.listener.tell(ModelSwitched(name=refiner.checkpoint.title))
        return denoiser_of(refining, stage, sampler.info, plan)

    switch = RefinerSwitch(
        at=refiner.switch_at, rule=refiner.rule, model_sigmas=sigmas_of(turn, stage.recipe)
    )
    return RefinedDenoiser(first, second, switch, plan.calls)
