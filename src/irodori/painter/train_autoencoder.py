"""Stage one: the autoencoder, on crops and whole pictures of the pool.

    irodori paint pool  --config FILE --run DIR
    irodori paint train --config FILE --run DIR --stage autoencoder --workers 2

Continues from DIR/autoencoder.state.pt if there is one.
Loss: L1 + 2 MSE + the difference of the pictures' gradients + a small KL.

Source: Rombach et al. 2022, arXiv:2112.10752, appendix G, without its adversarial term.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from irodori.engine.modules.attention import plain
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig, Posterior
from irodori.engine.modules.initialise import initialise
from irodori.painter.config import AutoencoderTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import Pictures, Shard, open_shards
from irodori.painter.run import Optimisation, Plan, Run

STAGE: Final = "autoencoder"
_EMA: Final = 0.998


def train_autoencoder(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, in a run's directory; DIR/pool and DIR/held-out are painted."""
    work_together(workers, partial(_work, config.autoencoder, directory))


def _work(settings: AutoencoderTraining, directory: Path, crew: Crew) -> None:
    module = new_autoencoder(settings)
    plan = Plan(
        steps=settings.steps,
        rates={"": settings.learning_rate},
        decay_from=0.0,
        last=0.03,
        ema=_EMA,
    )
    run = Run(directory=directory, stage=STAGE)
    optimisation = Optimisation(run=run, module=module, plan=plan, crew=crew)
    crops = Crops(settings=settings, shards=open_shards(directory / "pool"), crew=crew)
    held_out = open_shards(directory / "held-out")

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        pixels = crops.at(step)
        noise = torch.Generator().manual_seed(_mixed_seed(settings.seed, step, crew.rank))
        return reconstruction_loss(module, pixels, noise, settings, step / settings.steps)

    def check(averaged: torch.nn.Module) -> dict[str, float]:
        found = psnr(cast("Autoencoder", averaged), held_out)  # a copy of what is trained
        return {f"psnr_{size}": value for size, value in found.items()}

    optimisation.train(loss_at, check)


def new_autoencoder(settings: AutoencoderTraining) -> Autoencoder:
    """Return an autoencoder with starting weights, in channels-last layout."""
    config = AutoencoderConfig(
        channels=settings.channels, layers_per_block=settings.res_blocks, groups=settings.groups
    )
    module = Autoencoder(config)
    initialise(module, torch.Generator().manual_seed(settings.seed))
    # mypy does not know the overload of `to` that torch's documentation gives.
    return cast("Autoencoder", module.to(memory_format=torch.channels_last))  # type: ignore[call-overload]


def reconstruction_loss(
    module: Autoencoder,
    pixels: Tensor,
    noise: torch.Generator,
    settings: AutoencoderTraining,
    progress: float,
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of one batch and its parts.

    Args:
        module: the autoencoder.
        pixels: float32 [B, 3, H, W] in -1..1.
        noise: what the posterior is sampled with.
        settings: the weights of the parts.
        progress: 0 to 1; the gradient term grows over the first third.
    """
    with torch.autocast("cpu", torch.bfloat16):
        posterior = module.encode(pixels, plain)
        posterior = Posterior(
            mean=posterior.mean.float(), log_variance=posterior.log_variance.float()
        )
        draw = torch.randn(posterior.mean.shape, generator=noise)
        decoded = module.decode(posterior.sample(draw), plain)
    edge_weight = min(settings.gradient_weight, 2 * progress)
    loss, facts = picture_loss(decoded.float(), pixels, edge_weight)
    kl = posterior.divergence().mean()
    return loss + settings.kl_weight * kl, facts | {"kl": kl.item()}


def picture_loss(
    decoded: Tensor, pixels: Tensor, edge_weight: float
) -> tuple[Tensor, dict[str, float]]:
    """Return how far decoded pictures are from what they should be, and the facts for the curve.

    Args:
        decoded: float32 [B, 3, H, W].
        pixels: the same, in -1..1.
        edge_weight: of the difference of the pictures' gradients.
    """
    l1 = (decoded - pixels).abs().mean()
    mse = F.mse_loss(decoded, pixels)
    edges = sum((a - b).abs().mean() for a, b in zip(_edges(decoded), _edges(pixels), strict=True))
    facts = {"l1": l1.item(), "psnr": _decibels(mse.item())}
    return l1 + 2 * mse + edge_weight * edges, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Crops:
    """Batches of the pool, each a function of its step alone.

    Attributes:
        settings: sizes and shares.
        shards: the pool.
        crew: which worker this is; each draws its own crops.
    """

    settings: AutoencoderTraining
    shards: Sequence[Shard]
    crew: Crew

    def at(self, step: int) -> Tensor:
        """Return the batch of a step, float32 [B, 3, side, side] in -1..1, channels last."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, step, self.crew.rank])
        shares = np.array([len(shard.pictures) for shard in self.shards], float)
        if step >= settings.full_from * settings.steps and step % 2 == 0:
            shard = self.shards[rng.choice(len(shares), p=shares / shares.sum())]
            chosen = rng.integers(0, len(shard.pictures), settings.full_batch)
            return to_pixels(np.stack([_mirrored(shard.pictures[i], rng) for i in chosen]))
        side = settings.crop
        crops = []
        for choice in rng.choice(len(shares), settings.batch, p=shares / shares.sum()):
            shard = self.shards[choice]
            i = int(rng.integers(0, len(shard.pictures)))
            left, top = self._corner(shard, i, rng)
            crops.append(_mirrored(shard.pictures[i, top : top + side, left : left + side], rng))
        return to_pixels(np.stack(crops))

    def _corner(self, shard: Shard, i: int, rng: np.random.Generator) -> tuple[int, int]:
        """Return left and top of a crop: anywhere, or over a face if the picture has one."""
        limits = np.array(shard.size) - self.settings.crop
        boxes = shard.faces[i][~np.isnan(shard.faces[i]).any(axis=1)]
        if len(boxes) == 0 or rng.random() >= self.settings.face_crops:
            left, top = rng.integers(0, limits + 1)
            return int(left), int(top)
        box = boxes[rng.integers(0, len(boxes))]
        centre = rng.uniform(box[:2], box[2:])
        left, top = np.clip(centre - self.settings.crop / 2, 0, limits).astype(int)
        return int(left), int(top)


@torch.inference_mode()
def psnr(module: Autoencoder, shards: Sequence[Shard], *, most: int = 24) -> dict[str, float]:
    """Return the mean PSNR in dB of each size, over the first pictures of each shard.

    Args:
        module: the autoencoder; the posterior's mean is decoded, in float32.
        shards: held-out pictures.
        most: pictures of each size at most.
    """
    values: dict[str, list[float]] = {}
    for shard in shards:
        name = "x".join(map(str, shard.size))
        seen = values.setdefault(name, [])
        for i in range(min(most - len(seen), len(shard.pictures))):
            pixels = to_pixels(shard.pictures[i : i + 1])
            decoded = reconstruct(module, pixels)
            seen.append(_decibels(F.mse_loss(decoded, pixels).item()))
    return {name: math.fsum(seen) / len(seen) for name, seen in values.items() if seen}


def reconstruct(module: Autoencoder, pixels: Tensor) -> Tensor:
    """Return pixels [B, 3, H, W] in -1..1 after encoding and decoding, float32."""
    return module.decode(module.encode(pixels).mean).clamp(-1, 1)


def to_pixels(pictures: Pictures) -> Tensor:
    """Return uint8 [B, H, W, 3] as float32 [B, 3, H, W] in -1..1, channels last."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def _mirrored(picture: Pictures, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    return picture[:, ::-1] if rng.random() < 0.5 else picture


def _edges(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the differences between neighbours, along each row and each column."""
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def _decibels(mse: float) -> float:
    """Return the PSNR of a mean squared error in the range -1..1."""
    return 10 * math.log10(4 / max(mse, 1e-10))


def _mixed_seed(*parts: int) -> int:
    """Return one 63-bit seed from several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
