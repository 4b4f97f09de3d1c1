"""Pictures of one condition at a time, drawn by the product's own pipeline and kept, and judged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

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
    width: int = 192
    height: int = 192
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


class Viewer(Protocol):
    """What an experiment asks for pictures."""

    def see(self, condition: Condition) -> Seen:
        """Return a condition's pictures and what the judge says of them."""
        ...

    def halves(self, condition: Condition) -> tuple[Seen, Seen]:
        """Return the left and the right half of every picture, judged as pictures of their own."""
        ...


@dataclass(slots=True)
class Listing:
    """Shows nothing but notes what an experiment would look at, so that it can be drawn before."""

    wanted: dict[Condition, None] = field(default_factory=dict)

    def see(self, condition: Condition) -> Seen:
        """Return empty pictures of which nothing is known."""
        self.wanted[condition] = None
        shape = (condition.count, condition.height, condition.width, 3)
        nothing = {
            name: np.zeros((condition.count, len(of)), np.float32) for name, of in ANSWERS.items()
        }
        return Seen(pictures=np.zeros(shape, np.uint8), chances=nothing)

    def halves(self, condition: Condition) -> tuple[Seen, Seen]:
        """Return the same twice."""
        return self.see(condition), self.see(condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """Draws conditions into a work folder, each once."""

    studio: Studio
    folder: Path

    def draw(self, condition: Condition) -> None:
        """Draw a condition's pictures where they are not there yet."""
        file = picture_file(self.folder, condition)
        if file.exists():
            return
        pictures = np.concatenate(
            [self._batch(condition, start) for start in range(0, condition.count, BATCH)]
        )
        partial = file.with_suffix(".partial.npy")
        np.save(partial, pictures)
        partial.replace(file)
        print(f"{condition.width}x{condition.height}  {condition.prompt[:90]}", flush=True)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Shows what was drawn, with what the judge says of it."""

    judge: Judge
    folder: Path

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
        return np.asarray(np.load(picture_file(self.folder, condition)))


def picture_file(folder: Path, condition: Condition) -> Path:
    """Return where a condition's pictures are kept, uint8 [N, H, W, 3]."""
    return folder / f"{condition.key}.npy"


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
