"""Train the judge on painted pictures.

    irodori paint train --config FILE --run DIR --stage judge

The pictures are of RUN/pool, and of RUN/decoded if there are any: what an autoencoder gave back of
painted pictures (`irodori paint decode`). They are blurred, sharpened, compressed and grained at
random, since a model draws otherwise than the painter paints. The people in them are cut out once
(`judge_people`), where the painter says that they stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from irodori.painter.config import JudgeTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import Pictures, Shard, open_shards
from irodori.painter.judge import FILE, new_network, read_into, write_judge
from irodori.painter.judge_network import JudgeNetwork, at_judged_size
from irodori.painter.judge_people import (
    People,
    cut_out_people,
    jittered,
    misplaced,
    open_people,
)
from irodori.painter.questions import NOT_ASKED, WHOLE_QUESTIONS, labels_of
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.sampling import sample_scene
from irodori.painter.train_autoencoder import to_pixels

STAGE: Final = "judge"
DECODED: Final = "decoded"
START: Final = "judge.start.safetensors"
"""A judge of any format to begin with, if the run has one."""

_WHOLE_EVERY: Final = 4  # steps; people have more to teach
_NEAR: Final = 0.1  # of a head's half width: below this, errors of the finder count by their square
_WHOLE_RATE: Final = 0.5  # of the rate for people
_PEOPLE_PER_PICTURE: Final = 2  # in a batch
_SOFT_SHARE: Final = 0.3  # of the batches
_SOFTEST: Final = 0.5
_SHARP_SHARE: Final = 0.15
_COMPRESSED_SHARE: Final = 0.15
_WORST_JPEG: Final = 35
_GRAINY_SHARE: Final = 0.2
_GRAIN: Final = 0.06


def train_judge(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, the judge of a run on RUN/pool, and write RUN/judge.safetensors."""
    work_together(workers, partial(_work, config.judge, directory))


def _work(settings: JudgeTraining, directory: Path, crew: Crew) -> None:
    run = Run(directory=directory, stage=STAGE)
    shards = [
        *open_shards(directory / "pool", smallest=settings.smallest),
        *open_shards(directory / DECODED, smallest=settings.smallest),
    ]
    people = _open_people(shards, directory / "people", crew)
    network = new_network(settings.seed)
    if (directory / START).exists() and not run.state_file.exists():
        read_into(network, directory / START)
    plan = Plan(
        steps=settings.steps,
        rates={
            "whole": settings.learning_rate * _WHOLE_RATE,
            "people": settings.learning_rate,
            "finder": settings.learning_rate,
        },
        decay_from=0.3,
        last=0.02,
        weight_decay=0.02,
        ema=0.99,
    )
    optimisation = Optimisation(run=run, module=network, plan=plan, crew=crew)
    lessons = Lessons(settings=settings, shards=shards, people=people, crew=crew)

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        return lesson_loss(network, lessons.at(step))

    if optimisation.train(loss_at) and crew.rank == 0:
        write_judge(cast("JudgeNetwork", optimisation.averaged_module()), directory / FILE)


def _open_people(shards: Sequence[Shard], directory: Path, crew: Crew) -> People:
    """Return the people of the shards, cut out now where that has not been done."""
    cut_out_people(shards, directory, crew)  # waits for all
    return open_people(shards, directory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One step's people and, of some steps, pictures, with what is right of them.

    Attributes:
        views: of people, as many as `judge_network.VIEWS`, each [P, 3, side, side].
        personal_labels: int64 [P, personal questions], `NOT_ASKED` where nothing is asked.
        surroundings: float32 [P, 3, side, side] in -1..1, of boxes that err.
        corrections: float32 [P, 3], what puts them right.
        pixels: float32 [B, 3, SIDE, SIDE] in -1..1, or None.
        labels: int64 [B, questions], or None.
    """

    views: tuple[Tensor, ...]
    personal_labels: Tensor
    surroundings: Tensor
    corrections: Tensor
    pixels: Tensor | None = None
    labels: Tensor | None = None


def lesson_loss(network: JudgeNetwork, lesson: Lesson) -> tuple[Tensor, dict[str, float]]:
    """Return the loss, and the facts for the curve."""
    losses = {}
    with torch.autocast("cpu", torch.bfloat16):
        losses["people"] = answers_loss(network.people(lesson.views), lesson.personal_labels)
        corrections = network.finder(lesson.surroundings).float()
        losses["finder"] = F.smooth_l1_loss(corrections, lesson.corrections, beta=_NEAR)
        if lesson.pixels is not None and lesson.labels is not None:
            losses["whole"] = answers_loss(network.whole(lesson.pixels), lesson.labels)
    facts = {name: loss.item() for name, loss in losses.items()}
    return torch.stack([*losses.values()]).sum(), facts


def answers_loss(logits: Sequence[Tensor], labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of what is asked; labels [B, questions], -100 for nothing."""
    losses = [
        F.cross_entropy(part.float(), labels[:, i], ignore_index=NOT_ASKED)
        for i, part in enumerate(logits)
        if (labels[:, i] >= 0).any()
    ]
    return torch.stack(losses).mean()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Batches with their labels, each a function of its step and worker alone.

    Attributes:
        settings: batch size and seed.
        shards: the pool; cut-out pictures are left to the other stages.
        people: in the shards.
        crew: which worker this is.
    """

    settings: JudgeTraining
    shards: Sequence[Shard]
    people: People
    crew: Crew

    def at(self, step: int) -> Lesson:
        """Return a step's lesson: people of all shards, now and then whole pictures of one."""
        rng = np.random.default_rng([self.settings.seed, step, self.crew.rank])
        count = self.settings.batch * _PEOPLE_PER_PICTURE
        chosen = torch.from_numpy(rng.integers(0, len(self.people.labels), count))
        views = _disturbed(jittered(self.people, chosen, rng), rng)
        surroundings, corrections = misplaced(self.people, chosen, rng)
        lesson = Lesson(
            views=views,
            personal_labels=self.people.labels[chosen],
            surroundings=_disturbed((surroundings,), rng)[0],
            corrections=corrections,
        )
        if step % _WHOLE_EVERY:
            return lesson
        shard = self.shards[int(rng.integers(len(self.shards)))]
        whole = np.flatnonzero(shard.frames[:, 0] == shard.frames[:, 4])
        pictures = np.sort(rng.choice(whole, self.settings.batch))
        scenes = [sample_scene(shard.first_seed + int(i)) for i in pictures]
        return replace(
            lesson,
            pixels=at_judged_size(_changed(shard.pictures[pictures], rng)),
            labels=torch.tensor([labels_of(scene)[: len(WHOLE_QUESTIONS)] for scene in scenes]),
        )


def _disturbed(views: tuple[Tensor, ...], rng: np.random.Generator) -> tuple[Tensor, ...]:
    """Return people altered as drawn ones may be: softer, grainier."""
    if rng.random() < _SOFT_SHARE:
        share = float(rng.uniform(_SOFTEST, 0.9))
        views = tuple(_softened(view, share) for view in views)
    if rng.random() < _GRAINY_SHARE:
        views = tuple(_grained(view, rng) for view in views)
    return views


def _changed(pictures: Pictures, rng: np.random.Generator) -> Tensor:
    """Return pictures as pixels [B, 3, H, W], altered as drawn pictures may be."""
    if rng.random() < _COMPRESSED_SHARE:
        quality = int(rng.integers(_WORST_JPEG, 95))
        pictures = np.stack([_compressed(picture, quality) for picture in pictures])
    pixels = to_pixels(pictures)
    kind = rng.random()
    if kind < _SOFT_SHARE:
        pixels = _softened(pixels, rng.uniform(_SOFTEST, 0.9))
    elif kind < _SOFT_SHARE + _SHARP_SHARE:
        pixels = pixels + rng.uniform(0.3, 1.0) * (pixels - _softened(pixels, 0.5))
    if rng.random() < _GRAINY_SHARE:
        pixels = _grained(pixels, rng)
    return pixels.clamp(-1, 1)


def _grained(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    noise = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
    grain = float(rng.uniform(0, _GRAIN))
    return pixels + grain * torch.randn(pixels.shape, generator=noise)


def _softened(pixels: Tensor, share: float) -> Tensor:
    """Return pixels without their finest detail: scaled to a share of their size, and back."""
    small = F.interpolate(pixels, scale_factor=share, mode="area")
    return F.interpolate(small, pixels.shape[-2:], mode="bilinear", align_corners=False)


def _compressed(picture: Pictures, quality: int) -> Pictures:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
