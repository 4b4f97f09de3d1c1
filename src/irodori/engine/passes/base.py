"""The first pass: noise to latents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from irodori.engine import samplers
from irodori.engine.denoiser import Parameterisation
from irodori.engine.events import Event, PassBegun, StepTaken
from irodori.engine.guidance import Guidance
from irodori.engine.guided import Drawing, GuidedDenoiser
from irodori.engine.loading.checkpoint import LoadedModel, ModelTraits
from irodori.engine.model_sigmas import ModelSigmas, sdxl_sigmas
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.prompting import Prompter, Reading
from irodori.engine.samplers import Sampler
from irodori.engine.sampling import Pass, noised, sample
from irodori.engine.sigma_plan import SigmaPlan, SigmaRequest, plan_sigmas
from irodori.engine.timeline import Timing, pass_texts
from irodori.engine.vae import LATENT_CELL
from irodori.recipe.names import NoiseSchedule, Prediction
from irodori.recipe.recipe import Recipe

NAME = "base"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Studio:
    """A model and what is kept between its pictures.

    Attributes:
        model: what draws.
        prompter: its encoded texts.
    """

    model: LoadedModel
    prompter: Prompter


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Whoever wants to know, and may stop it.

    Attributes:
        tell: hears of every event.
        cancelled: asked before every step; True ends the work.
    """

    tell: Callable[[Event], None]
    cancelled: Callable[[], bool]


def draw_base(studio: Studio, recipes: Sequence[Recipe], listener: Listener) -> Tensor | None:
    """Return the latents of a batch: float32 [B, 4, H/8, W/8]; None when it was cancelled.

    Args:
        studio: the model.
        recipes: one a picture; they differ in seeds and prompts at most.
        listener: hears of every step.
    """
    first, model = recipes[0], studio.model
    sampler = samplers.get(first.base.sampler)
    plan = plan_of(first, sampler, model.traits)
    noise = ImageNoise(
        [recipe.noise for recipe in recipes],
        NoiseSetting(
            shape=_latent_shape(first, model),
            sigmas=plan.whole,
            device=model.policy.device,
            compat=first.compat.flags,
        ),
    )
    denoise = GuidedDenoiser(_drawing(studio, recipes, sampler, plan.calls))
    sigmas = plan.run.to(model.policy.device)
    unit_variance = plan.unit_variance or first.compat.sgm_noise_multiplier
    x = noised(noise.initial, sigmas[0], unit_variance=unit_variance)
    options = {option.name: option.value for option in first.base.options}
    run = Pass(sampler=sampler, sigmas=sigmas, noise=noise, options=options)
    listener.tell(PassBegun(name=NAME, steps=plan.steps))
    for step in sample(run, denoise, x, cancelled=listener.cancelled):
        x = step.x
        listener.tell(StepTaken(step=step.i + 1, steps=plan.steps, sigma=float(step.sigma)))
    return None if listener.cancelled() else x


def plan_of(recipe: Recipe, sampler: Sampler, traits: ModelTraits) -> SigmaPlan:
    """Return the noise levels of a recipe's first pass on a model."""
    return plan_sigmas(
        SigmaRequest(
            sampler=sampler.info,
            schedule=recipe.base.schedule,
            steps=recipe.base.steps,
            model_sigmas=sigmas_of(recipe, traits),
            overrides=recipe.base.sigmas,
            old_karras=recipe.compat.old_karras,
            compat=recipe.compat.flags,
        )
    )


def _drawing(studio: Studio, recipes: Sequence[Recipe], sampler: Sampler, calls: int) -> Drawing:
    """Return what the network is asked at each call."""
    first, model = recipes[0], studio.model
    flags = first.compat.flags
    timing = Timing(
        steps=first.base.steps,
        calls_per_step=sampler.info.calls_per_step,
        dialect=first.dialect,
        old_timelines=first.compat.old_timelines,
    )
    texts = [pass_texts(recipe.prompt, recipe.negative_prompt, timing) for recipe in recipes]
    return Drawing(
        network=model.unet,
        parameterisation=Parameterisation(
            prediction=_prediction(first, model.traits),
            model_sigmas=sigmas_of(first, model.traits),
            nearest_timestep=flags.nearest_timestep,
            lcm_boundary=flags.boundary_lcm and sampler.info.name == "LCM",
        ),
        conditioning=studio.prompter.conditioning(texts, reading_of(first)),
        guidance=guidance_of(first, sampler.info.guidance_factor),
        calls=calls,
        attend=model.policy.attend,
        dtype=model.policy.compute,
    )


def _latent_shape(recipe: Recipe, model: LoadedModel) -> tuple[int, int, int]:
    return (
        model.unet.config.latent_channels,
        recipe.base.height // LATENT_CELL,
        recipe.base.width // LATENT_CELL,
    )


def reading_of(recipe: Recipe) -> Reading:
    """Return how a recipe's texts are read in its first pass."""
    return Reading(
        dialect=recipe.dialect,
        emphasis=recipe.emphasis,
        clip_skip=recipe.base.clip_skip,
        backtrack=recipe.compat.comma_backtrack,
        empty_negative=recipe.empty_negative,
        width=recipe.base.width,
        height=recipe.base.height,
    )


def guidance_of(recipe: Recipe, factor: float) -> Guidance:
    """Return a recipe's guidance; `factor` is what A1111 multiplies the scale with."""
    own = recipe.base.guidance
    return Guidance(
        cfg_scale=recipe.base.cfg_scale * factor,
        rescale_phi=own.rescale_phi,
        start=own.start,
        end=own.end,
        minimum_sigma=own.minimum_sigma,
    )


def sigmas_of(recipe: Recipe, traits: ModelTraits) -> ModelSigmas:
    """Return the model's noise levels, as the recipe or else the file says."""
    asked = recipe.model.noise_schedule is NoiseSchedule.ZERO_TERMINAL_SNR
    return sdxl_sigmas(
        zero_terminal_snr=asked or traits.zero_terminal_snr,
        downcast_abar=recipe.compat.downcast_alphas_cumprod,
    )


def _prediction(recipe: Recipe, traits: ModelTraits) -> Prediction:
    asked = recipe.model.prediction
    return traits.prediction if asked is Prediction.FILE else asked
