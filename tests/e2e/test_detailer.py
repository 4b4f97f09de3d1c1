"""The detailer on the shipped model: only its masks change, and what it does not do is said."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import irodori
from irodori.catalog.detectors import SHIPPED, find_detector
from irodori.engine.detection import Detection, Detector
from irodori.engine.events import Event, PassBegun
from irodori.engine.face_detector import load_face_detector
from irodori.engine.image import Picture
from irodori.engine.listener import Listener
from irodori.engine.pipeline import Drawn, draw, open_studio
from irodori.engine.studio import Studio, Supplies
from irodori.recipe.names import InpaintArea, MaskMerge
from irodori.recipe.parts import Base, Noise
from irodori.recipe.passes import Detailer, Hires, Img2Img, Inpaint, Overrides, SourcePicture
from irodori.recipe.recipe import Recipe
from irodori.runtime.detectors import DetectorShelf

MODEL = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
WIDTH, HEIGHT = 64, 96
PLAIN = Recipe(
    prompt="1girl, solo, green hair, long hair, smile, white shirt, outdoors",
    negative_prompt="worst quality",
    noise=Noise(seed=7),
    base=Base(steps=4, cfg_scale=3.5, width=WIDTH, height=HEIGHT),
)


@pytest.fixture(scope="module")
def studio() -> Studio:
    torch.set_num_threads(1)
    return open_studio(MODEL, device="cpu")


@pytest.fixture(scope="module")
def base(studio: Studio) -> NDArray[np.uint8]:
    return drawn(studio, PLAIN).pixels


FINISHED = replace(PLAIN, base=replace(PLAIN.base, steps=12, width=128, height=192))


@pytest.fixture(scope="module")
def finished(studio: Studio) -> NDArray[np.uint8]:
    return drawn(studio, FINISHED).pixels


class Fixed:
    """A detector that finds the same boxes in every picture."""

    labels = ("face",)

    def __init__(self, *boxes: tuple[int, int, int, int]) -> None:
        self._boxes = boxes

    def detect(self, pixels: NDArray[np.uint8], confidence: float) -> tuple[Detection, ...]:
        return tuple(
            Detection(box=np.array(box, np.float32), confidence=0.9, label="face")
            for box in self._boxes
        )


FIRST, SECOND = (8, 8, 24, 24), (36, 50, 56, 70)


def supplies(detector: Detector | None) -> Supplies:
    return Supplies(open_detector=lambda name: detector)


def drawn(
    studio: Studio,
    recipe: Recipe,
    detector: Detector | None = None,
    tell: Callable[[Event], None] = lambda event: None,
) -> Drawn:
    listener = Listener(tell=tell, cancelled=lambda: False)
    (picture,) = draw(studio, [recipe], listener, supplies(detector))
    return picture


def detailed(**settings: Any) -> Recipe:
    given = {"denoise": 0.6, "steps": 3, "mask_blur": 0, "dilate_erode": 0, **settings}
    return replace(PLAIN, detailers=(Detailer(model="x", **given),))


def inside(*boxes: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for left, top, right, bottom in boxes:
        mask[top : bottom + 1, left : right + 1] = True
    return mask


CASES: dict[str, tuple[dict[str, Any], NDArray[np.bool_]]] = {
    "only masked": ({}, inside(FIRST, SECOND)),
    "whole picture": ({"only_masked": False}, inside(FIRST, SECOND)),
    "own size": ({"width": 96, "height": 96}, inside(FIRST, SECOND)),
    "whole picture at another size": (
        {"only_masked": False, "width": 80, "height": 120},
        inside(FIRST, SECOND),
    ),
    "the first of two": ({"top_k": 1}, inside(SECOND)),  # the larger one
    "merged": ({"merge": MaskMerge.MERGE}, inside(FIRST, SECOND)),
    "inverted": ({"merge": MaskMerge.MERGE_INVERT}, ~inside(FIRST, SECOND)),
    "blurred": (
        {"mask_blur": 2, "top_k": 1},
        inside((31, 45, 61, 75)),
    ),
    "skipped": ({"own": Overrides(prompt="[SKIP][SEP]blue eyes")}, inside(SECOND)),
}


@pytest.mark.parametrize("case", CASES)
def test_only_the_mask_changes(case: str, studio: Studio, base: NDArray[np.uint8]) -> None:
    settings, mask = CASES[case]
    result = drawn(studio, detailed(**settings), Fixed(FIRST, SECOND))
    assert result.pixels.shape == base.shape
    assert np.array_equal(result.pixels[~mask], base[~mask])
    changed = (result.pixels != base).any(2)
    assert changed[mask].mean() > 0.5
    assert result.notes == ()
    assert np.array_equal(
        drawn(studio, detailed(**settings), Fixed(FIRST, SECOND)).pixels, result.pixels
    )


def test_after_inpainting_only_what_the_mask_meets_is_detailed(
    studio: Studio, base: NDArray[np.uint8]
) -> None:
    """ADetailer's: the face outside the part that was drawn anew stays (compat 8.3)."""
    white = np.zeros((HEIGHT, WIDTH), np.uint8)
    white[45:80, 30:60] = 255  # meets the second box, not the first
    pictures = {"base": base, "mask": np.dstack([white] * 3)}

    def result(area: InpaintArea, *boxes: tuple[int, int, int, int]) -> Drawn:
        recipe = replace(
            detailed(),
            img2img=Img2Img(source=SourcePicture(name="base"), denoise=0.0),
            inpaint=Inpaint(mask=SourcePicture(name="mask"), blur=0, area=area),
        )
        given = Supplies(
            open_detector=lambda name: Fixed(*boxes),
            open_picture=lambda source: Picture(
                rgba=np.dstack([pictures[source.name], np.full((HEIGHT, WIDTH), 255, np.uint8)])
            ),
        )
        listener = Listener(tell=lambda event: None, cancelled=lambda: False)
        (picture,) = draw(studio, [recipe], listener, given)
        return picture

    plain = result(InpaintArea.WHOLE)
    met = result(InpaintArea.WHOLE, FIRST, SECOND)
    changed = (met.pixels != plain.pixels).any(2)
    assert not changed[~inside(SECOND)].any()
    assert changed[inside(SECOND)].mean() > 0.5
    missed = result(InpaintArea.WHOLE, FIRST)
    assert missed.notes == ("x found 1, of which the mask meets none",)
    assert np.array_equal(missed.pixels, plain.pixels)
    alone = result(InpaintArea.MASKED, FIRST).pixels != result(InpaintArea.MASKED).pixels
    assert alone[inside(FIRST)].any()


def test_each_mask_has_its_own_seed_and_prompt(studio: Studio, base: NDArray[np.uint8]) -> None:
    """The second mask's seed is the picture's + 1, whether the first one is drawn or skipped."""
    both = drawn(studio, detailed(own=Overrides(prompt="a[SEP]b")), Fixed(FIRST, SECOND)).pixels
    second = drawn(
        studio, detailed(own=Overrides(prompt="[SKIP][SEP]b")), Fixed(FIRST, SECOND)
    ).pixels
    alone = drawn(studio, detailed(own=Overrides(prompt="b")), Fixed(SECOND)).pixels
    assert not np.array_equal(second[inside(SECOND)], alone[inside(SECOND)])
    moved = replace(detailed(own=Overrides(prompt="b")), noise=Noise(seed=8))
    shifted = drawn(studio, moved, Fixed(SECOND))
    assert shifted.pixels.shape == both.shape
    assert not np.array_equal(both[inside(FIRST)], second[inside(FIRST)])
    assert np.array_equal(second[inside(FIRST)], base[inside(FIRST)])


def test_several_in_a_row_each_over_the_one_before(studio: Studio) -> None:
    one = Detailer(model="x", denoise=0.6, steps=3)
    once = drawn(studio, replace(PLAIN, detailers=(one,)), Fixed(FIRST)).pixels
    twice = drawn(studio, replace(PLAIN, detailers=(one, one)), Fixed(FIRST)).pixels
    assert not np.array_equal(once, twice)


def test_after_hires_the_first_size_is_drawn_at(studio: Studio) -> None:
    begun: list[PassBegun] = []
    recipe = replace(detailed(), hires=Hires(upscaler="Latent", scale=1.5, steps=2, denoise=0.6))
    result = drawn(
        studio,
        recipe,
        Fixed(FIRST),
        lambda event: begun.append(event) if isinstance(event, PassBegun) else None,
    )
    assert result.pixels.shape == (144, 96, 3)
    assert (begun[-1].width, begun[-1].height) == (WIDTH, HEIGHT)


def test_nothing_found_is_said(studio: Studio, base: NDArray[np.uint8]) -> None:
    result = drawn(studio, detailed(), Fixed())
    assert np.array_equal(result.pixels, base)
    assert result.notes == ("x found nothing",)


def test_nothing_kept_is_said(studio: Studio, base: NDArray[np.uint8]) -> None:
    result = drawn(studio, detailed(max_ratio=0.001, classes="foot"), Fixed(FIRST))
    assert np.array_equal(result.pixels, base)
    assert result.notes == (
        "x does not know 'foot'; it knows face",
        "x found 1, of which its settings keep none",
    )


def test_a_missing_detector_is_said_and_not_in_the_recipe(
    studio: Studio, base: NDArray[np.uint8]
) -> None:
    result = drawn(studio, detailed(), None)
    assert np.array_equal(result.pixels, base)
    (note,) = result.notes
    assert note.startswith("the detector 'x' is not here: nothing was detailed by it")
    assert result.recipe.detailers == ()


def test_cancelling_keeps_the_picture_before(studio: Studio, base: NDArray[np.uint8]) -> None:
    begun: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, PassBegun):
            begun.append(event.name)

    listener = Listener(tell=hear, cancelled=lambda: "detailer x 1" in begun)
    (result,) = draw(studio, [detailed()], listener, supplies(Fixed(FIRST)))
    assert np.array_equal(result.pixels, base)
    assert result.notes == ("detailer is missing: cancelled",)
    assert result.recipe.detailers == ()


def test_no_seam_at_the_masks_edge(studio: Studio, finished: NDArray[np.uint8]) -> None:
    """Across the blurred edge the gradient is what it was (measured: 1.05 of it)."""
    box = (36, 60, 92, 116)
    recipe = replace(FINISHED, detailers=(Detailer(model="x"),))
    result = drawn(studio, recipe, Fixed(box)).pixels

    def gradient(pixels: NDArray[np.uint8]) -> float:
        steps = np.abs(np.diff(pixels.astype(np.float32), axis=1)).mean(2)
        return float(np.concatenate([steps[60:116, 34:38], steps[60:116, 90:94]]).mean())

    assert gradient(result) <= gradient(finished) * 1.15


def test_the_shipped_detector_finds_a_drawn_face(finished: NDArray[np.uint8]) -> None:
    """On what the shipped model draws, not on what it was trained on."""
    (found,) = load_face_detector(SHIPPED).detect(finished, 0.3)
    left, top, right, bottom = found.box
    assert 40 <= right - left <= 120
    assert 40 <= bottom - top <= 120
    assert left < 64 < right
    assert top < 96 < bottom


def test_an_empty_picture_has_no_face() -> None:
    detector = load_face_detector(SHIPPED)
    for size in ((8, 8), (1, 300), (700, 500)):
        assert detector.detect(np.full((*size, 3), 200, np.uint8), 0.3) == ()


def test_detectors_by_name(tmp_path: Path) -> None:
    own = tmp_path / "adetailer" / "face_yolov8n.pt"
    own.parent.mkdir()
    own.write_bytes(b"")
    assert find_detector("face", []) == SHIPPED
    assert find_detector("face", [tmp_path]) == own
    assert find_detector("face_yolov8n.pt", [tmp_path]) == own
    assert find_detector("Face_YOLOv8n", [tmp_path]) == own
    assert find_detector("hand_yolov8n.pt", [tmp_path]) is None
    assert find_detector("sumire_faces", [tmp_path]) == SHIPPED


def test_an_opened_detector_is_kept() -> None:
    shelf = DetectorShelf(lambda name: find_detector(name, ()), "cpu")
    assert shelf.open("face") is shelf.open("sumire_faces")
    assert shelf.open("hand_yolov8n.pt") is None
