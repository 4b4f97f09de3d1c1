"""Measures what the demonstrators do; the figures of docs/guides/networks.md.

python scripts/measure_demonstrators.py --judge RUN/judge.safetensors [NAME ...]

The judge is what `irodori paint train --stage judge` makes (docs/training.md). Prompts and seeds
are the same without a demonstrator and with it; nothing is chosen.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import torch
from draw_networks import (
    FAST,
    FIRST_SEED,
    NEGATIVE,
    PLAIN_SCENES,
    SCENES,
    STRAIGHT,
    USUAL,
    Painter,
    Row,
    is_there,
)

from irodori.painter.adapt.config import SubjectSettings
from irodori.painter.adapt.subjects import subject_of
from irodori.painter.caption import full_caption
from irodori.painter.evaluate import evaluation_scenes
from irodori.painter.judge import read_judge
from irodori.painter.questions import QUESTIONS, labels_of
from irodori.painter.raster.picture import paint
from irodori.painter.sampling import HELD_OUT_FIRST_SEED
from irodori.painter.scene import Camera, Style
from irodori.recipe.parts import Noise
from irodori.recipe.recipe import Recipe

Pictures = np.ndarray
Judged = Callable[[Pictures], Mapping[str, Sequence[str]]]
SIZE = 192, 192
COUNT = 24
EASY = ("count", "hair colour", "background", "framing")
LOOK = {
    "aqua hair": ("hair colour", ("aqua hair",)),
    "aqua or blue": ("hair colour", ("aqua hair", "blue hair")),
    "drills or twintails": ("hair style", ("twin drills", "twintails")),
    "rabbit ears": ("accessory", ("rabbit ears",)),
}
PIXEL = 8  # side of a pixel at 256x256


def judge_of(path: Path) -> Judged:
    """Return what says the likeliest answer to every question about each picture."""
    judge = read_judge(path)
    names = {question.name: question.answers for question in QUESTIONS}

    def judged(pictures: Pictures) -> dict[str, list[str]]:
        chances = judge.chances(pictures)
        return {name: [names[name][i] for i in chances[name].argmax(1)] for name in names}

    return judged


def drawn(
    painter: Painter, row: Row, prompts: Sequence[str], size: tuple[int, int] = SIZE
) -> Pictures:
    """Return uint8 [N, H, W, 3] of prompts, in batches of 12."""
    recipes = [
        Recipe(
            prompt=prompt,
            negative_prompt=NEGATIVE,
            noise=Noise(seed=FIRST_SEED + i),
            base=replace(row.base, width=size[0], height=size[1]),
            refiner=painter.refiner(row),
        )
        for i, prompt in enumerate(prompts)
    ]
    batches = [painter.batch(row, recipes[i : i + 12]) for i in range(0, len(recipes), 12)]
    return np.concatenate(batches)


def prompts_of(scenes: Sequence[str], calls: str, number: int = COUNT) -> list[str]:
    """Return prompts of scenes in turn."""
    return [f"1girl, solo, {calls}{scenes[i % len(scenes)]}" for i in range(number)]


def characters(painter: Painter, judged: Judged) -> None:
    """Tell how often the newcomer's look is seen, in its own painted pictures first."""
    _tell_look("painted", judged(painted()))
    ways = {
        "without": "",
        "sumire-hotaru": r"hotaru \(irodori\), <lora:sumire-hotaru:1>, ",
        "sumire-hotaru-dora": r"hotaru \(irodori\), <lora:sumire-hotaru-dora:1>, ",
        "hotaru-look": "hotaru-look, ",
    }
    for way, calls in ways.items():
        if way == "without" or is_there(way):
            pictures = drawn(painter, Row(), prompts_of(PLAIN_SCENES, calls), (192, 192))
            _tell_look(way, judged(pictures))


def painted() -> Pictures:
    """Return held-out pictures of the newcomer by the painter, seen from the front."""
    subject = subject_of(SubjectSettings(character="hotaru (irodori)", share=1.0))
    seeds = count(HELD_OUT_FIRST_SEED)
    scenes = (
        scene
        for scene in map(subject.sample, seeds)
        if "hotaru" in subject.speak(scene, Random(0))  # noqa: S311  # captions, not secrets
        and (scene.style, scene.camera) == (Style.PLAIN, Camera.FRONT)
    )
    return np.stack([paint(scene, 192, 192) for scene in islice(scenes, COUNT)])


def _tell_look(way: str, seen: Mapping[str, Sequence[str]]) -> None:
    shares = {
        name: np.mean([answer in answers for answer in seen[question]])
        for name, (question, answers) in LOOK.items()
    }
    print(
        f"{way:20}", ", ".join(f"{name} {share:.2f}" for name, share in shares.items()), flush=True
    )


def styles(painter: Painter, _judged: Judged) -> None:
    """Tell how much of the pictures' detail lies between blocks rather than inside them."""
    for way in ("", "sumire-pixel-art", "sumire-pixel-art-lokr"):
        if way and not is_there(way):
            continue
        calls = f"pixel art, <lora:{way}:1>, " if way else ""
        pictures = drawn(painter, Row(), prompts_of(SCENES, calls, 12), (256, 256)).astype(float)
        blocks = pictures.reshape(len(pictures), 32, PIXEL, 32, PIXEL, 3)
        inside = blocks.std((2, 4)).mean()
        steps = np.abs(np.diff(pictures, axis=2)).mean((0, 1, 3))
        at_borders = (
            steps[PIXEL - 1 :: PIXEL].mean()
            / np.delete(steps, np.arange(PIXEL - 1, 255, PIXEL)).mean()
        )
        print(
            f"{way or 'without':22} spread inside blocks of 8: {inside:.1f}; steps at their "
            f"borders / inside: {at_borders:.2f}",
            flush=True,
        )


def few_steps(painter: Painter, judged: Judged) -> None:
    """Tell what five steps obey, with the distilled LoRA and without."""
    scenes = list(evaluation_scenes(COUNT))
    said = [full_caption(scene, Random(scene.seed)) for scene in scenes]  # noqa: S311  # captions
    rows = {
        "20 steps, DPM++ 2M Karras, CFG 3.5": Row(),
        "5 steps, DPM++ 2M Karras, CFG 3.5": Row(base=replace(USUAL, steps=5)),
        "5 steps, LCM, CFG 1.5": Row(base=FAST),
        "5 steps, LCM, CFG 1.5, sumire-lcm": Row(base=FAST, calls="<lora:sumire-lcm:1>, "),
    }
    labels = np.array([labels_of(scene) for scene in scenes])
    for way, row in rows.items():
        pictures = drawn(painter, row, [row.calls + prompt for prompt in said])
        seen = judged(pictures)
        shares = {}
        for number, question in enumerate(QUESTIONS):
            asked = np.flatnonzero(labels[:, number] >= 0)
            right = [seen[question.name][i] == question.answers[labels[i, number]] for i in asked]
            if question.name in EASY:
                shares[question.name] = float(np.mean(right))
        told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
        print(f"{way:36} {told}; detail {detail_of(pictures):.2f}", flush=True)


def light(painter: Painter, _judged: Judged) -> None:
    """Tell how dark and how bright pictures become, 0 to 255."""
    tails = {
        "black background": "upper body, simple background, black background",
        "white background": "upper body, simple background, white background",
        "night": "upper body, night",
    }
    for model in ("", "sumire-v"):
        row = Row(base=STRAIGHT, model=model)
        told = []
        for name, tail in tails.items():
            pictures = drawn(painter, row, prompts_of((tail,), "", 12))
            grey = pictures.mean(3)
            corners = np.concatenate([grey[:, :24, :16], grey[:, :24, -16:]], 2)
            told.append(f"{name}: whole {grey.mean():.0f}, upper corners {corners.mean():.0f}")
        print(f"{model or 'without':10} {'; '.join(told)}", flush=True)


def lines(painter: Painter, _judged: Judged) -> None:
    """Tell how much of the pictures is ink."""
    rows = {
        "without": Row(base=STRAIGHT),
        "refiner at 0.8": Row(base=STRAIGHT, refiner="sumire-ink"),
        "alone": Row(base=STRAIGHT, model="sumire-ink"),
    }
    first = None
    for way, row in rows.items():
        pictures = drawn(painter, row, prompts_of(SCENES[:3], "", 12))
        first = pictures if first is None else first
        error = np.square(pictures.astype(float) - first).mean()
        likeness = 10 * np.log10(255**2 / error) if error else float("inf")
        ink = (pictures.max(3) < 60).mean()
        print(f"{way:16} ink {ink:.3f}; {likeness:.1f} dB to without", flush=True)


def detail_of(pictures: Pictures) -> float:
    """Return the mean step between neighbours, in levels of 255: blurred pictures have little."""
    return float(np.abs(np.diff(pictures.astype(float), axis=2)).mean())


MEASURES: Mapping[str, Callable[[Painter, Judged], None]] = {
    "characters": characters,
    "styles": styles,
    "few_steps": few_steps,
    "light": light,
    "lines": lines,
}


def main() -> None:
    """Measure everything, or what is named."""
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES])
    chosen = parser.parse_args()
    judged = judge_of(chosen.judge)
    with TemporaryDirectory() as folder:
        painter = Painter(Path(folder))
        for name in chosen.names or MEASURES:
            print(f"-- {name}", flush=True)
            MEASURES[name](painter, judged)


if __name__ == "__main__":
    main()
