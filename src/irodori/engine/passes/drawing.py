"""From a stage to the denoiser that draws it: the one place where the network is wired up."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from torch import Tensor

from irodori.engine.approximate.network import approximated
from irodori.engine.denoiser import Parameterisation
from irodori.engine.guidance import Guidance
from irodori.engine.guided import Drawing, GuidedDenoiser
from irodori.engine.loading.checkpoint import ModelTraits
from irodori.engine.lora.schedule import FindNetwork, NetworkSchedule, networks_of
from irodori.engine.memory_plan import Phase
from irodori.engine.model_sigmas import ModelSigmas, sdxl_sigmas
from irodori.engine.passes.stage import Stage
from irodori.engine.prompting import Reading
from irodori.engine.sigma_plan import SigmaPlan, SigmaRequest, plan_sigmas
from irodori.engine.studio import Studio
from irodori.engine.timeline import Timing, pass_texts
from irodori.prompt.dialect import Dialect
from irodori.recipe.approximations import values_of
from irodori.recipe.names import NoiseSchedule, Prediction
from irodori.recipe.recipe import Recipe
from irodori.recipe.sampler_info import SamplerInfo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turn:
    """A model's turn in a stage.

    Attributes:
        studio: the model.
        find_network: where the networks of its prompts are.
        is_own: it is the recipe's own checkpoint, so that what the recipe says of the file
            (prediction, noise levels) is about this one.
        beside: [B, 5, H/8, W/8] for inpainting checkpoints; None for others.
    """

    studio: Studio
    find_network: FindNetwork
    is_own: bool
    beside: Tensor | None = None


def denoiser_of(
    turn: Turn, stage: Stage, sampler: SamplerInfo, plan: SigmaPlan, worn: ExitStack
) -> GuidedDenoiser:
    """Return D(x; sigma) of a stage by one model; a new one for every run.

    Args:
        turn: the model.
        stage: what is drawn; its prompts name the same networks.
        sampler: who asks.
        plan: the stage's noise levels.
        worn: the networks on the model's weights are taken off when this is closed.
    """
    model, recipe = turn.studio.model, stage.recipe
    flags = recipe.compat.flags
    traits = _traits(turn, recipe)
    timing = timing_of(stage, sampler, plan)
    networks = networks_of(
        stage.shared.prompt, timing, turn.studio.networks, turn.find_network, model.unet.config
    )
    conditioning = turn.studio.prompter.conditioning(
        [pass_texts(own.prompt, own.negative_prompt, timing) for own in stage.settings],
        reading_of(stage),
        networks,
    )
    # The texts are read and the UNet has come: only now is its weights' place the one they keep.
    turn.studio.residence.begin(Phase.DENOISE)
    branches = _branches(networks, turn.studio)
    switch = worn.enter_context(networks.on(model.unet, branches=branches))
    network = turn.studio.network
    approximate = approximated(network, model.unet.config, values_of(recipe))

    def begin(call: int) -> None:
        strengths = networks.unet_at(call)
        switch.to(strengths)
        if approximate is not None:
            approximate.begin(call, strengths)

    drawing = Drawing(
        network=approximate or network,
        parameterisation=Parameterisation(
            prediction=traits.prediction,
            model_sigmas=_sigmas(traits, recipe),
            nearest_timestep=flags.nearest_timestep,
            lcm_boundary=flags.boundary_lcm and sampler.name == "LCM",
        ),
        conditioning=conditioning,
        guidance=guidance_of(stage, sampler),
        calls=plan.calls,
        attend=model.policy.attend,
        dtype=model.policy.compute,
        beside=turn.beside,
        before_call=begin,
    )
    return GuidedDenoiser(drawing)


def _branches(networks: NetworkSchedule, studio: Studio) -> bool:
    """Tell whether networks stay beside the weights.

    Strengths that stay are merged on a CPU: computed once, free at every call. A GPU may have no
    room for merged weights beside the originals, and hardly feels a branch. Merged into eight
    bits, most of what a network changes would be rounded away.
    """
    is_8_bits = studio.residence.plan.formats.is_fp8 or studio.speed_ups.is_int8
    return networks.changes or is_8_bits or studio.model.policy.device.type != "cpu"


def plan_of(stage: Stage, sampler: SamplerInfo, turn: Turn) -> SigmaPlan:
    """Return the noise levels of a stage."""
    recipe, start = stage.recipe, stage.start
    return plan_sigmas(
        SigmaRequest(
            sampler=sampler,
            schedule=stage.shared.schedule,
            steps=stage.steps,
            model_sigmas=sigmas_of(turn, recipe),
            overrides=recipe.base.sigmas,
            denoise=None if start is None else start.denoise,
            exact=start is not None and start.exact,
            old_karras=recipe.compat.old_karras,
            compat=recipe.compat.flags,
        )
    )


def sigmas_of(turn: Turn, recipe: Recipe) -> ModelSigmas:
    """Return a model's noise levels, as the recipe or else the file says."""
    return _sigmas(_traits(turn, recipe), recipe)


def timing_of(stage: Stage, sampler: SamplerInfo, plan: SigmaPlan) -> Timing:
    """Return how a stage counts, for prompts and for the networks in them.

    A pass over a picture runs a part of the asked steps. Its prompt timeline spans the steps that
    are run; upstream's spans those asked for, and is left before its end (compat 1.3).
    """
    recipe = stage.recipe
    timing = Timing(
        steps=stage.steps,
        calls_per_step=sampler.calls_per_step,
        dialect=recipe.dialect,
        old_timelines=recipe.compat.old_timelines,
    )
    if stage.is_hires:
        return replace(timing, steps=recipe.base.steps, hires_steps=stage.steps)
    if stage.start is not None and recipe.dialect is Dialect.IRODORI:
        return replace(timing, steps=max(plan.steps, 1))
    return timing


def reading_of(stage: Stage) -> Reading:
    """Return how a stage's texts are read."""
    recipe = stage.recipe
    return Reading(
        dialect=recipe.dialect,
        emphasis=recipe.emphasis,
        clip_skip=stage.shared.clip_skip,
        backtrack=recipe.compat.comma_backtrack,
        empty_negative=recipe.empty_negative,
        pad_conds=recipe.compat.pad_conds,
        width=stage.width,
        height=stage.height,
    )


def guidance_of(stage: Stage, sampler: SamplerInfo) -> Guidance:
    """Return a stage's guidance."""
    own = stage.recipe.base.guidance
    return Guidance(
        cfg_scale=stage.shared.cfg_scale * sampler.guidance_factor,
        rescale_phi=own.rescale_phi,
        start=own.start,
        end=own.end,
        minimum_sigma=own.minimum_sigma,
    )


def _sigmas(traits: ModelTraits, recipe: Recipe) -> ModelSigmas:
    return sdxl_sigmas(
        zero_terminal_snr=traits.zero_terminal_snr,
        downcast_abar=recipe.compat.downcast_alphas_cumprod,
    )


def _traits(turn: Turn, recipe: Recipe) -> ModelTraits:
    """Return how a model was trained: the recipe overrides its own checkpoint's file only."""
    traits = turn.studio.model.traits
    if not turn.is_own:
        return traits
    asked = recipe.model.prediction
    zero_terminal = recipe.model.noise_schedule is NoiseSchedule.ZERO_TERMINAL_SNR
    return ModelTraits(
        prediction=traits.prediction if asked is Prediction.FILE else asked,
        zero_terminal_snr=zero_terminal or traits.zero_terminal_snr,
    )
