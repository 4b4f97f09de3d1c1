"""The judge: questions fit scenes, views fit people, both looks learn and make one answer."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from irodori.engine.detection import Detection
from irodori.engine.image import Pixels
from irodori.errors import InputError
from irodori.painter.config import Bucket, JudgeTraining, PoolSettings
from irodori.painter.crew import Crew
from irodori.painter.dataset import open_shards, paint_pool
from irodori.painter.decode import evenly
from irodori.painter.judge import (
    UNSEEN,
    Judge,
    faces_in,
    judged,
    new_network,
    read_judge,
    write_judge,
)
from irodori.painter.judge_network import (
    SIDE,
    SURROUNDINGS,
    VIEWS,
    FinderNetwork,
    at_judged_size,
    begin,
    found_heads,
    person_views,
)
from irodori.painter.judge_people import cut_out_people, jittered, misplaced, open_people
from irodori.painter.medium import Style
from irodori.painter.naming import tags
from irodori.painter.questions import (
    NOT_ASKED,
    PERSONAL_QUESTIONS,
    QUESTIONS,
    TWO_HAIR_COLOURS,
    WHOLE_QUESTIONS,
    labels_of,
    personal_labels_of,
)
from irodori.painter.raster.picture import heads_of
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import Framing, Place, Scene
from irodori.painter.train_judge import Lesson, Lessons, lesson_loss

POOL = PoolSettings(
    first_seed=5,
    shards=1,
    shard=12,
    cropped=0.3,
    enlarged=0.2,
    buckets=(Bucket(width=32, height=48, share=1.0),),
)


class Faces(NamedTuple):
    """A detector that finds the same faces in every picture."""

    boxes: Sequence[tuple[float, float, float, float]]
    labels: tuple[str, ...] = ("face",)

    def detect(self, pixels: Pixels, confidence: float) -> tuple[Detection, ...]:
        assert pixels.dtype == np.uint8
        return tuple(
            Detection(box=np.array(box, np.float32), confidence=confidence, label="face")
            for box in self.boxes
        )


def answer(name: str, scene: Scene) -> str | None:
    return next(question for question in QUESTIONS if question.name == name).of(scene)


def test_every_scene_has_an_answer_of_each_questions_list() -> None:
    for seed in range(300):
        scene = sample_scene(seed)
        for question, label in zip(QUESTIONS, labels_of(scene), strict=True):
            assert label == NOT_ASKED or 0 <= label < len(question.answers)
        for person in scene.people:
            for asked, label in zip(
                PERSONAL_QUESTIONS, personal_labels_of(scene, person), strict=True
            ):
                assert label == NOT_ASKED or 0 <= label < len(asked.answers)


def test_what_is_asked_is_what_a_full_prompt_says() -> None:
    """Colours, garment and accessory are asked for where they are named, and only there."""
    met = dict.fromkeys(("hair colour", "eye colour", "outfit", "accessory"), 0)
    for seed in range(400):
        scene = sample_scene(seed)
        if len(scene.people) != 1:
            continue
        said = set(tags(scene))
        for name in met:
            asked = answer(name, scene)
            answers = next(q for q in QUESTIONS if q.name == name).answers
            if asked not in {None, "none"}:
                assert asked in said, (seed, name)
                met[name] += 1
            elif name.endswith("colour"):
                assert len(said & set(answers)) != 1, (seed, name)
    assert min(met.values()) > 50


def test_what_is_not_seen_is_not_asked() -> None:
    scene = next(
        scene
        for seed in range(200)
        if len((scene := sample_scene(seed)).people) == 1 and scene.framing is Framing.FULL_BODY
    )
    plain = replace(scene, style=Style.PLAIN)
    assert answer("hair colour", plain) == f"{plain.people[0].hair.colour} hair"
    assert answer("hair colour", replace(plain, style=Style.MONOCHROME)) is None
    assert answer("pose", plain) == plain.people[0].pose
    assert answer("pose", replace(plain, framing=Framing.PORTRAIT)) is None
    assert answer("framing", replace(plain, people=())) is None
    in_city = replace(plain, background=replace(plain.background, place=Place.CITY))
    assert answer("backdrop colour", in_city) is None
    assert answer("background", in_city) == "city"


def test_two_hair_colours_are_asked_of_two_people_and_in_no_order() -> None:
    scene = next(
        replace(scene, style=Style.PLAIN)
        for seed in range(400)
        if len((scene := sample_scene(seed)).people) == 2
        and len({person.hair.colour for person in scene.people}) == 2
    )
    asked = answer("two hair colours", scene)
    assert asked in TWO_HAIR_COLOURS.answers
    assert answer("two hair colours", replace(scene, people=scene.people[::-1])) == asked
    assert answer("two hair colours", replace(scene, style=Style.SKETCH)) is None
    assert answer("two hair colours", replace(scene, people=scene.people[:1])) is None
    assert answer("hair colour", scene) is None


def test_a_person_is_shown_in_the_middle_and_grey_beyond_the_edge() -> None:
    pixels = torch.full((3, 60, 40), -1.0)
    pixels[:, 10:20, 0:10] = 1.0  # a head in the upper left
    face, head, body = person_views(pixels, np.array([0, 10, 10, 20], np.float32))
    assert [view.shape[-1] for view in (face, head, body)] == [view.side for view in VIEWS]
    assert face[:, 18:30, 18:30].min() == 1.0
    assert (head[:, :, 0] == 0).all()  # left of the picture
    assert body[0, body.shape[1] // 2, body.shape[2] * 3 // 4] == -1.0
    far = person_views(pixels, np.array([400, 400, 420, 420], np.float32))
    assert all((view == 0).all() for view in (*far,))


def test_a_judge_learns_a_question_by_heart() -> None:
    red_first = torch.full((4, 3, SIDE, SIDE), -1.0)
    red_first[::2, 0] = 1.0
    labels = torch.full((4, len(WHOLE_QUESTIONS)), NOT_ASKED)
    labels[:, 0] = torch.tensor([1, 0, 1, 0])
    personal = torch.full((4, len(PERSONAL_QUESTIONS)), NOT_ASKED)
    personal[:, 1] = torch.tensor([3, 2, 3, 2])
    views = tuple(red_first[:, :, : view.side, : view.side] for view in VIEWS)
    side = SURROUNDINGS.side
    lesson = Lesson(
        views=views,
        personal_labels=personal,
        surroundings=red_first[:, :, :side, :side],
        corrections=torch.tensor([[0.2, 0.0, -0.3], [0.0, 0.1, 0.4]] * 2),
        pixels=red_first,
        labels=labels,
    )
    network = new_network(0)
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    first = lesson_loss(network, lesson)[0].item()
    for _ in range(8):
        optimiser.zero_grad()
        loss, facts = lesson_loss(network, lesson)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
    assert loss.item() < 0.3 * first
    assert set(facts) == {"whole", "people", "finder"}
    assert set(lesson_loss(network, replace(lesson, pixels=None))[1]) == {"people", "finder"}
    judge = Judge(whole=network.whole, people=None, detector=Faces([]))
    pictures = ((red_first + 1) * 127.5).byte().permute(0, 2, 3, 1).numpy()
    assert judged(judge, pictures)[:, 0].tolist() == [1, 0, 1, 0]


def test_lessons_show_people_and_now_and_then_whole_pictures(tmp_path: Path) -> None:
    list(paint_pool(POOL, tmp_path / "pool"))
    shards = open_shards(tmp_path / "pool")
    cut_out_people(shards, tmp_path / "people", Crew())
    people = open_people(shards, tmp_path / "people")
    settings = JudgeTraining(batch=8, seed=1)
    lessons = Lessons(settings=settings, shards=shards, people=people, crew=Crew())
    lesson, again = lessons.at(0), lessons.at(0)
    assert lesson.pixels is not None
    assert lesson.labels is not None
    assert lesson.pixels.shape == (8, 3, SIDE, SIDE)
    assert torch.equal(lesson.labels, torch.as_tensor(again.labels))
    assert all(map(torch.equal, lesson.views, again.views))
    assert lessons.at(1).pixels is None
    assert [view.shape[-1] for view in lesson.views] == [view.side for view in VIEWS]
    whole = np.flatnonzero(shards[0].frames[:, 0] == 48)
    scenes = [sample_scene(5 + int(i)) for i in whole]
    asked = len(WHOLE_QUESTIONS)
    possible = {tuple(labels_of(s)[:asked]) for s in scenes}
    assert {tuple(row) for row in lesson.labels.tolist()} <= possible
    owners = {tuple(personal_labels_of(s, person)) for s in scenes for person in s.people}
    assert {tuple(row) for row in people.labels.tolist()} == owners
    assert len(lesson.personal_labels) == len(lesson.views[0])


def test_people_are_cut_out_where_they_stand(tmp_path: Path) -> None:
    """A lesson's squares are those that a judge sees, but for the inexactness."""
    pool = replace(
        POOL, cropped=0.0, enlarged=0.0, buckets=(Bucket(width=96, height=128, share=1),)
    )
    list(paint_pool(pool, tmp_path / "pool"))
    shards = open_shards(tmp_path / "pool")
    cut_out_people(shards, tmp_path / "people", Crew())
    people = open_people(shards, tmp_path / "people")
    first = next(i for i in range(pool.shard) if sample_scene(5 + i).people)
    (x, y, radius), *_ = heads_of(sample_scene(5 + first), 96, 128)
    pixels = torch.from_numpy(shards[0].pictures[first].copy()).permute(2, 0, 1) / 127.5 - 1
    box = np.array([x - radius, y - radius, x + radius, y + radius], np.float32)
    many = jittered(people, torch.zeros(40, dtype=torch.int64), np.random.default_rng(3))
    beside = person_views(pixels, box + np.float32(radius))
    for view, other, seen in zip(person_views(pixels, box), beside, many, strict=True):
        shown = torch.stack([each.flatten() for each in (seen.median(0).values, view, other)])
        _, here, there = torch.corrcoef(shown)[0]
        assert here > 0.7
        assert here > there + 0.1
        assert seen.var(0).mean() > 0


class RightWherever(FinderNetwork):
    """Knows where the middle of the white square is, and how large it is."""

    def forward(self, surroundings: torch.Tensor) -> torch.Tensor:
        found = []
        for picture in surroundings:
            rows, columns = torch.nonzero(picture[0] > 0.5, as_tuple=True)
            middle = torch.stack([columns.float().mean(), rows.float().mean()]) + 0.5
            unit = SURROUNDINGS.side / 2 / SURROUNDINGS.reach
            away = (middle - SURROUNDINGS.side / 2) / unit + torch.tensor([0, SURROUNDINGS.down])
            width = (columns.max() - columns.min() + 1) / 2 / unit
            found.append(torch.cat([away, width.log()[None]]))
        return torch.stack(found)


def test_a_box_that_errs_is_put_right() -> None:
    pixels = torch.full((3, 128, 128), -1.0)
    pixels[:, 40:80, 50:90] = 1.0
    boxes = [np.array(box, np.float32) for box in ([55, 50, 85, 80], [40, 20, 100, 90])]
    for box in found_heads(RightWherever(), [pixels] * 2, boxes):
        assert np.abs(box - [50, 40, 90, 80]).max() < 2


def test_what_puts_a_lesson_right_is_told_truly(tmp_path: Path) -> None:
    """Undoing the error that was made leaves the middle of the square where the head's was."""
    pool = replace(
        POOL, cropped=0.0, enlarged=0.0, buckets=(Bucket(width=96, height=128, share=1),)
    )
    list(paint_pool(pool, tmp_path / "pool"))
    cut_out_people(open_shards(tmp_path / "pool"), tmp_path / "people", Crew())
    people = open_people(open_shards(tmp_path / "pool"), tmp_path / "people")
    white = torch.zeros_like(people.squares[0])
    side = white.shape[-1]
    reach, centre = side / 2 / (SURROUNDINGS.reach * 1.8), side / 2
    top = round(centre - SURROUNDINGS.down * reach - reach)
    left = round(centre - reach)
    white[:, :, top : top + round(2 * reach), left : left + round(2 * reach)] = 255
    marked = replace(people, squares=(white, *people.squares[1:]))
    chosen = torch.zeros(64, dtype=torch.int64)
    shown, told = misplaced(marked, chosen, np.random.default_rng(2))
    assert told.abs().max(0).values.min() > 0.3
    seen = RightWherever()(shown)
    whole = (shown[:, 0, 0] < 0).all(1) & (shown[:, 0, -1] < 0).all(1)  # none of it cut off
    whole &= (shown[:, 0, :, 0] < 0).all(1) & (shown[:, 0, :, -1] < 0).all(1)
    assert whole.sum() > 40
    assert (seen - told)[whole].abs().max() < 0.2


def test_a_finder_learns_where_a_square_is() -> None:
    rng = np.random.default_rng(1)
    finder = FinderNetwork()
    begin(finder, 0)
    optimiser = torch.optim.Adam(finder.parameters(), lr=3e-3)
    losses = []
    for _ in range(40):
        away = torch.from_numpy(rng.integers(-8, 9, 16))
        pictures = torch.full((16, 3, SURROUNDINGS.side, SURROUNDINGS.side), -1.0)
        for picture, right in zip(pictures, away.tolist(), strict=True):
            picture[:, 14:34, 14 + right : 34 + right] = 1.0
        error = finder(pictures)[:, 0] - away / 10
        losses.append(error.square().mean())
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert sum(losses[-5:]) < 0.3 * sum(losses[:5])


def test_shards_are_chosen_from_all_over_the_pool(tmp_path: Path) -> None:
    list(paint_pool(replace(POOL, shards=5, shard=1), tmp_path))
    shards = open_shards(tmp_path)
    assert [shard.first_seed for shard in evenly(shards, 3)] == [5, 7, 9]
    assert len(evenly(shards, 9)) == 5
    assert [shard.first_seed for shard in evenly(shards, 1)] == [5]


def test_larger_pictures_are_averaged_not_picked() -> None:
    pixels = torch.zeros(1, 3, 256, 192)
    pixels[:, :, ::2] = 1.0
    assert torch.allclose(at_judged_size(pixels), torch.full((1, 3, SIDE, SIDE), 0.5), atol=0.2)


def test_the_second_face_stands_beside_the_first() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    same, other = (4.0, 5.0, 20.0, 25.0), (40.0, 5.0, 60.0, 25.0)
    found = faces_in(picture, Faces([(0.0, 0.0, 30.0, 30.0), same, other, other]))
    assert [box.tolist() for box in found] == [[0, 0, 30, 30], list(other)]
    assert faces_in(picture, Faces([])) == []


def test_faces_decide_what_the_whole_leaves_open() -> None:
    network = new_network(0)
    for part in (network.whole.head, network.people.head):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    sex, hair = (len(question.answers) for question in PERSONAL_QUESTIONS[:2])
    with torch.no_grad():
        network.people.head.bias[:sex] = torch.tensor([-5.0, 5.0])  # a boy
        network.people.head.bias[sex : sex + hair][:2] = torch.tensor([6.0, 6.0])
    network.eval()
    pictures = np.zeros((2, 64, 64, 3), np.uint8)
    boxes = [(5.0, 5.0, 25.0, 25.0), (40.0, 5.0, 60.0, 25.0)]
    seeing = Judge(whole=network.whole, people=network.people, detector=Faces(boxes))
    chances = seeing.chances(pictures)
    count = dict(zip(WHOLE_QUESTIONS[0].answers, chances["count"][0], strict=True))
    assert count["1boy"] > 100 * count["1girl"]
    assert count["2boys"] > 100 * count["1boy 1girl"] > 100 * count["2girls"]
    two = dict(zip(TWO_HAIR_COLOURS.answers, chances[TWO_HAIR_COLOURS.name][0], strict=True))
    assert max(two, key=lambda pair: two[pair]) == TWO_HAIR_COLOURS.answers[0]
    assert two[TWO_HAIR_COLOURS.answers[0]] == pytest.approx(0.5, abs=0.05)
    blind = replace(seeing, detector=Faces(boxes[:1]))
    assert judged(blind, pictures)[:, -1].tolist() == [UNSEEN, UNSEEN]


def test_a_judge_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "judge.safetensors"
    write_judge(new_network(4), path)
    judge = read_judge(path)
    pictures = np.random.default_rng(1).integers(0, 255, (2, 48, 48, 3), np.uint8)
    again = judged(read_judge(path), pictures)
    assert (judged(judge, pictures) == again).all()
    assert all(judge.can_answer(question.name) for question in QUESTIONS)


def test_a_judge_of_the_first_format_looks_at_whole_pictures(tmp_path: Path) -> None:
    path, network = tmp_path / "judge.safetensors", new_network(4)
    asked = [[question.name, *question.answers] for question in WHOLE_QUESTIONS]
    save_file(dict(network.whole.state_dict()), path, {"irodori.judge": json.dumps(asked)})
    judge = read_judge(path)
    assert judge.people is None
    assert not judge.can_answer(TWO_HAIR_COLOURS.name)
    assert judge.can_answer("count")
    pictures = np.zeros((1, 48, 48, 3), np.uint8)
    whole = Judge(whole=network.whole, people=None, detector=Faces([]))
    assert (judged(judge, pictures) == judged(whole, pictures)).all()


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"irodori.judge": '[["hats", "a", "b"]]'}, "train a new judge"),
        ({"irodori.judge": '{"format": 2, "questions": []}'}, "of format 2"),
        ({"irodori.judge": '{"format": 4, "questions": []}'}, "of format 4"),
        ({"other": "file"}, "is no judge"),
    ],
)
def test_a_judge_of_other_questions_is_refused(
    tmp_path: Path, metadata: dict[str, str], why: str
) -> None:
    path = tmp_path / "judge.safetensors"
    save_file({"weight": torch.zeros(1)}, path, metadata)
    with pytest.raises(InputError, match=why):
        read_judge(path)
