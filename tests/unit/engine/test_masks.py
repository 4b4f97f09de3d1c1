"""Masks: compat 7.6's numbers, blurs against scipy, crops, fills, overlays, every edge."""

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from irodori.engine.image import Picture
from irodori.engine.masking import (
    Box,
    blurred,
    bounds,
    box_mask,
    crop_box,
    doubled,
    extended,
    filled,
    latent_mask,
    mask_of,
    overlaid,
    room_mask,
)
from irodori.errors import RecipeError


def box(left: int, top: int, right: int, bottom: int) -> Box:
    return Box(left=left, top=top, right=right, bottom=bottom)


def reference_blur(mask: np.ndarray, sigma: int) -> np.ndarray:
    reach = int(2.5 * sigma + 0.5)
    places = np.arange(-reach, reach + 1)
    kernel = np.exp(-(places**2) / (2.0 * sigma**2))
    kernel /= kernel.sum()
    once = np.rint(correlate1d(mask.astype(np.float64), kernel, axis=1, mode="mirror"))
    return np.rint(correlate1d(once, kernel, axis=0, mode="mirror")).astype(np.uint8)


@pytest.mark.parametrize("sigma", [1, 4, 9])
@pytest.mark.parametrize("place", [(0, 0, 20, 20), (20, 30, 40, 60), (63, 63, 64, 64)])
def test_blur_is_the_gaussian_of_compat(sigma: int, place: tuple[int, int, int, int]) -> None:
    mask = box_mask(box(*place), 64, 64)
    found = blurred(mask, sigma)
    assert np.abs(found.astype(int) - reference_blur(mask, sigma)).max() <= 1  # float32 sums


@pytest.mark.parametrize("level", [0, 255])
def test_blur_changes_nothing_where_nothing_changes(level: int) -> None:
    mask = np.full((40, 30), level, np.uint8)
    assert np.array_equal(blurred(mask, 8), mask)
    small = np.full((3, 5), level, np.uint8)
    assert np.array_equal(blurred(small, 8), small)


def test_blur_of_zero_is_none() -> None:
    mask = box_mask(box(3, 4, 9, 8), 20, 20)
    assert np.array_equal(blurred(mask, 0), mask)


# (masked part, padding, size drawn at, picture) -> part that is drawn; by hand from compat 7.6.
CROPS = [
    ((100, 100, 200, 200), 32, (512, 512), (1000, 1000), (68, 68, 232, 232)),
    ((100, 100, 300, 200), 0, (512, 512), (1000, 1000), (100, 50, 300, 250)),
    ((100, 100, 200, 300), 0, (512, 512), (1000, 1000), (50, 100, 250, 300)),
    ((0, 0, 200, 100), 0, (512, 512), (1000, 1000), (0, 0, 200, 200)),
    ((900, 900, 1000, 1000), 50, (512, 512), (1000, 1000), (850, 850, 1000, 1000)),
    ((900, 0, 1000, 400), 0, (512, 512), (1000, 1000), (600, 0, 1000, 400)),
    ((0, 450, 1000, 550), 0, (512, 512), (1000, 600), (0, 0, 1000, 600)),
    ((10, 10, 11, 11), 0, (832, 1216), (1000, 1000), (10, 10, 11, 11)),
    ((10, 10, 11, 11), 32, (832, 1216), (1000, 1000), (0, 0, 43, 62)),
    ((0, 0, 1000, 1000), 32, (832, 1216), (1000, 1000), (0, 0, 1000, 1000)),
]


@pytest.mark.parametrize(("part", "padding", "aspect", "within", "expected"), CROPS)
def test_crops_of_only_masked(
    part: tuple[int, int, int, int],
    padding: int,
    aspect: tuple[int, int],
    within: tuple[int, int],
    expected: tuple[int, int, int, int],
) -> None:
    found = crop_box(box(*part), padding=padding, aspect=aspect, within=within)
    assert found == box(*expected)
    assert found.left <= part[0]
    assert found.bottom >= part[3]


def test_bounds() -> None:
    mask = np.zeros((20, 30), np.uint8)
    assert bounds(mask) is None
    mask[5, 7] = 1
    assert bounds(mask) == box(7, 5, 8, 6)
    mask[9, 29] = 255
    assert bounds(mask) == box(7, 5, 30, 10)
    assert bounds(np.full((4, 4), 255, np.uint8)) == box(0, 0, 4, 4)


def test_a_box_outside_the_picture_is_refused() -> None:
    assert box_mask(box(-5, -5, 2, 2), 8, 8).sum() == 4 * 255
    with pytest.raises(RecipeError, match="outside the picture of 8x8"):
        box_mask(box(8, 0, 9, 9), 8, 8)


def test_a_mask_is_alpha_where_there_is_alpha_else_grey() -> None:
    rgba = np.zeros((1, 4, 4), np.uint8)
    rgba[0, :, 3] = (0, 128, 129, 255)
    assert mask_of(Picture(rgba=rgba)).tolist() == [[0, 0, 255, 255]]
    grey = np.dstack([np.full((1, 2), level) for level in (40, 40, 40, 255)]).astype(np.uint8)
    assert mask_of(Picture(rgba=grey)).tolist() == [[40, 40]]


def test_latent_masks_are_rounded_on_request() -> None:
    mask = box_mask(box(0, 0, 20, 64), 64, 64)
    grey = latent_mask(mask, 8, 8, is_rounded=False)
    hard = latent_mask(mask, 8, 8, is_rounded=True)
    assert 0 < grey[4, 2] < 1
    assert set(np.unique(hard)) == {0.0, 1.0}
    assert np.array_equal(hard, np.rint(grey))
    assert hard[:, :2].all()
    assert not hard[:, 3:].any()


def test_filling_takes_near_colours_and_leaves_the_rest() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32] = (200, 40, 40)
    pixels[:, 32:] = (40, 40, 200)
    mask = box_mask(box(8, 20, 56, 44), 64, 64)
    result = filled(pixels, mask)
    outside = mask == 0
    assert np.abs(result[outside].astype(int) - pixels[outside]).max() <= 1
    assert result[32, 12, 0] > 150  # near red
    assert result[32, 52, 2] > 150  # near blue
    assert np.abs(result.astype(int) - pixels).max() < 160


def test_filling_everything_has_no_colours_to_take() -> None:
    pixels = np.full((16, 16, 3), 90, np.uint8)
    assert not filled(pixels, np.full((16, 16), 255, np.uint8)).any()
    assert np.array_equal(filled(pixels, np.zeros((16, 16), np.uint8)), pixels)


def test_overlays_leave_the_original_where_the_mask_is_black() -> None:
    rng = np.random.default_rng(3)
    original, drawn = rng.integers(0, 256, (2, 9, 9, 3)).astype(np.uint8)
    mask = rng.choice([0, 127, 255], (9, 9)).astype(np.uint8)
    result = overlaid(original, drawn, mask)
    assert np.array_equal(result[mask == 0], original[mask == 0])
    assert np.array_equal(result[mask == 255], drawn[mask == 255])
    middle = (original.astype(float) + drawn)[mask == 127] / 2
    assert np.abs(result[mask == 127] - middle).max() <= 1.5


def test_doubling_and_extending() -> None:
    assert doubled(np.array([[0, 60, 128, 255]], np.uint8)).tolist() == [[0, 120, 255, 255]]
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    mask = np.zeros((2, 2), np.uint8)
    larger, hole = extended(pixels, mask, (1, 0, 2, 3))
    assert larger.shape == (5, 5, 3)
    assert np.array_equal(larger[:2, 1:3], pixels)
    assert np.array_equal(larger[4, 4], pixels[1, 1])
    assert hole.max() == 0
    assert extended(pixels, mask, (0, 0, 0, 0))[0] is pixels


def test_the_room_of_a_soft_mask_is_white_and_fades_inside_the_picture() -> None:
    mask = room_mask((200, 150), (32, 0, 0, 16), 2, is_soft=True)
    assert mask[:, :32].min() == 255
    assert mask[-16:].min() == 255
    row = mask[60, 32:]
    assert row[:10].min() < 255  # the fade begins at the edge ...
    assert (np.diff(row.astype(int)[:20]) <= 0).all()
    assert row[10:].max() == 0  # ... and ends twice the blur's reach inside
    assert mask[:120, -1].max() == 0  # a side without room keeps its edge
    assert room_mask((9, 9), (4, 4, 4, 4), 4, is_soft=True)[4, 4] < 255  # no picture is swallowed


def test_the_room_of_other_masks_fades_across_the_edge() -> None:
    hard = room_mask((200, 150), (32, 0, 0, 16), 0, is_soft=False)
    assert hard.sum() == 255 * (32 * 150 + 16 * 168)
    row = room_mask((200, 150), (32, 0, 0, 16), 2, is_soft=False)[60]
    assert abs(int(row[31]) + int(row[32]) - 255) <= 1
    assert row[:27].min() == 255
    assert row[37:].max() == 0
    assert not room_mask((20, 20), (0, 0, 0, 0), 4, is_soft=True).any()
