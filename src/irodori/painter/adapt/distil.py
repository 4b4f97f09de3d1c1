"""Latent consistency distillation: a LoRA that draws in a few steps what the model draws in many.

The teacher is the model itself with guidance. From a noisy picture at time t it takes one DDIM step
to a time a little earlier; wherever the student is asked on that way, it shall give the same clean
picture. At time 0 the clean picture is the picture itself (the boundary), and from there on what is
right spreads to the later times.

Source: Luo et al. 2023, arXiv:2310.04378, algorithm 1, equations 9 and 14 to 17; Luo et al. 2023,
arXiv:2311.05556 (as a LoRA); pseudo-Huber metric: Song and Dhariwal 2023, arXiv:2310.14189,
section 3.3; the student is its own target, without an average: there, section 3.2.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from irodori.engine.modules.attention import plain
from irodori.painter.adapt.adapter import Adaptation
from irodori.painter.adapt.base import Base
from irodori.painter.adapt.config import AdapterTraining
from irodori.painter.compact import POSITIONS
from irodori.painter.model import Conditions
from irodori.painter.train import Batch

_UNET: Final = "unet."
_TIMES: Final = 1000
_DATA_VARIANCE: Final = 0.25  # both as the published distillation has them, and the engine
_TIME_SCALE: Final = 10.0
_HUBER: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a UNet is told of each picture: the text's states and the vector of facts."""

    context: Tensor
    vector: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distillation:
    """Teacher and student.

    Attributes:
        base: the teacher; frozen.
        student: changes the base's UNet.
        signal: share of signal variance at each time, float32 [1000].
        settings: the teacher's guidance and how far it steps.
    """

    base: Base
    student: Adaptation
    signal: Tensor
    settings: AdapterTraining

    def loss(self, batch: Batch, step: int) -> tuple[Tensor, dict[str, float]]:
        """Return how far the student's two answers are apart, and the facts for the curve.

        Args:
            batch: clean latents, noise and captions; times are drawn here, all of the teacher's
                grid alike, whose last is 999.
            step: times and guidance follow from it and the seed.
        """
        rng = np.random.default_rng([self.settings.seed, step])
        skip, count = self.settings.skip, len(batch.latents)
        t = torch.from_numpy(rng.integers(1, _TIMES // skip + 1, count)) * skip - 1
        guidance = torch.from_numpy(rng.uniform(*self.settings.guidance, (count, 1, 1, 1))).float()
        earlier = (t - skip).clamp(min=0)
        noisy = self._mixed(batch.latents, batch.noise, t)
        with torch.no_grad():
            told, untold = self._told(batch.given), self._told(self._silent(batch.given))
            clean, noise = self._guided(noisy, t, told, untold, guidance)
            before = self._mixed(clean, noise, earlier)
        weights = unet_weights(self.student)
        answer = self._consistent(noisy, t, told, weights)
        with torch.no_grad():
            target = self._consistent(before, earlier, told, weights)
        loss = pseudo_huber(answer, target)
        facts = {
            "mse": (answer.detach() - batch.latents).square().mean().item(),
            "pictures": float(len(t)),
        }
        return loss, facts

    def _mixed(self, latents: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        share = self.signal[t][:, None, None, None]
        return share.sqrt() * latents + (1 - share).sqrt() * noise

    def _guided(
        self, noisy: Tensor, t: Tensor, told: Told, untold: Told, guidance: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the teacher's clean latents and noise; Ho and Salimans 2022, arXiv:2207.12598."""
        both = Told(
            context=torch.cat([told.context, untold.context]),
            vector=torch.cat([told.vector, untold.vector]),
        )
        answers = self._noise(torch.cat([noisy, noisy]), torch.cat([t, t]), both, {})
        with_text, without = answers.chunk(2)
        noise = without + guidance * (with_text - without)
        return self._clean(noisy, t, noise), noise

    def _consistent(
        self, noisy: Tensor, t: Tensor, told: Told, weights: dict[str, Tensor]
    ) -> Tensor:
        """Return the clean latents that the student sees, the identity at time 0."""
        clean = self._clean(noisy, t, self._noise(noisy, t, told, weights))
        scaled = (t.float() * _TIME_SCALE).square()[:, None, None, None]
        kept = _DATA_VARIANCE / (scaled + _DATA_VARIANCE)
        return kept * noisy + (scaled / (scaled + _DATA_VARIANCE)).sqrt() * clean

    def _clean(self, noisy: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        share = self.signal[t][:, None, None, None]
        return (noisy - (1 - share).sqrt() * noise) / share.sqrt()

    def _noise(self, noisy: Tensor, t: Tensor, told: Told, weights: dict[str, Tensor]) -> Tensor:
        given = (noisy, t.float(), told.vector, told.context, plain)
        with torch.autocast("cpu", torch.bfloat16):
            noise: Tensor = functional_call(self.base.module.unet, weights, given)
        return noise.float()

    def _told(self, given: Conditions) -> Told:
        with torch.autocast("cpu", torch.bfloat16):
            context, vector = self.base.module.told(given)
        return Told(context=context, vector=vector)

    def _silent(self, given: Conditions) -> Conditions:
        """Return the same pictures with the empty prompt, as many chunks long."""
        count, chunks, _ = given.tokens_l.shape
        rows_l, rows_g = self.base.vocabulary.rows([()] * chunks)
        return Conditions(
            tokens_l=rows_l.expand(count, chunks, POSITIONS),
            tokens_g=rows_g.expand(count, chunks, POSITIONS),
            weights=torch.ones(count, chunks, POSITIONS),
            kept=torch.ones(count),
            kept_pooled=torch.ones(count),
            frames=given.frames,
        )


def unet_weights(student: Adaptation) -> dict[str, Tensor]:
    """Return the changed parameters of the UNet by their names in it."""
    return {name.removeprefix(_UNET): value for name, value in student.weights().items()}


def pseudo_huber(answer: Tensor, target: Tensor) -> Tensor:
    """Return sqrt(d^2 + c^2) - c, averaged; nearly the absolute difference, smooth at 0."""
    return ((answer - target).square() + _HUBER**2).sqrt().mean() - _HUBER
