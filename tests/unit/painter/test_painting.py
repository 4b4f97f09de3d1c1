"""Pictures: the same bytes for a scene, any size, and styles that do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from irodori.painter.medium import Quality, Style
from irodori.painter.palette import EYE_RGB, HAIR_RGB, Colour
from irodori.painter.parts import Part
from irodori.painter.raster import draw_labels, paint
from irodori.painter.raster.picture import heads_of
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import (
    Background,
    Bottom,
    Camera,
    Face,
    Framing,
    Garment,
    Hair,
    HairLength,
    Outfit,
    Person,
    Place,
    Scene,
    Sex,
)

GIRL = Person(
    sex=Sex.GIRL,
    hair=Hair(colour=Colour.GREEN, length=HairLength.LONG),
    face=Face(left_eye=Colour.BLUE, right_eye=Colour.BLUE),
    outfit=Outfit(garment=Garment.SHIRT, colour=Colour.WHITE, bottom=Bottom.SKIRT),
)
PLAIN = Scene(seed=5, people=(GIRL,), background=Background(place=Place.SIMPLE))


@pytest.mark.parametrize("seed", range(6))
def test_a_scene_is_one_picture(seed: int) -> None:
    first = paint(sample_scene(seed), 80, 64)
    assert first.tobytes() == paint(sample_scene(seed), 80, 64).tobytes()
    assert (first.shape, first.dtype) == ((64, 80, 3), np.uint8)


@pytest.mark.parametrize(("width", "height"), [(16, 16), (33, 71), (97, 31), (128, 40), (40, 128)])
@pytest.mark.parametrize("style", Style)
def test_any_size_and_aspect(width: int, height: int, style: Style) -> None:
    for quality in (Quality.PLAIN, Quality.WORST, Quality.WORST_DETAIL):
        picture = paint(replace(PLAIN, style=style, quality=quality), width, height, supersample=1)
        assert picture.shape == (height, width, 3)
        assert picture.std() > 0


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="16 pixels"):
        paint(PLAIN, 12, 64)
    with pytest.raises(ValueError, match="x0"):
        paint(PLAIN, 64, 64, supersample=0)


def test_colours_are_where_the_labels_say() -> None:
    picture, labels = paint(PLAIN, 256, 256, supersample=1), draw_labels(PLAIN, 256, 256)
    for part, colour in ((Part.HAIR, HAIR_RGB[Colour.GREEN]), (Part.EYES, EYE_RGB[Colour.BLUE])):
        median = np.median(picture[labels[..., 0] == part], axis=0)
        assert np.argmax(median) == np.argmax(colour)
    corner = picture[labels[..., 0] == Part.BACKGROUND]
    assert np.median(corner) > 250


@pytest.mark.parametrize("style", [Style.MONOCHROME, Style.SKETCH])
def test_grey_styles_have_no_colour(style: Style) -> None:
    picture = paint(replace(PLAIN, style=style), 96, 96).astype(int)
    assert np.ptp(picture, axis=2).max() <= 4


def test_pixel_art_has_pixels() -> None:
    picture = paint(replace(PLAIN, style=Style.PIXEL_ART), 128, 128)
    blocks = picture.reshape(32, 4, 32, 4, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= 24


def test_bad_quality_has_less_detail_or_more_noise() -> None:
    good = paint(PLAIN, 128, 128).astype(float)
    for quality in (Quality.BAD, Quality.WORST, Quality.WORST_DETAIL):
        bad = paint(replace(PLAIN, quality=quality), 128, 128).astype(float)
        assert np.abs(good - bad).mean() > 1


def test_heads_are_large_enough_to_be_read() -> None:
    for framing in Framing:
        (_, _, radius), *_ = heads_of(replace(PLAIN, framing=framing), 256, 256)
        assert radius / 256 >= 0.18


def test_a_rolled_camera_takes_the_head_along() -> None:
    rolled = replace(PLAIN, roll=20.0)
    (x, y, radius), *_ = heads_of(rolled, 256, 256)
    labels = draw_labels(rolled, 256, 256)[..., 0]
    rows, columns = np.nonzero(labels == Part.FACE)
    assert abs(columns.mean() - x) < radius
    assert abs(rows.mean() - y) < radius


def test_from_behind_there_is_no_face() -> None:
    behind = replace(PLAIN, camera=Camera.BEHIND, framing=Framing.FULL_BODY)
    parts = set(np.unique(draw_labels(behind, 192, 192)[..., 0]).tolist())
    assert not parts & {Part.FACE, Part.EYES, Part.MOUTH, Part.BROWS}
    assert {Part.HAIR, Part.FOOTWEAR} <= parts


def test_people_are_told_apart_from_the_left() -> None:
    other = replace(GIRL, hair=replace(GIRL.hair, colour=Colour.RED))
    labels = draw_labels(replace(PLAIN, people=(GIRL, other)), 256, 256)
    hair = labels[..., 0] == Part.HAIR
    centres = [np.nonzero(hair & (labels[..., 1] == owner))[1].mean() for owner in (0, 1)]
    assert centres[0] < 128 < centres[1]
