"""Stage three: the decoder once more, on latents as the model leaves them.

    irodori paint train --config FILE --run DIR --stage decoder --workers 2

What a model draws is not quite what the encoder gives: areas that are flat in every picture of the
pool come out uneven, a tenth of the latents' spread or more, and a decoder that saw the encoder's
latents alone paints that as stains. So pictures are noised a little, cleaned by the model in two
steps (DDIM, Song et al. 2021, arXiv:2010.02502, equation 12), and the decoder learns to give the
picture all the same. Encoder and latents stay as they are; so does the model.

Continues from DIR/decoder.state.pt if there is one, and writes DIR/autoencoder.decoder.safetensors,
which `export` takes in place of the frozen one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
from torch import Tensor, nn

from irodori.engine.modules.attention import plain
from irodori.painter.config import DecoderTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import Shard, open_shards
from irodori.painter.frozen_autoencoder import POLISHED, read_frozen, write_frozen
from irodori.painter.latents import open_latents
from irodori.painter.model import Conditions, Sumire
from irodori.painter.prompts import PromptWriter
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.train import Batches, signal_shares
from irodori.painter.train_autoencoder import picture_loss, to_pixels
from irodori.painter.trained import read_trained
from irodori.prompt.tokenizer import load_tokenizer

STAGE: Final = "decoder"


def train_decoder(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, the decoder of a run whose model is trained.

    Raises:
        InputError: the run has no trained model.
    """
    work_together(workers, partial(_work, config, directory))


def _work(config: TrainingConfig, directory: Path, crew: Crew) -> None:
    settings = config.decoder
    autoencoder = read_frozen(directory)
    decoder = nn.ModuleDict(
        {"decoder": autoencoder.decoder, "post_quant_conv": autoencoder.post_quant_conv}
    ).requires_grad_(requires_grad=True)
    plan = Plan(
        steps=settings.steps,
        rates={"": settings.learning_rate},
        decay_from=0.2,
        last=0.03,
        ema=settings.ema,
    )
    run = Run(directory=directory, stage=STAGE)
    optimisation = Optimisation(run=run, module=decoder, plan=plan, crew=crew)
    model, lessons = lessons_of(config, directory, crew)

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        lesson = lessons.at(step)
        latents = as_drawn(model, lesson, lessons.signal)
        with torch.autocast("cpu", torch.bfloat16):
            decoded = autoencoder.decode(latents / autoencoder.config.scale, plain)
        loss, facts = picture_loss(
            decoded.float(), lesson.pixels, config.autoencoder.gradient_weight
        )
        return loss, facts | {"uneven": (latents - lesson.latents).square().mean().sqrt().item()}

    if optimisation.train(loss_at) and crew.rank == 0:
        learned = cast("nn.ModuleDict", optimisation.averaged_module())
        autoencoder.decoder.load_state_dict(learned["decoder"].state_dict())
        autoencoder.post_quant_conv.load_state_dict(learned["post_quant_conv"].state_dict())
        write_frozen(autoencoder, directory, POLISHED)


def lessons_of(config: TrainingConfig, directory: Path, crew: Crew) -> tuple[Sumire, "Lessons"]:
    """Return a run's model, frozen, and the lessons of its pool.

    Raises:
        InputError: the run has no trained model.
    """
    trained = read_trained(config.model, directory)
    model = trained.module.eval().requires_grad_(requires_grad=False)
    batches = Batches(
        settings=config.model,
        buckets=(),
        writer=PromptWriter(settings=config.model, tokenizer=load_tokenizer()),
        vocabulary=trained.vocabulary,
        crew=crew,
    )
    return model, Lessons(
        settings=config.decoder,
        shards=open_shards(directory / "pool"),
        latents=directory / "latents",
        batches=batches,
        signal=signal_shares(),
        crew=crew,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One step's pictures, and how far from them the model is to begin.

    Attributes:
        pixels: float32 [B, 3, H, W] in -1..1.
        latents: of the pictures, float32 [B, 4, H/8, W/8], unit variance.
        noise: float32, same shape.
        t: int64 [B], 0..999; 0 leaves the latents as the encoder gave them.
        given: captions and sizes.
    """

    pixels: Tensor
    latents: Tensor
    noise: Tensor
    t: Tensor
    given: Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Lessons of the pool, each a function of its step and worker alone.

    Attributes:
        settings: sizes and times.
        shards: the pool.
        latents: directory of their latents.
        batches: makes what the model is told.
        signal: what `train.signal_shares` gives.
        crew: which worker this is.
    """

    settings: DecoderTraining
    shards: Sequence[Shard]
    latents: Path
    batches: Batches
    signal: Tensor
    crew: Crew

    def at(self, step: int) -> Lesson:
        """Return this worker's part of a step: pictures of one shard, the same for all workers."""
        settings = self.settings
        shared = np.random.default_rng([settings.seed, step])
        shard = self.shards[int(shared.integers(len(self.shards)))]
        (bucket,) = open_latents([shard], self.latents)
        rng = np.random.default_rng([settings.seed, step, self.crew.rank])
        width, height = shard.size
        count = max(1, settings.pixels // (width * height))
        chosen = np.sort(rng.choice(len(shard.pictures), count, replace=False))
        latents = bucket.latents[torch.from_numpy(chosen)].float()
        t = rng.integers(1, settings.latest + 1, count) * (rng.random(count) >= settings.clean)
        torch_rng = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        return Lesson(
            pixels=to_pixels(shard.pictures[chosen]),
            latents=latents,
            noise=torch.randn(latents.shape, generator=torch_rng),
            t=torch.from_numpy(t),
            given=self.batches.conditions(bucket, torch.from_numpy(chosen), rng, most_chunks=1),
        )


@torch.no_grad()
def as_drawn(model: Sumire, lesson: Lesson, signal: Tensor) -> Tensor:
    """Return a lesson's latents as the model leaves them after two steps from noise at t.

    Args:
        model: cleans.
        lesson: latents, noise, times.
        signal: what `train.signal_shares` gives.
    """
    latents, noise = lesson.latents, lesson.noise
    for t in (lesson.t, lesson.t // 3):
        share = signal[t][:, None, None, None]
        noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
        with torch.autocast("cpu", torch.bfloat16):
            noise = model(noisy, t.float(), lesson.given).float()
        latents = (noisy - (1 - share).sqrt() * noise) / share.sqrt()
    clean = (lesson.t == 0)[:, None, None, None]
    return torch.where(clean, lesson.latents, latents)
