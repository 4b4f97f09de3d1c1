"""Detectors in ONNX: real files, run by onnxruntime, say what the same network in torch says."""

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from irodori.engine import onnx_detector
from irodori.engine.loading.yolo import load_yolo
from irodori.engine.onnx_detector import load_onnx
from irodori.engine.yolo_detector import LONGEST
from irodori.errors import ModelFileError
from irodori.runtime.detectors import DetectorShelf

FILES = Path(__file__).parents[2] / "fixtures" / "yolo"
CPU = torch.device("cpu")
SIDE = 64  # the files' own
ACCURACY = {"detect": 1e-3, "segment": 0.2}  # pixels; float16 has ten bits


@pytest.fixture(autouse=True)
def installed() -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (irodori[onnx])")


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", ACCURACY)
def test_the_same_network_in_onnx_says_the_same(kind: str) -> None:
    """The `.pt` beside it is held to ultralytics' own answers (test_yolo.py)."""
    exported = load_onnx(FILES / f"{kind}.onnx")
    network = load_yolo(FILES / f"{kind}.pt", CPU)
    assert exported.labels == network.labels
    x = torch.rand((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        found, expected = exported.answer(x), network.answer(x)
    assert torch.allclose(found.boxes, expected.boxes, atol=ACCURACY[kind])
    assert torch.allclose(found.scores, expected.scores, atol=ACCURACY[kind] / 10)
    assert (found.weights is None) == (kind == "detect")
    if found.weights is not None and expected.weights is not None:
        assert torch.allclose(found.weights, expected.weights, atol=0.02)
    if found.prototypes is not None and expected.prototypes is not None:
        assert torch.allclose(found.prototypes, expected.prototypes, atol=0.02)


@pytest.mark.parametrize("size", [(100, 80), (64, 64), (1, 9), (700, 200)])
def test_pictures_of_any_size_are_put_into_its_square(size: tuple[int, int]) -> None:
    exported = load_onnx(FILES / "detect.onnx")
    assert exported.square == SIDE
    pixels = picture(*size)
    found = exported.detect(pixels, 0.1)
    expected = replace(load_yolo(FILES / "detect.pt", CPU), square=SIDE).detect(pixels, 0.1)
    assert found
    assert [each.label for each in found] == [each.label for each in expected]
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one.box, other.box, atol=0.05)
        assert abs(one.confidence - other.confidence) < 1e-4


def test_shapes_are_masks_of_the_picture() -> None:
    exported = load_onnx(FILES / "segment.onnx")
    found = exported.detect(picture(50, 90), 0.05)
    assert found
    for each in found:
        assert each.mask is not None
        assert each.mask.shape == (50, 90)


def test_the_shelf_opens_onnx() -> None:
    shelf = DetectorShelf(lambda name: FILES / name, "cpu")
    detector = shelf.open("detect.onnx")
    assert detector is not None
    assert detector.labels == ("thing 0", "thing 1")
    assert shelf.open("detect.onnx") is detector


def test_what_is_no_onnx_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    for data in (b"", b"nothing", (FILES / "detect.onnx").read_bytes()[:5000]):
        path.write_bytes(data)
        with pytest.raises(ModelFileError, match=r"bad\.onnx' cannot be opened"):
            load_onnx(path)


def test_without_onnxruntime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ModelFileError, match=r"pip install irodori\[onnx\]"):
        load_onnx(FILES / "detect.onnx")


@pytest.mark.parametrize("shape", [[1, 3, 64, 96], [1, 3, 64], []])
def test_only_squares_are_taken(shape: list[object]) -> None:
    with pytest.raises(ModelFileError, match="exported for a square"):
        onnx_detector._side(shape, Path("x.onnx"))


def test_open_sizes_are_shown_at_the_usual_one() -> None:
    assert onnx_detector._side([1, 3, "height", "width"], Path("x.onnx")) == LONGEST
