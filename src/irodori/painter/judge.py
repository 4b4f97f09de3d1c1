"""The judge: a small classifier that answers the evaluation's questions about a picture.

    irodori paint train --config FILE --run DIR --stage judge

Trained on painter pixels of the pool, also blurred ones, so that a soft picture is not taken for
another thing. How often it is right about painted pictures it has not seen is the ceiling of what
the evaluation can find; it is printed beside every figure.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from irodori.errors import InputError
from irodori.painter.config import JudgeTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import Pictures, Shard, open_shards
from irodori.painter.questions import QUESTIONS, labels_of
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.sampling import sample_scene
from irodori.painter.train_autoencoder import to_pixels

STAGE: Final = "judge"
FILE: Final = "judge.safetensors"
SIDE: Final = 160
"""Pictures are judged at this size, squeezed to a square; at 128 half of the mouths are lost."""

_ANSWERS: Final = "irodori.judge"
_CHANNELS: Final = (24, 48, 96, 128, 160)
_CELLS: Final = SIDE // 32  # per side, at the end
_GROUPS: Final = 8
_SHARPEST: Final = 1.0
_SOFTEST: Final = 0.45


class Judge(nn.Module):
    """Five pairs of convolutions, each halving the picture, then one linear layer."""

    def __init__(self, answers: Sequence[int]) -> None:
        super().__init__()
        self.answers = list(answers)
        layers: list[nn.Module] = []
        before = 3
        for channels in _CHANNELS:
            groups = _GROUPS if before == 3 else 1  # the largest pictures are the dearest
            layers += [
                nn.Conv2d(before, channels, 3, stride=2, padding=1),
                nn.GroupNorm(_GROUPS, channels),
                nn.SiLU(),
                nn.Conv2d(channels, channels, 3, padding=1, groups=groups),
                nn.SiLU(),
            ]
            before = channels
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(before * _CELLS * _CELLS, sum(answers))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return logits [B, answers] of each question for pixels [B, 3, SIDE, SIDE] in -1..1."""
        features = self.features(pixels).flatten(1)
        return torch.split(self.head(features), self.answers, 1)


def train_judge(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, the judge of a run on RUN/pool, and write RUN/judge.safetensors."""
    work_together(workers, partial(_work, config.judge, directory))


def _work(settings: JudgeTraining, directory: Path, crew: Crew) -> None:
    module = new_judge(settings.seed)
    plan = Plan(
        steps=settings.steps,
        rates={"": settings.learning_rate},
        decay_from=0.3,
        last=0.02,
        weight_decay=0.02,
        ema=0.99,
    )
    run = Run(directory=directory, stage=STAGE)
    optimisation = Optimisation(run=run, module=module, plan=plan, crew=crew)
    lessons = Lessons(settings=settings, shards=open_shards(directory / "pool"), crew=crew)

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        pixels, labels = lessons.at(step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = module(pixels)
        return answers_loss(logits, labels), {}

    if optimisation.train(loss_at) and crew.rank == 0:
        averaged = cast("Judge", optimisation.averaged_module())
        state = {name: value.contiguous() for name, value in averaged.state_dict().items()}
        save_file(state, directory / FILE, {_ANSWERS: json.dumps(_answers())})


def new_judge(seed: int) -> Judge:
    """Return a judge with starting weights."""
    module = Judge([len(question.answers) for question in QUESTIONS])
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in module.named_parameters():
            if value.dim() > 1:
                bound = (3 / value[0].numel()) ** 0.5
                value.uniform_(-bound, bound, generator=generator)
            elif name.endswith("bias"):
                value.zero_()
    return module


def read_judge(path: Path) -> Judge:
    """Return a trained judge.

    Raises:
        InputError: the file was made for other questions than these.
    """
    with safe_open(path, framework="pt") as file:
        answers = json.loads(file.metadata()[_ANSWERS])
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    if answers != _answers():
        raise InputError(f"{path} answers other questions than are asked now; train a new judge")
    module = new_judge(0)
    module.load_state_dict(state)
    return module.eval()


@torch.inference_mode()
def judged(judge: Judge, pictures: Pictures) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the numbers of the likeliest answers, int64 [N, questions]; pictures [N, H, W, 3]."""
    answers = [
        torch.stack([part.argmax(1) for part in judge(at_judged_size(to_pixels(batch)))], 1)
        for batch in np.array_split(pictures, -(-len(pictures) // 64))
    ]
    return torch.cat(answers).numpy()


def at_judged_size(pixels: Tensor) -> Tensor:
    """Return pixels [B, 3, H, W] at SIDE x SIDE, averaged over areas."""
    if pixels.shape[-2:] == (SIDE, SIDE):
        return pixels
    return F.interpolate(pixels, (SIDE, SIDE), mode="area")


def answers_loss(logits: Sequence[Tensor], labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of what is asked; labels [B, questions], -100 for nothing."""
    losses = [
        F.cross_entropy(part.float(), labels[:, i])
        for i, part in enumerate(logits)
        if (labels[:, i] >= 0).any()
    ]
    return torch.stack(losses).mean()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Batches of the pool with their labels, each a function of its step and worker alone.

    Attributes:
        settings: batch size and seed.
        shards: the pool; cut-out pictures are left to the other stages.
        crew: which worker this is.
    """

    settings: JudgeTraining
    shards: Sequence[Shard]
    crew: Crew

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Return pixels [B, 3, SIDE, SIDE] and labels [B, questions] of one shard's pictures."""
        rng = np.random.default_rng([self.settings.seed, step, self.crew.rank])
        shard = self.shards[int(rng.integers(len(self.shards)))]
        whole = np.flatnonzero(shard.frames[:, 0] == shard.frames[:, 4])
        chosen = np.sort(rng.choice(whole, self.settings.batch))
        pixels = to_pixels(shard.pictures[chosen])
        labels = [labels_of(sample_scene(shard.first_seed + int(i))) for i in chosen]
        share = rng.uniform(_SOFTEST, _SHARPEST)
        if share < 0.9 and rng.random() < 0.6:
            pixels = _softened(pixels, share)
        noise = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        grain = float(rng.uniform(0, 0.06))
        pixels = at_judged_size(pixels)
        return pixels + grain * torch.randn(pixels.shape, generator=noise), torch.tensor(labels)


def _softened(pixels: Tensor, share: float) -> Tensor:
    """Return pixels without their finest detail: scaled to a share of their size, and back."""
    small = F.interpolate(pixels, scale_factor=share, mode="area")
    return F.interpolate(small, pixels.shape[-2:], mode="bilinear", align_corners=False)


def _answers() -> list[list[str]]:
    return [[question.name, *question.answers] for question in QUESTIONS]
