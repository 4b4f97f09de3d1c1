"""Stage two: the UNet and both text encoders together, on the pool's latents.

    irodori paint pool  --config FILE --run DIR
    irodori paint train --config FILE --run DIR --stage autoencoder --workers 2
    irodori paint train --config FILE --run DIR --stage model --workers 2
    irodori paint export --config FILE --run DIR --out sumire.safetensors

Continues from DIR/model.state.pt if there is one. Loss: the squared error of the predicted noise
(Ho et al. 2020, arXiv:2006.11239, equation 14) with min-SNR weights (Hang et al. 2023,
arXiv:2303.09556). Captions are drawn anew each time a picture is seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from torch import Tensor

from irodori.painter.compact import CompactVocabulary
from irodori.painter.config import ModelTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import open_shards
from irodori.painter.frozen_autoencoder import read_frozen
from irodori.painter.latents import LatentBucket, encode_shards, open_latents
from irodori.painter.model import Conditions, new_model
from irodori.painter.prompts import PromptWriter, training_vocabulary
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.warm_up import warm_up
from irodori.prompt.tokenizer import load_tokenizer

STAGE: Final = "model"
TOKENS: Final = "tokens.json"
START: Final = "model.start.pt"  # weights to begin with, where `begin` has left some
_WEIGHT_DECAY: Final = 0.01
_LAST_RATE: Final = 0.02
_UNIFORM_SHARE: Final = 0.4  # of the times; the others are logit-normal about the middle
_LONG_EVERY: Final = 4  # steps; the others see one chunk a prompt, which is cheaper


def train_model(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, in a run's directory; its autoencoder is frozen already."""
    work_together(workers, partial(_work, config.model, directory))


def _work(settings: ModelTraining, directory: Path, crew: Crew) -> None:
    shards = open_shards(directory / "pool")
    tokens = directory / TOKENS
    if not tokens.exists() and crew.rank == 0:
        training_vocabulary(load_tokenizer()).write(tokens)
    encode_shards(read_frozen(directory), shards, directory / "latents", crew)  # waits for all
    vocabulary = CompactVocabulary.read(tokens)
    writer = PromptWriter(settings=settings, tokenizer=load_tokenizer())
    run = Run(directory=directory, stage=STAGE)
    module = new_model(settings, vocabulary.size)
    if (directory / START).exists():
        module.load_state_dict(torch.load(directory / START, weights_only=True))
    elif not run.state_file.exists():
        warm_up(module, vocabulary, writer, settings)  # every worker the same, from the seed
    plan = Plan(
        steps=settings.steps,
        rates={
            "unet": settings.learning_rate,
            "clip_l": settings.text_learning_rate,
            "clip_g": settings.text_learning_rate,
        },
        decay_from=settings.decay_from,
        last=_LAST_RATE,
        weight_decay=_WEIGHT_DECAY,
        ema=settings.ema,
    )
    optimisation = Optimisation(run=run, module=module, plan=plan, crew=crew)
    batches = Batches(
        settings=settings,
        buckets=open_latents(shards, directory / "latents"),
        writer=writer,
        vocabulary=vocabulary,
        crew=crew,
    )
    signal = signal_shares()

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        return noise_loss(module, batches.at(step), signal, settings)

    optimisation.train(loss_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One step's pictures and what is told about them.

    Attributes:
        latents: float32 [B, 4, H/8, W/8], unit variance.
        noise: float32, same shape.
        t: int64 [B], 0..999.
        given: captions and sizes.
    """

    latents: Tensor
    noise: Tensor
    t: Tensor
    given: Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Batches of the pool, each a function of its step and worker alone.

    Attributes:
        settings: sizes and shares.
        buckets: the latents by size, the smallest size first.
        writer: makes each picture's prompt.
        vocabulary: of the token tables.
        crew: which worker this is; each computes its part of the batch.
    """

    settings: ModelTraining
    buckets: Sequence[LatentBucket]
    writer: PromptWriter
    vocabulary: CompactVocabulary
    crew: Crew

    def at(self, step: int) -> Batch:
        """Return this worker's part of the batch of a step."""
        # Which size is seen must be the same for all workers: they wait for the slowest.
        bucket = self._bucket(step, np.random.default_rng([self.settings.seed, step]))
        rng = np.random.default_rng([self.settings.seed, step, self.crew.rank])
        torch_rng = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        smallest = self.buckets[0].width * self.buckets[0].height
        share = smallest / (bucket.width * bucket.height)
        count = max(1, round(self.settings.batch * share / self.crew.size))
        chosen = torch.from_numpy(rng.integers(0, len(bucket.seeds), count))
        latents = bucket.latents[chosen].float()
        most_chunks = 1 + (step % _LONG_EVERY == 0)
        return Batch(
            latents=latents,
            noise=torch.randn(latents.shape, generator=torch_rng),
            t=_times(count, self.settings.time_centre, torch_rng),
            given=self.conditions(bucket, chosen, rng, most_chunks),
        )

    def _bucket(self, step: int, rng: np.random.Generator) -> LatentBucket:
        early = step < self.settings.large_from * self.settings.steps
        if early or len(self.buckets) == 1 or rng.random() >= self.settings.large_share:
            return self.buckets[0]
        return self.buckets[1 + int(rng.integers(0, len(self.buckets) - 1))]

    def conditions(
        self, bucket: LatentBucket, chosen: Tensor, rng: np.random.Generator, most_chunks: int
    ) -> Conditions:
        """Return what is told about some pictures of a bucket, int64 [B], in words drawn anew."""
        settings = self.settings
        speech = Random(int(rng.integers(1 << 62)))  # noqa: S311  # captions, not secrets
        prompts = [
            self.writer.write(int(seed), speech, most_chunks=most_chunks)
            for seed in bucket.seeds[chosen]
        ]
        count = len(prompts)
        chunks = max(len(prompt.chunks) for prompt in prompts)
        rows = [self.vocabulary.rows(prompt.padded(chunks)) for prompt in prompts]
        empty = torch.tensor([not prompt.chunks[0] for prompt in prompts])
        weighted = torch.tensor([prompt.is_weighted for prompt in prompts])
        zeroed = empty & torch.from_numpy(rng.random(count) < settings.zeroed)
        unpooled = weighted & torch.from_numpy(rng.random(count) < settings.pooled_dropped)
        return Conditions(
            tokens_l=torch.stack([row for row, _ in rows]),
            tokens_g=torch.stack([row for _, row in rows]),
            weights=torch.stack([prompt.token_weights(chunks) for prompt in prompts]),
            kept=(~zeroed).float(),
            kept_pooled=(~(zeroed | unpooled)).float(),
            frames=bucket.frames[chosen],
        )


Predict = Callable[[Tensor, Tensor, Conditions], Tensor]
"""Noisy latents, times and what is told to the predicted noise, as `Sumire.forward`."""


def noise_loss(
    module: Predict, batch: Batch, signal: Tensor, settings: ModelTraining
) -> tuple[Tensor, dict[str, float]]:
    """Return the weighted squared error of the predicted noise, and the facts for the curve.

    Args:
        module: predicts.
        batch: clean latents, noise and times.
        signal: what `signal_shares` gives.
        settings: how times are weighed.
    """
    share = signal[batch.t][:, None, None, None]
    noisy = share.sqrt() * batch.latents + (1 - share).sqrt() * batch.noise
    with torch.autocast("cpu", torch.bfloat16):
        predicted = module(noisy, batch.t.float(), batch.given)
    errors = ((predicted.float() - batch.noise) ** 2).mean((1, 2, 3))
    loss = (errors * time_weights(signal[batch.t], settings)).mean()
    return loss, {"mse": errors.mean().item(), "pictures": float(len(batch.t))}


def time_weights(signal: Tensor, settings: ModelTraining) -> Tensor:
    """Return what the error at each time counts, float32 [B].

    At low noise, min-SNR. At high noise the error of the noise is small whatever is drawn; counted
    as an error of v, (SNR + 1) / SNR times as much, composition and colours are learned as
    soon as textures. Source: Salimans and Ho 2022, arXiv:2202.00512, section 4.

    Args:
        signal: share of signal variance at each time, [B].
        settings: `min_snr`, and `most_weight`, which bounds the weight at high noise.
    """
    snr = signal / (1 - signal)
    as_v = ((snr + 1) / snr).clamp(max=settings.most_weight)
    return as_v * snr.clamp(max=settings.min_snr) / snr


def signal_shares() -> Tensor:
    """Return SDXL's share of signal variance at each time, float32 [1000] (alpha-bar)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def _times(count: int, centre: float, rng: torch.Generator) -> Tensor:
    """Draw times: uniform, or logit-normal about the middle, where composition is decided."""
    uniform = torch.rand(count, generator=rng)
    middle = torch.sigmoid(torch.randn(count, generator=rng) + centre)
    mixed = torch.where(torch.rand(count, generator=rng) < _UNIFORM_SHARE, uniform, middle)
    return (mixed * 1000).long().clamp(0, 999)
