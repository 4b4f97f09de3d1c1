"""One run of a sampler: from a stage to clean latents. Every pass that draws goes through here."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor

from irodori.engine import samplers
from irodori.engine.events import ModelSwitched, PassBegun, StepTaken
from irodori.engine.guided import GuidedDenoiser
from irodori.engine.loading.fill import bad_values, damaged
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.passes.beside import beside_of
from irodori.engine.passes.drawing import Turn, denoiser_of, plan_of, sigmas_of
from irodori.engine.passes.masked import MaskedDenoiser
from irodori.engine.passes.refiner import RefinedDenoiser
from irodori.engine.passes.stage import Stage, Start, Work
from irodori.engine.refiner_switch import RefinerSwitch
from irodori.engine.samplers import Denoiser, Sampler
from irodori.engine.sampling import Pass, noised, sample
from irodori.engine.sigma_plan import SigmaPlan
from irodori.engine.studio import Studio, Supplies
from irodori.engine.vae import LATENT_CELL
from irodori.prompt import network_timelines
from irodori.recipe.parts import FileIdentity

COMPAT = "compat"
"""The samplers' option that brings back upstream's faults."""

_FINE: Final = 1000  # so many steps tell fractions apart that a pass's own would round alike


def run_stage(work: Work, stage: Stage) -> Tensor | None:
    """Return a stage's latents: float32 [B, 4, H/8, W/8]; None when it was cancelled.

    Args:
        work: the batch; its recipes may be more than the stage's.
        stage: what is run.

    Raises:
        RecipeError: steps, strength or options make no run.
    """
    sampler = samplers.get(stage.shared.sampler)
    is_batch = len(stage.recipes) > 1
    if is_batch and (sampler.info.couples_batch or not _wear_the_same(stage)):
        drawn = []
        for single in stage.each():
            latents = _run(work, single, sampler)
            if latents is None:
                return None
            drawn.append(latents)
        return torch.cat(drawn)
    return _run(work, stage, sampler)


def _wear_the_same(stage: Stage) -> bool:
    """Tell whether all prompts of a stage put the same networks on the weights at all steps."""
    prompts = {own.prompt for own in stage.settings}
    if len(prompts) == 1:
        return True
    dialect = stage.recipe.dialect
    worn = {
        tuple(
            (line.tag.items, line.te, line.unet)
            for steps in (stage.steps, _FINE)
            for line in network_timelines(prompt, steps, dialect=dialect)
        )
        for prompt in prompts
    }
    return len(worn) == 1


def studio_of(work: Work, checkpoint: FileIdentity) -> Studio:
    """Return a checkpoint ready to draw; the recipe's own one is open already."""
    is_own = checkpoint == work.recipes[0].model.file
    return work.studio if is_own else work.supplies.open_model(checkpoint)


def with_autoencoder(supplies: Supplies, studio: Studio, vae: FileIdentity) -> Studio:
    """Return a model with another autoencoder; itself where none is named or found."""
    opened = supplies.open_autoencoder(vae) if vae.name else None
    if opened is None:
        return studio
    return replace(studio, model=replace(studio.model, autoencoder=opened))


def turn_of(work: Work, checkpoint: FileIdentity, stage: Stage) -> Turn:
    """Return a checkpoint's turn in a stage."""
    studio = studio_of(work, checkpoint)
    work.supplies.ready(studio)
    return Turn(
        studio=studio,
        find_network=work.supplies.find_network,
        is_own=studio is work.studio,
        beside=beside_of(work, studio, stage),
    )


def first_draw(work: Work, stage: Stage) -> Tensor:
    """Return the noise that a stage begins with, N(0, 1), float32 [B, 4, H/8, W/8]."""
    return _noise(work, stage, torch.tensor([1.0, 0.0])).initial


def _noise(work: Work, stage: Stage, sigmas: Tensor) -> ImageNoise:
    config, policy = work.studio.model.unet.config, work.studio.model.policy
    shape = (config.latent_channels, stage.height // LATENT_CELL, stage.width // LATENT_CELL)
    if stage.start is not None:
        shape = (config.latent_channels, *stage.start.latents.shape[2:])
    return ImageNoise(
        stage.noises,
        NoiseSetting(
            shape=shape,
            sigmas=sigmas,
            device=policy.device,
            compat=stage.recipe.compat.flags,
        ),
    )


def _run(work: Work, stage: Stage, sampler: Sampler) -> Tensor | None:
    start, listener = stage.start, work.listener
    turn = turn_of(work, stage.shared.checkpoint, stage)
    plan = plan_of(stage, sampler.info, turn)
    if start is not None and plan.steps == 0:
        return start.latents
    noise = _noise(work, stage, plan.whole)
    sigmas = plan.run.to(turn.studio.model.policy.device)
    x = _begun(stage, plan, noise, sigmas)
    run = Pass(sampler=sampler, sigmas=sigmas, noise=noise, options=options_of(sampler, stage))
    with ExitStack() as worn:
        denoise: Denoiser = _denoiser(work, stage, turn, plan, worn)
        masked = _masked(denoise, start)
        listener.tell(
            PassBegun(
                name=stage.name,
                steps=plan.steps,
                calls=plan.calls,
                width=stage.width,
                height=stage.height,
            )
        )
        for step in sample(run, masked or denoise, x, cancelled=listener.cancelled):
            x = step.x
            listener.tell(StepTaken(step=step.i + 1, steps=plan.steps, sigma=float(step.sigma)))
            seen = work.supplies.preview(turn.studio, step)
            if seen is not None:
                listener.tell(seen)
    if listener.cancelled():
        return None
    if not bool(x.isfinite().all()):
        _blame(turn.studio)
    return x if masked is None else masked.finished(x)


def _blame(studio: Studio) -> None:
    """Raise if the model's own values are no numbers; else the sampler diverged.

    Raises:
        ModelFileError: names the tensors.
    """
    model = studio.model
    parts = {"unet": model.unet, "text_l": model.text_l, "text_g": model.text_g}
    names = [f"{part}.{name}" for part, module in parts.items() for name in bad_values(module)]
    if names:
        raise damaged(model.path, names)


def _masked(denoise: Denoiser, start: Start | None) -> MaskedDenoiser | None:
    if start is None or start.region is None:
        return None
    return MaskedDenoiser(denoise, start.latents, start.region)


def options_of(sampler: Sampler, stage: Stage) -> Mapping[str, Any]:
    """Return the sampler's options: the recipe's, and upstream's faults for upstream's recipes."""
    options: dict[str, Any] = {option.name: option.value for option in stage.shared.options}
    has_compat = any(info.name == COMPAT for info in sampler.info.option_infos)
    if has_compat and stage.recipe.compat.flags.any:
        options.setdefault(COMPAT, True)
    return options


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
    work: Work, stage: Stage, turn: Turn, plan: SigmaPlan, worn: ExitStack
) -> GuidedDenoiser | RefinedDenoiser:
    """Return who answers in a stage: one model, or one after the other."""
    sampler = samplers.get(stage.shared.sampler).info
    first = denoiser_of(turn, stage, sampler, plan, worn)
    refiner = stage.refiner
    if refiner is None:
        return first

    def second() -> GuidedDenoiser:
        worn.close()  # the first model's networks: it may be the same file
        refining = turn_of(work, refiner.checkpoint, stage)
        work.listener.tell(ModelSwitched(name=refiner.checkpoint.title))
        return denoiser_of(refining, stage, sampler, plan, worn)

    switch = RefinerSwitch(
        at=refiner.switch_at, rule=refiner.rule, model_sigmas=sigmas_of(turn, stage.recipe)
    )
    return RefinedDenoiser(first, second, switch, plan.calls)
