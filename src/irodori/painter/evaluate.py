"""Does the model draw what is asked? Held-out prompts, drawn, judged, counted.

    irodori paint evaluate --model FILE --judge RUN/judge.safetensors --size 192x256 --size 256x256

For every question of `questions`, over the held-out scenes of which it is asked: the share of drawn
pictures that show the answer; the same share of the scenes' own painted pictures (the judge's
ceiling), also after the model's autoencoder (what its latents can hold); and what always giving the
commonest answer would score (the floor).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from irodori.engine.loading.checkpoint import LoadedModel
from irodori.painter.caption import full_caption
from irodori.painter.dataset import Pictures
from irodori.painter.decode import through_latents
from irodori.painter.drawing import DrawSettings, draw, open_model
from irodori.painter.judge import judged, read_judge
from irodori.painter.medium import Quality
from irodori.painter.questions import NOT_ASKED, QUESTIONS, labels_of
from irodori.painter.raster.picture import paint
from irodori.painter.sampling import HELD_OUT_FIRST_SEED, sample_scene
from irodori.painter.scene import Scene
from irodori.recipe.names import Dtype

PROMPT_SEEDS: Final = HELD_OUT_FIRST_SEED + 100_000
"""Scene seed of the first evaluation prompt; the others follow one by one."""

SHEET_COLUMNS: Final = 8
SHEET_PICTURES: Final = 40

_Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the judge says of the pictures of some scenes, int64 [N, questions] each.

    Attributes:
        painted: about the painter's.
        drawn: about the model's; None where no model is measured.
        through_latents: about the painter's after the model's autoencoder; None likewise.
    """

    painted: _Labels
    drawn: _Labels | None = None
    through_latents: _Labels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table; shares are 0 to 1.

    Attributes:
        question: what was asked.
        asked: of how many pictures.
        drawn: share of the model's pictures that show it; None without a model.
        painted: share of the painter's pictures that the judge gets right.
        through_latents: the same, after encoding and decoding; None without a model.
        floor: share of the commonest answer.
    """

    question: str
    asked: int
    drawn: float | None
    painted: float
    through_latents: float | None
    floor: float


def evaluate(
    model_file: Path | None,
    judge_file: Path,
    settings: Sequence[DrawSettings],
    *,
    count: int,
    dtype: Dtype = Dtype.AUTO,
    sheet: Path | None = None,
) -> Iterator[tuple[Figure, ...]]:
    """Yield the figures of a model over held-out prompts, for each of some settings.

    Args:
        model_file: a release; None measures the judge alone.
        judge_file: what `train_judge` wrote.
        settings: size, guidance, sampler.
        count: how many prompts.
        dtype: the arithmetic.
        sheet: where to write the first pictures as a contact sheet; the size is added to the name
            where there are several settings.
    """
    scenes = list(evaluation_scenes(count))
    judge = read_judge(judge_file)
    model = None if model_file is None else open_model(model_file, dtype)
    labels = np.array([labels_of(scene) for scene in scenes])
    labels[:, [not judge.can_answer(question.name) for question in QUESTIONS]] = NOT_ASKED
    for each in settings:
        painted = np.stack([paint(scene, each.width, each.height) for scene in scenes])
        answers = Answers(painted=judged(judge, painted))
        if model is not None:
            drawn = _drawn(model, scenes, each)
            if sheet is not None:
                several = f"-{each.width}x{each.height}" if len(settings) > 1 else ""
                contact_sheet(drawn[:SHEET_PICTURES]).save(
                    sheet.with_stem(f"{sheet.stem}{several}")
                )
            answers = replace(
                answers,
                drawn=judged(judge, drawn),
                through_latents=judged(judge, through_latents(model.autoencoder, painted)),
            )
        yield figures_of(labels, answers)


def _drawn(model: LoadedModel, scenes: Sequence[Scene], settings: DrawSettings) -> Pictures:
    prompts = [full_caption(scene, _speech(scene)) for scene in scenes]
    return draw(model, prompts, [scene.seed for scene in scenes], settings)


def evaluation_scenes(count: int) -> Iterator[Scene]:
    """Yield the held-out scenes, in good quality: nobody asks for a bad picture."""
    for seed in range(PROMPT_SEEDS, PROMPT_SEEDS + count):
        yield replace(sample_scene(seed), quality=Quality.PLAIN)


def figures_of(labels: _Labels, answers: Answers) -> tuple[Figure, ...]:
    """Return the share of right answers to each question that was asked at all.

    Args:
        labels: int64 [N, questions], `NOT_ASKED` where the question is not asked.
        answers: the judge's.
    """
    figures = []
    for i, question in enumerate(QUESTIONS):
        asked = labels[:, i] >= 0
        right = labels[asked, i]
        if not len(right):
            continue
        drawn, through_latents = (
            None if given is None else float((given[asked, i] == right).mean())
            for given in (answers.drawn, answers.through_latents)
        )
        figures.append(
            Figure(
                question=question.name,
                asked=len(right),
                drawn=drawn,
                painted=float((answers.painted[asked, i] == right).mean()),
                through_latents=through_latents,
                floor=float(np.bincount(right).max() / len(right)),
            )
        )
    return tuple(figures)


def as_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table; `-` stands for what was not measured."""
    lines = [
        "| question | asked | drawn | judge on painted | through latents | floor |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        shares = (figure.drawn, figure.painted, figure.through_latents, figure.floor)
        cells = ["-" if share is None else f"{share:.2f}" for share in shares]
        lines.append(f"| {figure.question} | {figure.asked} | {' | '.join(cells)} |")
    return "\n".join(lines)


def contact_sheet(pictures: Pictures, columns: int = SHEET_COLUMNS) -> Image.Image:
    """Return pictures uint8 [N, H, W, 3] side by side in rows, white where the last row ends."""
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        top, left = i // columns * height, i % columns * width
        sheet[top : top + height, left : left + width] = picture
    return Image.fromarray(sheet)


def _speech(scene: Scene) -> Random:
    return Random(f"{scene.seed}/evaluation")  # noqa: S311  # captions, not secrets
