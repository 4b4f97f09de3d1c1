"""A detailer's masks: ADetailer's numbers (compat 8.3, 8.5) as a table."""

from typing import Any

import numpy as np
import pytest

from irodori.engine.detection import Detection, distinct, overlap
from irodori.engine.passes.detail_masks import chosen, grown, masks_of, prompt_of
from irodori.recipe.names import MaskMerge, TopK
from irodori.recipe.passes import Detailer

WIDTH, HEIGHT = 100, 80


def found(box: tuple[float, ...], confidence: float = 0.5, label: str = "face") -> Detection:
    return Detection(box=np.array(box, np.float32), confidence=confidence, label=label)


SMALL = found((0, 0, 10, 10), 0.9)  # 1.25% of the picture
MIDDLE = found((20, 20, 50, 50), 0.4, "hand")  # 11.25%
LARGE = found((0, 0, 100, 60), 0.6)  # 75%
ALL = (SMALL, LARGE, MIDDLE)  # a detector gives the surest first


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (SMALL, LARGE, MIDDLE)),
        ({"min_ratio": 0.0125}, (SMALL, LARGE, MIDDLE)),
        ({"min_ratio": 0.0126}, (LARGE, MIDDLE)),
        ({"max_ratio": 0.75}, (SMALL, LARGE, MIDDLE)),
        ({"max_ratio": 0.74}, (SMALL, MIDDLE)),
        ({"min_ratio": 0.02, "max_ratio": 0.5}, (MIDDLE,)),
        ({"top_k": 1}, (LARGE,)),
        ({"top_k": 2}, (LARGE, MIDDLE)),
        ({"top_k": 9}, (LARGE, MIDDLE, SMALL)),
        ({"top_k": 2, "top_k_by": TopK.CONFIDENCE}, (SMALL, LARGE)),
        ({"top_k": 1, "max_ratio": 0.5}, (MIDDLE,)),  # ratios first, then the ranking
        ({"classes": "hand"}, (MIDDLE,)),
        ({"classes": " Face , hand"}, (SMALL, LARGE, MIDDLE)),
        ({"classes": "foot"}, ()),
    ],
)
def test_what_is_chosen(settings: dict[str, Any], expected: tuple[Detection, ...]) -> None:
    assert chosen(ALL, Detailer(**settings), WIDTH, HEIGHT) == expected


def edges(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # Pillow's rectangles have their right and lower edge inside.
        ({"dilate_erode": 0}, (20, 20, 50, 50)),
        # A square of 4 reaches 1 to the left and above, 2 to the right and below (OpenCV's).
        ({"dilate_erode": 4}, (19, 19, 52, 52)),
        ({"dilate_erode": 5}, (18, 18, 52, 52)),
        ({"dilate_erode": 1}, (20, 20, 50, 50)),
        ({"dilate_erode": -4}, (22, 22, 49, 49)),
        ({"dilate_erode": -5}, (22, 22, 48, 48)),
        ({"dilate_erode": 0, "x_offset": 7}, (27, 20, 57, 50)),
        ({"dilate_erode": 0, "x_offset": -7}, (13, 20, 43, 50)),
        ({"dilate_erode": 0, "y_offset": 7}, (20, 13, 50, 43)),  # up
        ({"dilate_erode": 0, "y_offset": -7}, (20, 27, 50, 57)),
        ({"dilate_erode": 4, "x_offset": 7, "y_offset": 7}, (26, 12, 59, 45)),
        ({"dilate_erode": 512}, (0, 0, 99, 79)),
    ],
)
def test_where_the_mask_is(settings: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    (mask,) = masks_of([MIDDLE], Detailer(**settings), WIDTH, HEIGHT)
    assert mask.shape == (HEIGHT, WIDTH)
    assert mask.dtype == np.uint8
    assert edges(mask) == expected
    left, top, right, bottom = expected
    assert (mask == 255).sum() == (right - left + 1) * (bottom - top + 1)


def test_moving_wraps_around_the_edge() -> None:
    (mask,) = masks_of([MIDDLE], Detailer(dilate_erode=0, x_offset=60), WIDTH, HEIGHT)
    assert mask[30, 0] == mask[30, 99] == 255
    assert mask[30, 50] == 0


@pytest.mark.parametrize(
    ("settings", "count", "white"),
    [
        ({"dilate_erode": 0}, 2, None),
        ({"dilate_erode": 0, "merge": MaskMerge.MERGE}, 1, 31 * 31 + 11 * 11),
        (
            {"dilate_erode": 0, "merge": MaskMerge.MERGE_INVERT},
            1,
            WIDTH * HEIGHT - 31 * 31 - 11 * 11,
        ),
        ({"dilate_erode": -24}, 1, 8 * 8),  # the small one is shrunk away
        ({"dilate_erode": -40}, 0, None),
        ({"dilate_erode": -40, "merge": MaskMerge.MERGE_INVERT}, 0, None),
    ],
)
def test_how_many_masks(settings: dict[str, Any], count: int, white: int | None) -> None:
    masks = masks_of([SMALL, MIDDLE], Detailer(**settings), WIDTH, HEIGHT)
    assert len(masks) == count
    if white is not None:
        assert (masks[0] == 255).sum() == white


def test_shapes_are_their_own_masks() -> None:
    shape = np.zeros((HEIGHT, WIDTH), np.uint8)
    shape[10:20, 30:35] = 200
    one = Detection(box=np.array([0, 0, 100, 80], np.float32), confidence=1, label="x", mask=shape)
    (mask,) = masks_of([one], Detailer(dilate_erode=0), WIDTH, HEIGHT)
    assert np.array_equal(mask, shape)
    assert chosen([one], Detailer(max_ratio=0.5), WIDTH, HEIGHT) == ()  # the box counts


def test_growing_is_a_maximum_over_a_square() -> None:
    rng = np.random.default_rng(4)
    mask = (rng.random((13, 17)) < 0.1).astype(np.uint8) * 255
    for size in (2, 3, 4, 7):
        before, after = size // 2, size - 1 - size // 2
        expected = np.zeros_like(mask)
        for y in range(13):
            for x in range(17):
                rows = slice(max(y - before, 0), y + after + 1)
                expected[y, x] = mask[rows, max(x - before, 0) : x + after + 1].max()
        assert np.array_equal(grown(mask, size), expected)
        assert np.array_equal(grown(255 - mask, -size), 255 - expected)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        (None, ("own", "own", "own")),
        ("", ("own", "own", "own")),
        ("blue eyes", ("blue eyes",) * 3),
        ("a [SEP] b", ("a", "b", "b")),
        ("a[SEP]b  [SEP]\nc", ("a", "b", "c")),
        ("[SEP]b", ("own", "b", "b")),
        ("a[SEP]", ("a", "own", "own")),
        ("[SKIP][SEP]b", (None, "b", "b")),
        ("a [SEP]  [SKIP] ", ("a", None, None)),
        ("x [SKIP]", ("x [SKIP]",) * 3),  # only where it is all there is
        ("[PROMPT], smile", ("own, smile",) * 3),
        ("a [SEP] [PROMPT] b [PROMPT]", ("a", "own b own", "own b own")),
    ],
)
def test_prompts_of_the_masks(text: str | None, prompts: tuple[str | None, ...]) -> None:
    assert tuple(prompt_of(text, "own", i) for i in range(3)) == prompts


def test_boxes_that_are_one_thing() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30], [5, 0, 15, 10]], np.float32)
    assert distinct(boxes, [0.5, 0.9, 0.1, 0.3], 0.7) == [1, 3, 2]
    assert distinct(boxes, [0.5, 0.9, 0.1, 0.3], 0.2) == [1, 2]
    assert distinct(boxes[:0], [], 0.7) == []
    assert overlap(boxes[0], boxes[3]) == pytest.approx(1 / 3)
    assert overlap(boxes[0], boxes[2]) == 0
