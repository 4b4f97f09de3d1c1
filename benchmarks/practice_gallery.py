"""Pictures of one condition at a time, drawn by the product's own pipeline and kept, and judged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw
from irodori.engine.studio import Studio
from irodori.painter.judge import Judge
from irodori.painter.questions import QUESTIONS
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe
from irodori.recipe.schedules import Schedule

Pictures = NDArray[np.uint8]  # [N, H, W, 3]
BATCH = 16
FIRST_SEED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One prompt under one setting; picture i has the seed FIRST_SEED + i."""

    prompt: str
    negative: str = ""
    cfg_scale: float = 3.5
    steps: int = 12
    schedule: Schedule = Schedule.ALIGN_YOUR_STEPS
    width: int = 128
    height: int = 128
    count: int = 64

    @property
    def key(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the judge says about the pictures of a condition.

    Attributes:
        pictures: uint8 [N, H, W, 3].
        chances: for each question, float [N, answers].
    """

    pictures: Pictures
    chances: Mapping[str, NDArray[np.float32]]

    def shows(self, question: str, answer: str) -> NDArray[np.bool_]:
        """Return for each picture whether the judge's likeliest answer is this one; [N]."""
        chances = self.chances[question]
        return np.asarray(chances.argmax(1) == ANSWERS[question].index(answer))

    def share(self, question: str, answer: str) -> float:
        return float(self.shows(question, answer).mean())

    def chance(self, question: str, answer: str) -> float:
        """Return the mean probability that the judge gives an answer."""
        return float(self.chances[question][:, ANSWERS[question].index(answer)].mean())


ANSWERS = {question.name: question.answers for question in QUESTIONS}


@dataclass(slots=True)
class Gallery:
    """Draws what is asked for, or finds it in the work folder."""

    studio: Studio
    judge: Judge
    folder: Path
    drawn: int = 0

    def see(self, condition: Condition) -> Seen:
        """Return a condition's pictures and what the judge says of them."""
        pictures = self._pictures(condition)
        return Seen(pictures=pictures, chances=self.judge.chances(pictures))

    def halves(self, condition: Condition) -> tuple[Seen, Seen]:
        """Return the left and the right half of every picture, judged as pictures of their own."""
        pictures = self._pictures(condition)
        middle = pictures.shape[2] // 2
        left, right = (
            np.ascontiguousarray(pictures[:, :, :middle]),
            np.ascontiguousarray(pictures[:, :, middle:]),
        )
        return (
            Seen(pictures=left, chances=self.judge.chances(left)),
            Seen(pictures=right, chances=self.judge.chances(right)),
        )

    def _pictures(self, condition: Condition) -> Pictures:
        file = self.folder / f"{condition.key}.npy"
        if not file.exists():
            pictures = np.concatenate(
                [self._batch(condition, start) for start in range(0, condition.count, BATCH)]
            )
            np.save(file, pictures)
            self.drawn += condition.count
            print(f"{self.drawn:5d}  {condition.prompt[:90]}", flush=True)
        return np.asarray(np.load(file))

    def _batch(self, condition: Condition, start: int) -> Pictures:
        size = min(BATCH, condition.count - start)
        base = Base(
            sampler="DPM++ 2M",
            schedule=condition.schedule,
            steps=condition.steps,
            cfg_scale=condition.cfg_scale,
            width=condition.width,
            height=condition.height,
        )
        recipes = [
            Recipe(
                prompt=condition.prompt,
                negative_prompt=condition.negative,
                base=base,
                noise=Noise(seed=FIRST_SEED + start + i, batch_size=size, batch_index=i),
            )
            for i in range(size)
        ]
        quiet = Listener(tell=lambda _: None, cancelled=lambda: False)
        return np.stack([each.pixels for each in draw(self.studio, recipes, quiet)])


def saturation(pictures: Pictures) -> float:
    """Return the mean difference between a pixel's strongest and weakest channel, 0 to 1."""
    span = pictures.max(-1).astype(np.float32) - pictures.min(-1)
    return float(span.mean() / 255)


def sharpness(pictures: Pictures) -> float:
    """Return the mean absolute difference between neighbouring pixels, in levels of 255."""
    grey = pictures.astype(np.float32).mean(-1)
    return float(np.abs(np.diff(grey, axis=2)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def likeness(a: Pictures, b: Pictures) -> float:
    """Return the mean correlation of two sets' layouts: each picture at 16x16 in grey, -1 to 1."""

    def layout(pictures: Pictures) -> NDArray[np.float32]:
        grey = pictures.astype(np.float32).mean(-1)
        n, height, width = grey.shape
        cells = grey.reshape(n, 16, height // 16, 16, width // 16).mean((2, 4)).reshape(n, -1)
        cells -= cells.mean(1, keepdims=True)
        return np.asarray(cells / (np.linalg.norm(cells, axis=1, keepdims=True) + 1e-6))

    return float((layout(a) * layout(b)).sum(1).mean())
