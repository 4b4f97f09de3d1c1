"""YOLO: equal to ultralytics' own answers, its files read without running them."""

import os
import pickle
import subprocess
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from irodori.engine.loading.stub_pickle import Shell, read_shells, tensors_of
from irodori.engine.loading.yolo import load_yolo, names_of
from irodori.engine.modules.yolo import Yolo, YoloAnswer
from irodori.engine.onnx_detector import answer_of
from irodori.engine.yolo_detector import YoloDetector, shown
from irodori.errors import ModelFileError

FILES = Path(__file__).parents[2] / "fixtures" / "yolo"
CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", ["detect", "segment"])
def test_equal_to_ultralytics(kind: str) -> None:
    detector = load_yolo(FILES / f"{kind}.pt", CPU)
    with np.load(FILES / "recorded.npz") as recorded:
        pixels, output = (
            torch.from_numpy(recorded[f"{kind}.{name}"]) for name in ("input", "output")
        )
        prototypes = torch.from_numpy(recorded["segment.protos"])
    with torch.no_grad():
        answer = detector.answer(pixels)
    labels = len(detector.labels)
    outputs = [output, prototypes] if kind == "segment" else [output]
    expected = answer_of(outputs, labels, Path("recorded"))
    assert torch.allclose(answer.boxes, expected.boxes, atol=1e-4)
    assert torch.allclose(answer.scores, expected.scores, atol=1e-5)
    if kind == "segment":
        assert answer.weights is not None
        assert answer.prototypes is not None
        assert expected.weights is not None
        assert torch.allclose(answer.weights, expected.weights, atol=1e-5)
        assert torch.allclose(answer.prototypes, prototypes[0], atol=1e-5)
    assert detector.labels == ("thing 0", "thing 1")[:labels]


def test_safetensors_are_the_same_network(tmp_path: Path) -> None:
    found = read_shells(FILES / "detect.pt")
    assert isinstance(found, dict)
    assert isinstance(found["model"], Shell)
    tensors = tensors_of(found["model"])
    path = tmp_path / "own.safetensors"
    save_file(tensors, path, metadata={"names": '["one", "two"]'})
    detector = load_yolo(path, CPU)
    assert detector.labels == ("one", "two")
    x = torch.full((1, 3, 32, 32), 0.4)
    with torch.no_grad():
        first, second = (each.answer(x) for each in (detector, load_yolo(FILES / "detect.pt", CPU)))
    assert torch.equal(first.boxes, second.boxes)


class Trap:
    """Runs something when it is unpickled."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._reduced = (call, arguments)

    def __reduce__(self) -> Any:
        return self._reduced


class StateTrap:
    """Would run something as it is given its state."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __setstate__(self, state: dict[str, str]) -> None:
        os.system(state["command"])  # noqa: S605  # what a trap does


def traps(mark: Path) -> dict[str, object]:
    command = f"touch {mark}"
    return {
        "os.system": Trap(os.system, command),
        "eval": Trap(eval, f"open({str(mark)!r}, 'w')"),
        "exec": Trap(exec, f"open({str(mark)!r}, 'w')"),
        "subprocess": Trap(subprocess.Popen, ["touch", str(mark)]),
        "open": Trap(open, str(mark), "w"),
        "pickle in pickle": Trap(pickle.loads, pickle.dumps(Trap(os.system, command))),
        "import": Trap(__import__, "antigravity"),
        "state": StateTrap(command),
    }


@pytest.mark.parametrize("kind", traps(Path("x")))
@pytest.mark.parametrize("place", ["beside", "model", "in the model"])
def test_traps_run_nothing(kind: str, place: str, tmp_path: Path) -> None:
    """Whatever a file names stays an empty shell; only where the model itself is one it fails."""
    mark, path = tmp_path / "mark", tmp_path / "trap.pt"
    trap = traps(mark)[kind]
    content: object = {
        "beside": {"model": None, "extra": trap},
        "model": {"model": trap},
        "in the model": OrderedDict(model=OrderedDict(_modules=OrderedDict(a=trap))),
    }[place]
    torch.save(content, path)
    with pytest.raises(ModelFileError):
        load_yolo(path, CPU)
    assert not mark.exists()


def test_a_working_file_with_a_trap_works_and_runs_nothing(tmp_path: Path) -> None:
    mark, path = tmp_path / "mark", tmp_path / "trap.pt"
    data = _pickle_of(FILES / "detect.pt")
    # (trap, model) where only the model is used: an extra object before the end of the pickle.
    trap = pickle.dumps(Trap(os.system, f"touch {mark}"), protocol=2)[2:-1]
    poisoned = data[:2] + trap + b"0" + data[2:]
    _written(FILES / "detect.pt", path, poisoned)
    assert load_yolo(path, CPU).labels == ("thing 0", "thing 1")
    assert not mark.exists()


def _pickle_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("/data.pkl")]
        return archive.read(name)


def _written(source: Path, path: Path, data: bytes, compress: int = zipfile.ZIP_STORED) -> None:
    """Copy an archive of torch's with another pickle in it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", compress) as new:
        for name in old.namelist():
            new.writestr(name, data if name.endswith("/data.pkl") else old.read(name))


@pytest.mark.parametrize("kind", ["compressed", "cut", "no zip", "two pickles", "extension"])
def test_damaged_files_are_told(kind: str, tmp_path: Path) -> None:
    source, path = FILES / "detect.pt", tmp_path / "bad.pt"
    data = _pickle_of(source)
    match kind:
        case "compressed":
            _written(source, path, data, zipfile.ZIP_DEFLATED)
        case "cut":
            _written(source, path, data[: len(data) // 2])
        case "no zip":
            path.write_bytes(data)
        case "two pickles":
            _written(source, path, data)
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr("other/data.pkl", data)
        case _:
            _written(source, path, b"\x80\x02\x82\x01.")
    with pytest.raises(ModelFileError, match=r"bad\.pt"):
        load_yolo(path, CPU)


@pytest.mark.parametrize("change", ["shape", "missing", "unknown", "no number", "outside"])
def test_other_networks_are_told(change: str, tmp_path: Path) -> None:
    found = read_shells(FILES / "detect.pt")
    assert isinstance(found, dict)
    tensors = tensors_of(found["model"])
    match change:
        case "shape":
            tensors["model.9.cv1.conv.weight"] = torch.zeros(3, 3, 1, 1)
        case "missing":
            del tensors["model.12.cv1.bn.weight"]
        case "unknown":
            tensors["model.23.weight"] = torch.zeros(1)
        case "no number":
            tensors["model.0.conv.weight"] = tensors["model.0.conv.weight"] * float("nan")
        case _:
            del tensors["model.22.cv3.0.2.weight"]
    path = tmp_path / "bad.safetensors"
    save_file(tensors, path)
    with pytest.raises(ModelFileError, match=r"bad\.safetensors"):
        load_yolo(path, CPU)


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ({0: "face"}, {0: "face"}),
        (["a", "b"], {0: "a", 1: "b"}),
        ("{0: 'face', 1: 'hand'}", {0: "face", 1: "hand"}),
        ("__import__('os').system('true')", {}),
        ("{", {}),
        (None, {}),
    ],
)
def test_labels(stated: object, names: dict[int, str]) -> None:
    assert names_of(stated) == names


@pytest.mark.parametrize(
    ("size", "square", "shape", "corner"),
    [
        ((480, 640), 0, (480, 640), (0, 0)),
        ((1216, 832), 0, (640, 448), (5, 0)),
        ((100, 100), 0, (640, 640), (0, 0)),
        ((1216, 832), 640, (640, 640), (101, 0)),
        ((1, 700), 0, (32, 640), (0, 15)),
    ],
)
def test_how_pictures_are_shown(
    size: tuple[int, int], square: int, shape: tuple[int, int], corner: tuple[int, int]
) -> None:
    given = shown(np.zeros((*size, 3), np.uint8), square)
    assert given.values.shape[-2:] == shape
    assert (given.left, given.top) == corner
    assert abs(float(given.values[0, 0, 0, 0]) - (114 / 255 if any(corner) else 0)) < 1e-6


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_boxes_come_back_to_the_picture() -> None:
    """832x1216 is shown at 438x640 with five columns of grey before it."""
    answer = YoloAnswer(
        boxes=torch.tensor([[5.0, 0, 224, 320], [6, 1, 225, 321], [5, 0, 224, 320], [0, 0, 9, 9]]),
        scores=torch.tensor([[0.9, 0.1], [0.8, 0.1], [0.1, 0.7], [0.2, 0.2]]),
    )
    detector = YoloDetector(answer=lambda x: answer, labels=("face", "hand"), device=CPU)
    found = detector.detect(picture(1216, 832), 0.3)
    assert [(each.label, round(each.confidence, 3)) for each in found] == [
        ("face", 0.9),
        ("hand", 0.7),
    ]
    factor = 640 / 1216
    assert np.allclose(found[0].box, [0, 0, 219 / factor, 320 / factor], atol=1e-3)


def test_shapes_come_back_to_the_picture() -> None:
    """A shape that fills the left half of what is shown, inside a box that reaches farther."""
    prototypes = torch.full((1, 40, 40), -1.0)
    prototypes[:, :, :20] = 1.0
    answer = YoloAnswer(
        boxes=torch.tensor([[32.0, 32, 128, 96]]),
        scores=torch.tensor([[0.9]]),
        weights=torch.tensor([[1.0]]),
        prototypes=prototypes,
    )
    detector = YoloDetector(answer=lambda x: answer, labels=("person",), device=CPU, square=160)
    (found,) = detector.detect(picture(80, 80), 0.3)
    assert found.mask is not None
    assert found.mask.shape == (80, 80)
    rows, columns = np.nonzero(found.mask > 127)
    assert (rows.min(), rows.max() + 1) == (16, 48)
    assert (columns.min(), columns.max() + 1) == (16, 40)


def test_exported_answers_that_do_not_fit_are_told() -> None:
    with pytest.raises(ModelFileError, match="no YOLO"):
        answer_of([torch.zeros(1, 7, 10)], 2, Path("x.onnx"))


def test_the_network_is_what_its_file_says() -> None:
    found = load_yolo(FILES / "segment.pt", CPU).answer
    assert isinstance(found, Yolo)
    assert found.config.shapes == 32
    assert found.config.depths == (1, 2, 2, 1, 1, 1, 1, 1)
