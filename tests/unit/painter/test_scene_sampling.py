"""Scenes from seeds: the same for ever, within what the shot has room for, as often as stated."""

from collections import Counter

import pytest

from irodori.painter import frequency
from irodori.painter.characters import CHARACTERS
from irodori.painter.medium import Style
from irodori.painter.sampling import BASE_STYLES, EYES_MATCH_HAIR, sample_scene
from irodori.painter.scene import (
    PLAIN_PLACES,
    Accessory,
    Camera,
    Character,
    Framing,
    Garment,
    Pose,
    Scene,
    Sex,
)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [sample_scene(seed) for seed in range(4000)]


def test_a_seed_is_a_scene_for_ever(scenes: list[Scene]) -> None:
    assert [sample_scene(seed) for seed in range(50)] == scenes[:50]
    assert len(set(scenes)) == len(scenes)


def test_pixel_art_is_kept_out_of_the_base_set(scenes: list[Scene]) -> None:
    assert {scene.style for scene in scenes} == set(BASE_STYLES) == set(Style) - {Style.PIXEL_ART}


def test_a_pool_of_one_style_gives_that_style() -> None:
    for seed in range(40):
        assert sample_scene(seed, style_pool=[Style.PIXEL_ART]).style is Style.PIXEL_ART


def test_eyes_match_the_hair_as_often_as_stated(scenes: list[Scene]) -> None:
    people = [p for scene in scenes for p in scene.people if p.character is None]
    blue = [p for p in people if p.hair.colour == "blue"]
    share = sum(p.face.left_eye == "blue" for p in blue) / len(blue)
    by_chance = frequency.EYES[blue[0].hair.colour] / sum(frequency.EYES.values())
    assert share == pytest.approx(EYES_MATCH_HAIR + (1 - EYES_MATCH_HAIR) * by_chance, abs=0.08)


def test_rare_accessories_are_as_rare_as_stated(scenes: list[Scene]) -> None:
    girls = [p for s in scenes for p in s.people if p.sex is Sex.GIRL and p.character is None]
    worn = Counter(p.accessory for p in girls)
    total = sum(frequency.GIRL_ACCESSORY.values())
    for accessory in (Accessory.HAIR_BOW, Accessory.CROWN, Accessory.BASEBALL_CAP):
        expected = len(girls) * frequency.GIRL_ACCESSORY[accessory] / total
        assert abs(worn[accessory] - expected) < 4 * expected**0.5
    shares = [frequency.GIRL_ACCESSORY[a] for a in (Accessory.CROWN, Accessory.TOP_HAT)]
    assert shares[0] > 3 * shares[1] > 9 * frequency.GIRL_ACCESSORY[Accessory.SANTA_HAT] / 3


def test_characters_keep_their_look(scenes: list[Scene]) -> None:
    seen = set()
    for person in (p for scene in scenes for p in scene.people if p.character):
        assert person.character is not None
        sheet = CHARACTERS[person.character]
        seen.add(person.character)
        assert (person.hair, person.face.left_eye) == (sheet.hair, sheet.eyes)
        assert (person.sex, person.accessory) == (sheet.sex, sheet.accessory)
    assert seen == set(Character)


def test_shots_have_room_for_what_is_done_in_them(scenes: list[Scene]) -> None:
    for scene in scenes:
        portrait = scene.framing is Framing.PORTRAIT
        for person in scene.people:
            assert not (portrait and person.pose is not Pose.ARMS_AT_SIDES)
            assert not (person.sitting and scene.framing is not Framing.FULL_BODY)
            assert (person.prop is None) == (person.pose is not Pose.HOLDING)
        if len(scene.people) != 1:
            assert not portrait
            assert scene.camera is Camera.FRONT
        if not scene.people:
            assert scene.background.place not in PLAIN_PLACES


def test_boys_and_girls_dress_from_their_own_tables(scenes: list[Scene]) -> None:
    boys = [p for scene in scenes for p in scene.people if p.sex is Sex.BOY]
    assert {p.outfit.garment for p in boys} <= set(frequency.BOY_GARMENT)
    girls = [p for scene in scenes for p in scene.people if p.sex is Sex.GIRL]
    assert {p.outfit.garment for p in girls} == set(Garment)
