"""Train the judge on painted pictures.

    irodori paint train --config FILE --run DIR --stage judge

The pictures are of RUN/pool, and of RUN/decoded if there are any: what an autoencoder gave back of
painted pictures (`irodori paint decode`). They are blurred, sharpened, compressed and grained at
random, since a model draws otherwise than the painter paints. Where the people stand is taken from
the painter, about as inexactly as the detector will say it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from irodori.painter.config import JudgeTraining, TrainingConfig
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import Pictures, Shard, open_shards
from irodori.painter.judge import FILE, new_network, read_into, write_judge
from irodori.painter.judge_network import JudgeNetwork, at_judged_size, person_views
from irodori.painter.questions import NOT_ASKED, PERSONAL_QUESTIONS, labels_of, personal_labels_of
from irodori.painter.raster.picture import heads_of
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import Scene
from irodori.painter.train_autoencoder import to_pixels

STAGE: Final = "judge"
DECODED: Final = "decoded"
START: Final = "judge.start.safetensors"
"""A judge of any format to begin with, if the run has one."""

_WHOLE_EVERY: Final = 2  # steps; faces have more to teach
_DECODED_SHARE: Final = 0.2  # of the steps, where there are any
_SOFT_SHARE: Final = 0.4  # of the batches
_SOFTEST: Final = 0.45
_SHARP_SHARE: Final = 0.15
_COMPRESSED_SHARE: Final = 0.2
_WORST_JPEG: Final = 35
_GRAINY_SHARE: Final = 0.3
_GRAIN: Final = 0.06
_SHIFT: Final = 0.08  # of a head's half width: what the detector errs by
_SCALE: Final = 0.12
_FAR: Final = 2.5  # times as much, now and then
_FAR_SHARE: Final = 0.15


def train_judge(config: TrainingConfig, directory: Path, *, workers: int = 1) -> None:
    """Train, or go on training, the judge of a run on RUN/pool, and write RUN/judge.safetensors."""
    work_together(workers, partial(_work, config.judge, directory))


def _work(settings: JudgeTraining, directory: Path, crew: Crew) -> None:
    run = Run(directory=directory, stage=STAGE)
    network = new_network(settings.seed)
    if (directory / START).exists() and not run.state_file.exists():
        _begin_from(network, directory / START)
    plan = Plan(
        steps=settings.steps,
        rates={"": settings.learning_rate},
        decay_from=0.3,
        last=0.02,
        weight_decay=0.02,
        ema=0.99,
    )
    optimisation = Optimisation(run=run, module=network, plan=plan, crew=crew)
    lessons = Lessons(
        settings=settings,
        painted=open_shards(directory / "pool", smallest=settings.smallest),
        decoded=open_shards(directory / DECODED, smallest=settings.smallest),
        crew=crew,
    )

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        return lesson_loss(network, lessons.at(step), whole=step % _WHOLE_EVERY == 0)

    if optimisation.train(loss_at) and crew.rank == 0:
        write_judge(cast("JudgeNetwork", optimisation.averaged_module()), directory / FILE)


def _begin_from(network: JudgeNetwork, file: Path) -> None:
    """Take over a judge's weights; one of format 1 lends its eyes to those that look at people."""
    if read_into(network, file) > 1:
        return
    for tower in network.people.views:
        tower.load_state_dict(network.whole.features.state_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One step's pictures and people, with what is right of them.

    Attributes:
        pixels: float32 [B, 3, SIDE, SIDE] in -1..1.
        labels: int64 [B, questions], `NOT_ASKED` where nothing is asked.
        views: of the people in them, each [P, 3, side, side]; empty if there is nobody.
        personal_labels: int64 [P, personal questions].
    """

    pixels: Tensor
    labels: Tensor
    views: tuple[Tensor, ...]
    personal_labels: Tensor


def lesson_loss(
    network: JudgeNetwork, lesson: Lesson, *, whole: bool = True
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss, and the facts for the curve.

    Args:
        network: both networks.
        lesson: what to look at.
        whole: also at the pictures as a whole; where there is nobody, always.
    """
    losses = {}
    with torch.autocast("cpu", torch.bfloat16):
        if whole or not lesson.views:
            losses["whole"] = answers_loss(network.whole(lesson.pixels), lesson.labels)
        if lesson.views:
            losses["people"] = answers_loss(network.people(lesson.views), lesson.personal_labels)
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
    """Batches of the pool with their labels, each a function of its step and worker alone.

    Attributes:
        settings: batch size and seed.
        painted: the pool; cut-out pictures are left to the other stages.
        decoded: shards of the same layout that an autoencoder gave back; may be empty.
        crew: which worker this is.
    """

    settings: JudgeTraining
    painted: Sequence[Shard]
    decoded: Sequence[Shard] = ()
    crew: Crew

    def at(self, step: int) -> Lesson:
        """Return a step's lesson: pictures of one shard."""
        rng = np.random.default_rng([self.settings.seed, step, self.crew.rank])
        decoded = self.decoded and rng.random() < _DECODED_SHARE
        shards = self.decoded if decoded else self.painted
        shard = shards[int(rng.integers(len(shards)))]
        whole = np.flatnonzero(shard.frames[:, 0] == shard.frames[:, 4])
        chosen = np.sort(rng.choice(whole, self.settings.batch))
        scenes = [sample_scene(shard.first_seed + int(i)) for i in chosen]
        pixels = _changed(shard.pictures[chosen], rng)
        views, personal = [], []
        for picture, scene in zip(pixels, scenes, strict=True):
            for person, head in zip(scene.people, _heads(scene, shard.size, rng), strict=True):
                views.append(person_views(picture, head))
                personal.append(personal_labels_of(scene, person))
        return Lesson(
            pixels=at_judged_size(pixels),
            labels=torch.tensor([labels_of(scene) for scene in scenes]),
            views=tuple(torch.stack(view) for view in zip(*views, strict=True)),
            personal_labels=torch.tensor(personal).view(-1, len(PERSONAL_QUESTIONS)),
        )


def _heads(
    scene: Scene, size: tuple[int, int], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return about where the heads are: boxes in pixels, [people, 4]."""
    boxes = []
    for x, y, radius in heads_of(scene, *size):
        far = _FAR if rng.random() < _FAR_SHARE else 1.0
        half = radius * np.exp(rng.normal(0, far * _SCALE))
        centre = np.array([x, y]) + rng.normal(0, far * _SHIFT * radius, 2)
        boxes.append(np.concatenate([centre - half, centre + half]))
    return np.array(boxes, np.float32).reshape(-1, 4)


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
        noise = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        pixels = pixels + float(rng.uniform(0, _GRAIN)) * torch.randn(pixels.shape, generator=noise)
    return pixels.clamp(-1, 1)


def _softened(pixels: Tensor, share: float) -> Tensor:
    """Return pixels without their finest detail: scaled to a share of their size, and back."""
    small = F.interpolate(pixels, scale_factor=share, mode="area")
    return F.interpolate(small, pixels.shape[-2:], mode="bilinear", align_corners=False)


def _compressed(picture: Pictures, quality: int) -> Pictures:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
