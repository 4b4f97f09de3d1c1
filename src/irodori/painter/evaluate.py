"""Does the model draw what is asked? Held-out prompts, drawn, judged, counted.

    irodori paint evaluate --model FILE --judge RUN/judge.safetensors --count 300

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
import torch
from PIL import Image

from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.vae import to_bytes
from irodori.painter.caption import full_caption
from irodori.painter.dataset import Pictures
from irodori.painter.drawing import DrawSettings, draw, open_model
from irodori.painter.judge import judged, read_judge
from irodori.painter.questions import QUESTIONS, labels_of
from irodori.painter.raster.picture import paint
from irodori.painter.sampling import HELD_OUT_FIRST_SEED, sample_scene
from irodori.painter.scene import Quality, Scene
from irodori.painter.train_autoencoder import reconstruct, to_pixels

PROMPT_SEEDS: Final = HELD_OUT_FIRST_SEED + 100_000
"""Scene seed of the first evaluation prompt; the others follow one by one."""

SHEET_COLUMNS: Final = 8
SHEET_PICTURES: Final = 40

_Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table; shares are 0 to 1.

    Attributes:
        question: what was asked.
        asked: of how many pictures.
        drawn: share of the model's pictures that show it.
        painted: share of the painter's pictures that the judge gets right.
        through_latents: the same, after encoding and decoding.
        floor: share of the commonest answer.
    """

    question: str
    asked: int
    drawn: float
    painted: float
    through_latents: float
    floor: float


def evaluate(
    model_file: Path,
    judge_file: Path,
    settings: DrawSettings,
    *,
    count: int,
    sheet: Path | None = None,
) -> tuple[Figure, ...]:
    """Return the figures of a model over held-out prompts.

    Args:
        model_file: a release.
        judge_file: what `judge.train_judge` wrote.
        settings: size, guidance, sampler.
        count: how many prompts.
        sheet: where to write the first pictures as a contact sheet.
    """
    scenes = list(evaluation_scenes(count))
    model, judge = open_model(model_file), read_judge(judge_file)
    prompts = [full_caption(scene, _speech(scene)) for scene in scenes]
    drawn = draw(model, prompts, [scene.seed for scene in scenes], settings)
    if sheet is not None:
        contact_sheet(drawn[:SHEET_PICTURES]).save(sheet)
    painted = np.stack([paint(scene, settings.width, settings.height) for scene in scenes])
    labels = np.array([labels_of(scene) for scene in scenes])
    return figures_of(
        labels,
        drawn=judged(judge, drawn),
        painted=judged(judge, painted),
        through_latents=judged(judge, _through_latents(model.autoencoder, painted)),
    )


def evaluation_scenes(count: int) -> Iterator[Scene]:
    """Yield the held-out scenes, in good quality: nobody asks for a bad picture."""
    for seed in range(PROMPT_SEEDS, PROMPT_SEEDS + count):
        yield replace(sample_scene(seed), quality=Quality.PLAIN)


def figures_of(
    labels: _Labels, *, drawn: _Labels, painted: _Labels, through_latents: _Labels
) -> tuple[Figure, ...]:
    """Return the share of right answers to each question that was asked at all.

    Args:
        labels: int64 [N, questions], -100 where the question is not asked.
        drawn: the judge's answers about the model's pictures, same shape.
        painted: about the painter's.
        through_latents: about the painter's after the autoencoder.
    """
    figures = []
    for i, question in enumerate(QUESTIONS):
        asked = labels[:, i] >= 0
        right = labels[asked, i]
        if not len(right):
            continue
        figures.append(
            Figure(
                question=question.name,
                asked=len(right),
                drawn=float((drawn[asked, i] == right).mean()),
                painted=float((painted[asked, i] == right).mean()),
                through_latents=float((through_latents[asked, i] == right).mean()),
                floor=float(np.bincount(right).max() / len(right)),
            )
        )
    return tuple(figures)


def as_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| question | asked | drawn | judge on painted | through latents | floor |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {figure.question} | {figure.asked} | {figure.drawn:.2f} | {figure.painted:.2f} "
        f"| {figure.through_latents:.2f} | {figure.floor:.2f} |"
        for figure in figures
    ]
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


@torch.inference_mode()
def _through_latents(autoencoder: Autoencoder, pictures: Pictures) -> Pictures:
    batches = np.array_split(pictures, -(-len(pictures) // 16))
    decoded = [to_bytes(reconstruct(autoencoder, to_pixels(b)) / 2 + 0.5) for b in batches]
    return np.concatenate(decoded)


def _speech(scene: Scene) -> Random:
    return Random(f"{scene.seed}/evaluation")  # noqa: S311  # captions, not secrets
