"""What is said of a picture is what can be seen in it, measured on the label map."""

from collections.abc import Callable

import pytest

from irodori.painter import visibility
from irodori.painter.naming import names_of, tags
from irodori.painter.palette import Colour
from irodori.painter.parts import Part
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import Camera, Footwear, Framing, Person, Scene
from irodori.painter.truth import Box, PersonTruth, Truth, truth
from irodori.painter.vocabulary import Facet

SIZE = 160
SEEDS = range(260)
FEW = 12
"""Pixels that are not enough to see a part, or that may peep out of a corner unnamed."""

Claim = Callable[[Scene, Person], bool]
CLAIMS: dict[Part, Claim] = {
    Part.EYES: lambda s, p: bool(visibility.eye_colours(s, p)) or not visibility.has_colour(s),
    Part.FACE: visibility.shows_face,
    Part.BOTTOM: visibility.bottom_seen,
    Part.LEGWEAR: lambda s, p: p.outfit.legwear is not None and visibility.legs_seen(s, p),
    Part.FOOTWEAR: lambda s, p: (
        visibility.feet_seen(s) and p.outfit.footwear is not Footwear.BAREFOOT
    ),
    Part.NECKWEAR: visibility.neckwear_seen,
    Part.GLASSES: visibility.glasses_seen,
    Part.PROP: lambda s, p: p.prop is not None and visibility.pose_seen(s, p),
}


@pytest.fixture(scope="module")
def truths() -> list[tuple[Scene, Truth]]:
    scenes = [sample_scene(seed) for seed in SEEDS]
    return [(scene, truth(scene, SIZE, SIZE)) for scene in scenes]


@pytest.mark.parametrize("part", CLAIMS)
def test_what_is_claimed_is_seen_and_nothing_else(
    part: Part, truths: list[tuple[Scene, Truth]]
) -> None:
    wrong, people = [], 0
    for scene, true in truths:
        if part is Part.EYES and not visibility.has_colour(scene):
            continue
        for owner, person in enumerate(scene.people):
            people += 1
            seen = int(true.mask(part, owner=owner).sum())
            claimed = CLAIMS[part](scene, person)
            if (claimed and seen < FEW) or (not claimed and seen > 4 * FEW):
                wrong.append((scene.seed, seen, claimed))
    assert len(wrong) <= 0.01 * people, wrong


def test_boxes_lie_inside_the_picture(truths: list[tuple[Scene, Truth]]) -> None:
    for _, true in truths:
        for person in true.people:
            for box in filter(None, (person.head, person.face, person.body)):
                assert 0 <= box.left < box.right <= SIZE
                assert 0 <= box.top < box.bottom <= SIZE


def test_a_face_lies_in_its_head(truths: list[tuple[Scene, Truth]]) -> None:
    for scene, true in truths:
        for person in true.people:
            if person.face is None or scene.roll:
                continue
            assert person.head is not None
            assert _overlap(person.head, person.face) > 0.75


def _overlap(outer: Box, inner: Box) -> float:
    width = min(outer.right, inner.right) - max(outer.left, inner.left)
    height = min(outer.bottom, inner.bottom) - max(outer.top, inner.top)
    area = (inner.right - inner.left) * (inner.bottom - inner.top)
    return max(0, width) * max(0, height) / area


def test_nothing_hidden_is_named() -> None:
    for seed in range(1500):
        scene = sample_scene(seed)
        named = set(tags(scene))
        if scene.framing is Framing.PORTRAIT and scene.people:
            assert not named & {"boots", "shoes", "skirt", "thighhighs", "standing", "arms up"}
        if scene.camera is Camera.BEHIND and "looking back" not in named:
            assert not {tag for tag in named if tag.endswith(" eyes")}
            assert not named & {"smile", "blush", "glasses", "blunt bangs"}
        if "closed eyes" in named and len(scene.people) == 1:
            assert not named & {f"{colour} eyes" for colour in Colour}
        if "greyscale" in named:
            assert not {t for t in named if t.endswith((" hair",)) and t.split()[0] in set(Colour)}


def test_the_answers_of_two_people_are_their_own(truths: list[tuple[Scene, Truth]]) -> None:
    pairs = [(scene, true) for scene, true in truths if len(scene.people) == 2]
    assert pairs
    for scene, true in pairs:
        assert true.labels[Facet.HAIR_COLOUR] is None
        if visibility.has_colour(scene):
            told = [person.labels[Facet.HAIR_COLOUR] for person in true.people]
            assert told == [person.hair.colour for person in scene.people]


def test_labels_and_tags_agree(truths: list[tuple[Scene, Truth]]) -> None:
    for scene, true in truths:
        for owner, person in enumerate(true.people):
            named = {name.tag for name in names_of(scene) if name.owner == owner}
            _agree(person, named)


def _agree(person: PersonTruth, named: set[str]) -> None:
    hair, eyes = person.labels[Facet.HAIR_COLOUR], person.labels[Facet.EYE_COLOUR]
    assert hair is None or f"{hair} hair" in named
    assert eyes is None or f"{eyes} eyes" in named
    assert (person.labels[Facet.GLASSES] == "glasses") == ("glasses" in named)
    length = person.labels[Facet.HAIR_LENGTH]
    assert length is None or length in named


def test_every_facet_has_an_answer_or_none(truths: list[tuple[Scene, Truth]]) -> None:
    for _, true in truths:
        assert set(true.labels) == set(Facet)
