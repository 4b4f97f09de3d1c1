"""The judge and the table: questions fit scenes, a tiny judge learns, figures are counted right."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from irodori.errors import InputError
from irodori.painter.config import Bucket, JudgeTraining, PoolSettings
from irodori.painter.crew import Crew
from irodori.painter.dataset import open_shards, paint_pool
from irodori.painter.judge import (
    SIDE,
    Judge,
    Lessons,
    answers_loss,
    at_judged_size,
    judged,
    new_judge,
    read_judge,
)
from irodori.painter.questions import QUESTIONS, labels_of
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import Framing, Place, Style

POOL = PoolSettings(
    first_seed=5,
    shards=1,
    shard=12,
    cropped=0.3,
    enlarged=0.2,
    buckets=(Bucket(width=32, height=48, share=1.0),),
)


def answer(name: str, scene: object) -> str | None:
    question = next(question for question in QUESTIONS if question.name == name)
    return question.of(scene)  # type: ignore[arg-type]


def test_every_scene_has_an_answer_of_each_questions_list() -> None:
    for seed in range(300):
        for question, label in zip(QUESTIONS, labels_of(sample_scene(seed)), strict=True):
            assert label == -100 or 0 <= label < len(question.answers)


def test_what_is_not_seen_is_not_asked() -> None:
    scene = next(
        scene
        for seed in range(200)
        if len((scene := sample_scene(seed)).people) == 1 and scene.framing is Framing.FULL_BODY
    )
    plain = replace(scene, style=Style.PLAIN)
    assert answer("hair colour", plain) == f"{plain.people[0].hair.colour} hair"
    assert answer("hair colour", replace(plain, style=Style.MONOCHROME)) is None
    assert answer("outfit", plain) == plain.people[0].outfit.garment
    assert answer("outfit", replace(plain, framing=Framing.PORTRAIT)) is None
    assert answer("framing", replace(plain, people=())) is None
    in_city = replace(plain, background=replace(plain.background, place=Place.CITY))
    assert answer("backdrop colour", in_city) is None
    assert answer("background", in_city) == "city"


def test_a_judge_learns_a_question_by_heart() -> None:
    pixels = torch.full((4, 3, SIDE, SIDE), -1.0)
    pixels[::2, 0] = 1.0
    labels = torch.full((4, len(QUESTIONS)), -100)
    labels[:, 0] = torch.tensor([1, 0, 1, 0])
    judge = new_judge(0)
    optimiser = torch.optim.Adam(judge.parameters(), lr=2e-3)
    first = answers_loss(judge(pixels), labels).item()
    for _ in range(8):
        optimiser.zero_grad()
        loss = answers_loss(judge(pixels), labels)
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.3 * first
    pictures = ((pixels + 1) * 127.5).byte().permute(0, 2, 3, 1).numpy()
    assert judged(judge.eval(), pictures)[:, 0].tolist() == [1, 0, 1, 0]


def test_lessons_show_whole_pictures_with_their_labels(tmp_path: Path) -> None:
    list(paint_pool(POOL, tmp_path))
    shards = open_shards(tmp_path)
    settings = JudgeTraining(batch=8, seed=1)
    lessons = Lessons(settings=settings, shards=shards, crew=Crew())
    pixels, labels = lessons.at(0)
    assert pixels.shape == (8, 3, SIDE, SIDE)
    assert torch.equal(labels, lessons.at(0)[1])
    whole = np.flatnonzero(shards[0].frames[:, 0] == 48)
    possible = {tuple(labels_of(sample_scene(5 + int(i)))) for i in whole}
    assert {tuple(row) for row in labels.tolist()} <= possible


def test_larger_pictures_are_averaged_not_picked() -> None:
    pixels = torch.zeros(1, 3, 256, 192)
    pixels[:, :, ::2] = 1.0
    assert torch.allclose(at_judged_size(pixels), torch.full((1, 3, SIDE, SIDE), 0.5), atol=0.2)


def test_a_judge_of_other_questions_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "judge.safetensors"
    save_file(dict(Judge([2, 3]).state_dict()), path, {"irodori.judge": '[["hats", "a", "b"]]'})
    with pytest.raises(InputError, match="train a new judge"):
        read_judge(path)
