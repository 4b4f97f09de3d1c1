"""YOLOv8 detectors from their files: sizes by the shapes of their tensors."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from irodori.engine.loading.stub_pickle import Shell, read_shells, tensors_of
from irodori.engine.loading.tensors import PICKLED, read_tensors
from irodori.engine.modules.yolo import DEEP, Yolo, YoloConfig
from irodori.engine.yolo_detector import YoloDetector
from irodori.errors import ModelFileError

_LEVELS: Final = ("0", "1", "3", "5", "7")
_TOLD: Final = 3  # names an error message lists


def load_yolo(path: Path, device: torch.device) -> YoloDetector:
    """Return the detector in a file of ultralytics', in float32; nothing in the file is run.

    Args:
        path: `.pt` with a whole model in it, or `.safetensors` of its tensors with `names` (a JSON
            list) in the metadata.
        device: where it is to compute.

    Raises:
        ModelFileError: the file cannot be read, is damaged, or is no YOLOv8 for boxes or shapes.
    """
    tensors, labels = _read(path)
    try:
        config = _config(tensors)
    except (KeyError, IndexError, ValueError) as error:
        raise ModelFileError(
            f"'{path}' is no YOLOv8 that finds boxes or shapes (no {error})"
        ) from error
    with torch.device("meta"):
        network = Yolo(config)
    wanted = network.state_dict()
    wrong = [
        name
        for name, value in wanted.items()
        if name not in tensors or tensors[name].shape != value.shape
    ]
    unknown = sorted(set(tensors) - set(wanted))
    if wrong or unknown:
        told = ", ".join((wrong or unknown)[:_TOLD])
        raise ModelFileError(f"'{path}' is no YOLOv8 of a known kind: see {told}")
    values = {name: _number(path, name, tensors[name]) for name in wanted}
    network.load_state_dict(values, assign=True)
    network.requires_grad_(requires_grad=False).eval().to(device)
    known = tuple(labels.get(i, str(i)) for i in range(config.labels))
    return YoloDetector(answer=network, labels=known, device=device)


def names_of(stated: object) -> dict[int, str]:
    """Return labels by number, of a list, a table, or either written as a text."""
    if isinstance(stated, str):
        try:
            stated = ast.literal_eval(stated)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    if isinstance(stated, list | tuple):
        return {i: str(name) for i, name in enumerate(stated)}
    if isinstance(stated, Mapping):
        return {int(i): str(name) for i, name in stated.items() if str(i).isdigit()}
    return {}


def _read(path: Path) -> tuple[dict[str, Tensor], dict[int, str]]:
    """Return a file's tensors and labels."""
    if path.suffix.lower() not in PICKLED:
        file = read_tensors(path)
        try:
            stated = json.loads(file.header.metadata.get("names", "[]"))
        except ValueError:
            stated = []
        return dict(file.tensors), names_of(stated)
    found = read_shells(path)
    module: object = found
    if isinstance(found, dict):  # the averaged weights are the ones to use
        module = found.get("ema") or found.get("model")
    if not isinstance(module, Shell):
        raise ModelFileError(f"'{path}' holds no model")
    tensors = tensors_of(module)
    if not tensors:
        raise ModelFileError(f"'{path}' holds no tensors")
    return tensors, names_of(module.state.get("names"))


def _number(path: Path, name: str, value: Tensor) -> Tensor:
    if not value.is_floating_point():
        return value
    value = value.float()
    if not bool(value.isfinite().all()):
        raise ModelFileError(f"'{path}' is damaged: '{name}' has values that are no numbers")
    return value.contiguous()


def _config(tensors: Mapping[str, Tensor]) -> YoloConfig:
    """Return the sizes that tensors tell.

    Raises:
        KeyError, IndexError, ValueError: they are of another architecture.
    """

    def out(name: str) -> int:
        return int(tensors[f"model.{name}.weight"].shape[0])

    first, small, middle, large, deep = (out(f"{name}.conv") for name in _LEVELS)
    shapes = "model.22.cv4.0.2.weight" in tensors
    return YoloConfig(
        widths=(first, small, middle, large, deep),
        depths=tuple(_depth(tensors, f"model.{layer}.m.") for layer in DEEP),
        labels=out("22.cv3.0.2"),
        bins=out("22.cv2.0.2") // 4,
        box_width=out("22.cv2.0.0.conv"),
        label_width=out("22.cv3.0.0.conv"),
        shapes=out("22.cv4.0.2") if shapes else 0,
        shape_width=out("22.cv4.0.0.conv") if shapes else 0,
        prototype_width=out("22.proto.cv1.conv") if shapes else 0,
    )


def _depth(tensors: Mapping[str, Tensor], prefix: str) -> int:
    return len({name.split(".")[3] for name in tensors if name.startswith(prefix)})
