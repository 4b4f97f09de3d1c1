"""Draw pictures with a released model, for evaluation: the engine's own path, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from irodori.engine.conditioning import Conditioning, ImageConditioning, Part
from irodori.engine.denoiser import Parameterisation
from irodori.engine.device import choose_policy, probe
from irodori.engine.guidance import Guidance
from irodori.engine.guided import Drawing, GuidedDenoiser
from irodori.engine.loading.checkpoint import LoadedModel, load_checkpoint
from irodori.engine.loading.source import open_source
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.samplers import registry
from irodori.engine.sampling import Pass, finished, noised, sample
from irodori.engine.sigma_plan import SigmaRequest, plan_sigmas
from irodori.engine.text import TextEncoders, TextSettings, encode_texts, facts_vector
from irodori.engine.vae import LATENT_CELL, decode, to_bytes
from irodori.painter.dataset import Pictures
from irodori.painter.prompts import split_caption
from irodori.prompt.chunk import Chunk, Segment, chunk_segments
from irodori.prompt.tokenizer import Tokenizer, load_tokenizer
from irodori.recipe.names import Dtype
from irodori.recipe.parts import Noise
from irodori.recipe.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSettings:
    """How pictures are drawn.

    Attributes:
        width: in pixels, a multiple of 8.
        height: in pixels, a multiple of 8.
        negative: the negative prompt.
        cfg_scale: guidance.
        steps: of the sampler.
        sampler: by name.
        schedule: of the noise levels.
        batch: pictures drawn at a time.
    """

    width: int = 128
    height: int = 128
    negative: str = ""
    cfg_scale: float = 4.0
    steps: int = 20
    sampler: str = "DPM++ 2M"
    schedule: Schedule = Schedule.KARRAS
    batch: int = 16


def open_model(path: Path, dtype: Dtype = Dtype.AUTO) -> LoadedModel:
    """Return a model file ready to draw on this machine's CPU.

    Args:
        path: of the model.
        dtype: the arithmetic; small models are in float32 if nothing is said.
    """
    source = open_source(path)
    policy = choose_policy(probe(), parameters=source.header.elements, device="cpu", dtype=dtype)
    return load_checkpoint(source, policy)


def draw(
    model: LoadedModel, prompts: Sequence[str], seeds: Sequence[int], settings: DrawSettings
) -> Pictures:
    """Return uint8 [N, H, W, 3], picture i of prompt i and seed i.

    Args:
        model: from `open_model`.
        prompts: tags between commas, `(tag:1.2)` and BREAK.
        seeds: as many as prompts.
        settings: size, guidance, sampler.
    """
    told = _conditionings(model, [settings.negative, *prompts], settings)
    batches = []
    for start in range(0, len(prompts), settings.batch):
        chosen = slice(start, start + settings.batch)
        conditioning = tuple(
            ImageConditioning(parts=(Part(positive),), negative=told[0])
            for positive in told[1:][chosen]
        )
        latents = _latents(model, conditioning, list(seeds[chosen]), settings)
        batches.append(to_bytes(decode(model.autoencoder, latents)))
    return np.concatenate(batches)


def _conditionings(
    model: LoadedModel, texts: Sequence[str], settings: DrawSettings
) -> list[Conditioning]:
    tokenizer = load_tokenizer()
    encoders = TextEncoders(text_l=model.text_l, text_g=model.text_g)
    chunks = [_chunks(text, tokenizer) for text in texts]
    vector_dim = model.unet.config.vector_dim
    return [
        Conditioning(
            context=encoded.context[0],
            vector=facts_vector(
                encoded.pooled, vector_dim, width=settings.width, height=settings.height
            )[0],
        )
        for encoded in encode_texts(encoders, chunks, TextSettings())
    ]


def _chunks(text: str, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    segments: list[Segment] = []
    for tag, weight in split_caption(text):
        if tag == "BREAK":
            segments.append(Segment(text="", is_break=True))
            continue
        if segments and not segments[-1].is_break:
            segments.append(Segment(text=","))
        segments.append(Segment(text=tag, weight=weight))
    return chunk_segments(segments, tokenizer)


def _latents(
    model: LoadedModel,
    conditioning: tuple[ImageConditioning, ...],
    seeds: Sequence[int],
    settings: DrawSettings,
) -> Tensor:
    """Return clean latents [B, 4, H/8, W/8] of unit variance."""
    sampler = registry.get(settings.sampler)
    levels = sdxl_sigmas()
    plan = plan_sigmas(
        SigmaRequest(
            sampler=sampler.info,
            schedule=settings.schedule,
            steps=settings.steps,
            model_sigmas=levels,
        )
    )
    shape = (4, settings.height // LATENT_CELL, settings.width // LATENT_CELL)
    noise = ImageNoise(
        [Noise(seed=seed) for seed in seeds],
        NoiseSetting(shape=shape, sigmas=plan.whole),
    )
    denoise = GuidedDenoiser(
        Drawing(
            network=model.unet,
            parameterisation=Parameterisation(
                prediction=model.traits.prediction, model_sigmas=levels
            ),
            conditioning=lambda _call: conditioning,
            guidance=Guidance(cfg_scale=settings.cfg_scale),
            calls=plan.calls,
            attend=model.policy.attend,
            dtype=model.policy.compute,
        )
    )
    run = Pass(sampler=sampler, sigmas=plan.run, noise=noise)
    x = noised(noise.initial, plan.run[0])
    return finished(sample(run, denoise, x), x)
