"""YOLO detectors in ONNX, run by onnxruntime where it is installed (the extra `onnx`)."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from irodori.engine.loading.yolo import names_of
from irodori.engine.modules.yolo import YoloAnswer
from irodori.engine.yolo_detector import LONGEST, YoloDetector
from irodori.errors import ModelFileError

_NUMBERS: Final[Mapping[str, type[np.floating[Any]]]] = MappingProxyType(
    {"tensor(float)": np.float32, "tensor(float16)": np.float16}
)
_DIMENSIONS: Final = 4  # [1, 3, H, W]


def load_onnx(path: Path) -> YoloDetector:
    """Return the detector in an ONNX file; it runs on the CPU.

    Raises:
        ModelFileError: onnxruntime is not installed, or the file is no YOLO in ONNX.
    """
    try:
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ModelFileError(f"'{path}' needs onnxruntime: pip install irodori[onnx]") from error
    try:
        session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no class but this
        raise ModelFileError(f"'{path}' cannot be opened: {error}") from error
    labels = names_of(session.get_modelmeta().custom_metadata_map.get("names", ""))
    inputs = session.get_inputs()
    given = inputs[0]
    side = _side(given.shape, path)
    numbers = _NUMBERS.get(given.type)
    if len(inputs) != 1 or numbers is None:
        raise ModelFileError(f"'{path}' takes {len(inputs)} inputs, of {given.type}: no YOLO")

    def answer(values: Tensor) -> YoloAnswer:
        said = session.run(None, {given.name: values.numpy().astype(numbers)})
        return answer_of([torch.from_numpy(each) for each in said], len(labels), path)

    known = tuple(labels.get(i, str(i)) for i in range(len(labels)))
    return YoloDetector(answer=answer, labels=known, device=torch.device("cpu"), square=side)


def _side(shape: Sequence[object], path: Path) -> int:
    """Return the side of the square that a network is shown.

    Raises:
        ModelFileError: it is no square of three colours.
    """
    if len(shape) == _DIMENSIONS:
        _, _, height, width = shape
        if not isinstance(height, int) or not isinstance(width, int):
            return LONGEST
        if height == width:
            return width
    raise ModelFileError(
        f"'{path}' takes {'x'.join(map(str, shape))}; exported for a square it can be used"
    )


def answer_of(outputs: list[Tensor], labels: int, path: Path) -> YoloAnswer:
    """Return what an exported network says.

    Args:
        outputs: [1, 4 + labels + shapes, N], boxes as centre and size; and prototypes of shapes
            [1, shapes, H/4, W/4], where it has them.
        labels: how many it has.
        path: of the file, for errors.

    Raises:
        ModelFileError: the numbers do not fit.
    """
    rows = outputs[0][0].float()
    shapes = outputs[1].shape[1] if len(outputs) > 1 else 0
    if not labels or rows.dim() != 2 or len(rows) != 4 + labels + shapes:
        raise ModelFileError(
            f"'{path}' answers with {tuple(outputs[0].shape)} for {labels} labels: no YOLO"
        )
    centres, sizes = rows[:2].T, rows[2:4].T
    return YoloAnswer(
        boxes=torch.cat((centres - sizes / 2, centres + sizes / 2), 1),
        scores=rows[4 : 4 + labels].T,
        weights=rows[4 + labels :].T if shapes else None,
        prototypes=outputs[1][0].float() if shapes else None,
    )
