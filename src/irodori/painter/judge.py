"""The judge: a small classifier that answers the evaluation's questions about a picture.

It looks at the picture as a whole and at each face that the product's detector finds in it, painted
or drawn; both give chances, which are multiplied. So a face that is not found counts against what
is judged and against the judge alike. How often it is right about painted pictures it has not seen
is the ceiling of what the evaluation can find; it is printed beside every figure.
Trained by `train_judge`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from irodori.catalog.detectors import SHIPPED as SHIPPED_DETECTOR
from irodori.engine.detection import Corners, Detector
from irodori.engine.face_detector import load_face_detector
from irodori.errors import InputError
from irodori.painter.dataset import Pictures
from irodori.painter.judge_network import (
    FinderNetwork,
    JudgeNetwork,
    PeopleNetwork,
    WholeNetwork,
    at_judged_size,
    begin,
    found_heads,
    person_views,
)
from irodori.painter.questions import (
    COUNT,
    COUNTS,
    HAIR_COLOUR,
    PERSONAL_QUESTIONS,
    QUESTIONS,
    SEX,
    TWO_HAIR_COLOURS,
    WHOLE_QUESTIONS,
)
from irodori.painter.scene import Sex
from irodori.painter.train_autoencoder import to_pixels

FILE: Final = "judge.safetensors"
FORMAT: Final = 3
"""Of the file: 1 has the network for whole pictures alone, 3 those for people and heads besides.
(2, never released, had other views.)"""

UNSEEN: Final = -1
"""In place of an answer's number: the judge does not see what is asked about."""

_ANSWERS: Final = "irodori.judge"
_CONFIDENCE: Final = 0.3  # of a face
_BATCH: Final = 32
_MOST_FACES: Final = 2

Chances = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A trained judge.

    Attributes:
        whole: looks at whole pictures.
        people: looks at people; None in a judge of format 1, which looks at no one.
        detector: finds them.
        finder: puts right where the detector says that they are; None takes its word for it.
    """

    whole: WholeNetwork
    people: PeopleNetwork | None
    detector: Detector
    finder: FinderNetwork | None = None

    def can_answer(self, question: str) -> bool:
        """Return whether this judge knows a question, by its name."""
        return self.people is not None or question != TWO_HAIR_COLOURS.name

    @torch.inference_mode()
    def chances(self, pictures: Pictures) -> dict[str, Chances]:
        """Return for each question how likely each answer is, float32 [N, answers], by its name.

        Nothing is likely, not even a little, where the judge does not see what is asked about.

        Args:
            pictures: uint8 [N, H, W, 3].
        """
        batches = [
            self._chances(pictures[start : start + _BATCH])
            for start in range(0, len(pictures), _BATCH)
        ]
        return {
            question.name: np.concatenate([batch[question.name].numpy() for batch in batches])
            for question in QUESTIONS
        }

    def _chances(self, pictures: Pictures) -> dict[str, Tensor]:
        pixels = to_pixels(pictures)
        logs = _logs([question.name for question in WHOLE_QUESTIONS], self._whole(pixels))
        two = torch.zeros(len(pictures), len(TWO_HAIR_COLOURS.answers))
        if self.people is not None:
            for i, people in enumerate(self._people(self.people, pixels, pictures)):
                _add_people(logs, i, people)
                if len(people) == _MOST_FACES:
                    two[i] = _two_hair_colours(*(one[HAIR_COLOUR.name].exp() for one in people))
        return {name: log.softmax(1) for name, log in logs.items()} | {TWO_HAIR_COLOURS.name: two}

    def _whole(self, pixels: Tensor) -> Sequence[Tensor]:
        answers: Sequence[Tensor] = self.whole(at_judged_size(pixels))
        return answers

    def _people(
        self, network: PeopleNetwork, pixels: Tensor, pictures: Pictures
    ) -> list[list[dict[str, Tensor]]]:
        """Return what is seen of each picture's people, the surest face first."""
        boxes = [faces_in(picture, self.detector) for picture in pictures]
        pictured = [pixels[i] for i, found in enumerate(boxes) for _ in found]
        heads = list(chain.from_iterable(boxes))
        if not heads:
            return [[] for _ in boxes]
        if self.finder is not None:
            heads = found_heads(self.finder, pictured, heads)
        views = [person_views(*each) for each in zip(pictured, heads, strict=True)]
        logits = network([torch.stack(view) for view in zip(*views, strict=True)])
        logs = _logs([question.name for question in PERSONAL_QUESTIONS], logits)
        person = iter(range(len(views)))
        return [
            [{name: log[i] for name, log in logs.items()} for i in islice(person, len(found))]
            for found in boxes
        ]


def faces_in(picture: Pictures, detector: Detector) -> list[Corners]:
    """Return the boxes of at most two faces, the surest first; the second beside the first.

    Args:
        picture: uint8 [H, W, 3].
        detector: finds them.
    """
    found = [face.box for face in detector.detect(picture, _CONFIDENCE)]
    beside = [box for box in found[1:] if not _centred_within(box, found[0])]
    return found[:1] + beside[: _MOST_FACES - 1]


def _centred_within(box: Corners, other: Corners) -> bool:
    centre = (box[:2] + box[2:]) / 2
    return bool((other[:2] <= centre).all() and (centre <= other[2:]).all())


def _logs(names: Sequence[str], logits: Sequence[Tensor]) -> dict[str, Tensor]:
    return {name: F.log_softmax(part.float(), 1) for name, part in zip(names, logits, strict=True)}


def _add_people(
    logs: Mapping[str, Tensor], picture: int, people: Sequence[Mapping[str, Tensor]]
) -> None:
    """Add what the faces of a picture say to what the whole of it says."""
    if not people:
        return
    for name, log in people[0].items():
        if name in logs:
            logs[name][picture] += log
    sexes = [one[SEX.name] for one in people]
    logs[COUNT.name][picture] += torch.stack([_of_sexes(asked, sexes) for asked in COUNTS.values()])


def _of_sexes(asked: Sequence[Sex], sexes: Sequence[Tensor]) -> Tensor:
    """Return how likely (log) the found people are those asked for, as far as they are found."""
    numbers = [SEX.answers.index(sex) for sex in asked]
    if not numbers:
        return torch.zeros(())
    in_order, in_other = (
        torch.stack([log[n] for log, n in zip(sexes, order, strict=False)]).sum()
        for order in (numbers, numbers[::-1])
    )
    return torch.logaddexp(in_order, in_other) if len(set(numbers)) > 1 else in_order


def _two_hair_colours(first: Tensor, second: Tensor) -> Tensor:
    """Return how likely each pair of different colours is, whoever has which."""
    pairs = combinations(range(len(HAIR_COLOUR.answers)), 2)
    return torch.stack([first[a] * second[b] + first[b] * second[a] for a, b in pairs])


def judged(judge: Judge, pictures: Pictures) -> npt.NDArray[np.int64]:
    """Return the numbers of the likeliest answers or `UNSEEN`, int64 [N, questions].

    Args:
        judge: whom to ask.
        pictures: uint8 [N, H, W, 3].
    """
    chances = judge.chances(pictures)
    answers = [
        np.where(each.any(1), each.argmax(1), UNSEEN)
        for each in (chances[question.name] for question in QUESTIONS)
    ]
    return np.stack(answers, 1)


def new_network(seed: int) -> JudgeNetwork:
    """Return the networks of a judge with starting weights."""
    network = JudgeNetwork(
        [len(question.answers) for question in WHOLE_QUESTIONS],
        [len(question.answers) for question in PERSONAL_QUESTIONS],
    )
    begin(network, seed)
    return network


def write_judge(network: JudgeNetwork, path: Path) -> None:
    """Write a trained judge, with what it was asked."""
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    asked = {"format": FORMAT, "questions": _whole_answers(), "personal": _personal_answers()}
    save_file(state, path, {_ANSWERS: json.dumps(asked)})


def read_judge(path: Path, detector: Path = SHIPPED_DETECTOR) -> Judge:
    """Return a trained judge of any format.

    Raises:
        InputError: the file is no judge, or was made for other questions than these.
    """
    network = new_network(0)
    file_format = read_into(network, path)
    network.requires_grad_(requires_grad=False).eval()
    return Judge(
        whole=network.whole,
        people=network.people if file_format > 1 else None,
        detector=load_face_detector(detector),
        finder=network.finder if file_format > 1 else None,
    )


def read_into(network: JudgeNetwork, path: Path) -> int:
    """Put a judge's weights into networks, as far as it has them, and return its format.

    Raises:
        InputError: as for `read_judge`.
    """
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    if _ANSWERS not in metadata:
        raise InputError(f"{path} is no judge (see: irodori paint train --stage judge)")
    asked = json.loads(metadata[_ANSWERS])
    if isinstance(asked, list):  # format 1 does not say so
        _check(path, {"format": 1, "questions": asked})
        network.whole.load_state_dict(state)
        return 1
    _check(path, asked)
    network.load_state_dict(state)
    return FORMAT


def _check(path: Path, asked: Mapping[str, Any]) -> None:
    if asked["format"] not in {1, FORMAT}:
        raise InputError(
            f"{path} is a judge of format {asked['format']}; this Irodori reads 1 and {FORMAT}"
        )
    known = {"questions": _whole_answers(), "personal": _personal_answers()}
    differing = [
        row[0]
        for part, rows in known.items()
        if part in asked
        for row in rows
        if row not in asked[part]
    ]
    if differing or len(asked["questions"]) != len(known["questions"]):
        raise InputError(
            f"{path} was made for other questions than are asked now "
            f"({', '.join(differing) or 'it has more'}); train a new judge"
        )


def _whole_answers() -> list[list[str]]:
    return [[question.name, *question.answers] for question in WHOLE_QUESTIONS]


def _personal_answers() -> list[list[str]]:
    return [[question.name, *question.answers] for question in PERSONAL_QUESTIONS]
