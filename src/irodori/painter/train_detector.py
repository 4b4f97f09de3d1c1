"""The face detector of the shipped model: trained on the pool, where the painter knows the faces.

    irodori paint detector --run DIR --out FILE

Some minutes on one core. The pictures are blurred and recoloured at random, since the model draws
softer than the painter paints. What comes out is measured on RUN/held-out and says so itself.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from irodori.engine.detection import Detector, overlap
from irodori.engine.face_detector import CARD_KEY, KIND, FaceDetector
from irodori.engine.modules.face_net import CELL, FaceNet
from irodori.engine.modules.initialise import initialise
from irodori.errors import InputError
from irodori.painter.dataset import Shard, open_shards
from irodori.painter.sampling import sample_scene
from irodori.painter.visibility import shows_face

_SMALLEST: Final = 8.0  # pixels; a smaller face is neither shown nor denied
_INNER: Final = 0.5  # of a box, where cells are to find it
_HIT: Final = 0.5  # intersection over union
_BELIEVED: Final = 0.3  # a detailer's default confidence
_LEAST: Final = 0.2
_CONFIDENCES: Final = tuple(step / 20 for step in range(5, 19))
_LOOKED_AT: Final = 200  # pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTraining:
    """How the detector is trained.

    Attributes:
        seed: of everything random.
        steps: of the optimiser.
        batch: pictures a step.
        side: of the square they are cut to, pixels.
        rate: highest learning rate; it falls to nothing along a cosine.
        shards: of the pool, at most.
    """

    seed: int = 11
    steps: int = 700
    batch: int = 12
    side: int = 112
    rate: float = 3e-3
    shards: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How well faces are found.

    Attributes:
        pictures: looked at.
        faces: in them.
        found: of them, at an intersection over union of 0.5 and a confidence of 0.3.
        wrong: boxes that are no face's.
    """

    pictures: int
    faces: int
    found: int
    wrong: int


def train_detector(directory: Path, out: Path, settings: DetectorTraining) -> Accuracy:
    """Train a detector on a run's pool, write it, and return how good it is on RUN/held-out.

    Raises:
        InputError: the pool or the held-out pictures are not there.
    """
    shards = open_shards(directory / "pool")[: settings.shards]
    held_out = open_shards(directory / "held-out")
    if not shards or not held_out:
        raise InputError(f"'{directory}' has no pool or no held-out pictures; see: paint pool")
    network = _trained(shards, settings).eval()
    calibrate(network, shards)
    accuracy = measure(FaceDetector(network), held_out)
    write_detector(network, out, settings, accuracy)
    return accuracy


def write_detector(
    network: FaceNet, out: Path, settings: DetectorTraining, accuracy: Accuracy
) -> None:
    """Write a detector in float16, with how it was trained and how good it is."""
    card = {"kind": KIND, **asdict(settings), **asdict(accuracy)}
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(tensors, out, metadata={CARD_KEY: json.dumps(card)})


def calibrate(network: FaceNet, shards: Sequence[Shard]) -> None:
    """Let 0.3, where detailers begin to believe, be where the network is right most often.

    Trained on hard examples it is too sure of itself; one number added to its logits cures that.
    """
    found = _compared(FaceDetector(network), shards, _LEAST)
    best = max(_CONFIDENCES, key=lambda confidence: _share_right(found, confidence))
    shift = _logit(_BELIEVED) - _logit(best)
    with torch.no_grad():
        bias = network.answer.bias
        if bias is not None:
            bias[0] += shift


def measure(detector: Detector, shards: Sequence[Shard]) -> Accuracy:
    """Return how well faces are found in 200 pictures spread evenly over shards."""
    found = _compared(detector, shards, _BELIEVED)
    return Accuracy(
        pictures=found.pictures,
        faces=len(found.faces),
        found=sum(confidence >= _BELIEVED for confidence in found.faces),
        wrong=len(found.wrong),
    )


class _Compared(NamedTuple):
    """What a detector said of pictures: by face the surest box's confidence, and false boxes'."""

    pictures: int
    faces: list[float]
    wrong: list[float]


def _compared(detector: Detector, shards: Sequence[Shard], confidence: float) -> _Compared:
    each = -(-_LOOKED_AT // len(shards))
    pictures, faces, wrong = 0, [], []
    for shard in shards:
        for index in range(min(each, len(shard.pictures), _LOOKED_AT - pictures)):
            seen, ignored = _faces(shard, index)
            found = detector.detect(shard.pictures[index], confidence)
            pictures += 1
            faces += [
                max(
                    (one.confidence for one in found if overlap(one.box, face) >= _HIT), default=0.0
                )
                for face in seen
            ]
            known = [*seen, *ignored]
            wrong += [
                one.confidence
                for one in found
                if all(overlap(one.box, face) < _HIT for face in known)
            ]
    return _Compared(pictures, faces, wrong)


def _share_right(found: _Compared, confidence: float) -> float:
    """Return the F1 score at a confidence."""
    hits = sum(each >= confidence for each in found.faces)
    wrong = sum(each >= confidence for each in found.wrong)
    return 2 * hits / (hits + wrong + len(found.faces))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _faces(shard: Shard, index: int) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Return the boxes of the faces that a picture shows, and of heads that are no clear face."""
    scene = sample_scene(shard.first_seed + index)
    width, height = shard.size
    seen, ignored = [], []
    for person, box in zip(scene.people, shard.faces[index], strict=False):
        if np.isnan(box).any():
            continue
        cut = np.clip(box, 0, [width, height, width, height]).astype(np.float32)
        whole = float(np.prod(box[2:] - box[:2]))
        part = float(np.prod(np.maximum(cut[2:] - cut[:2], 0))) / whole
        clear = shows_face(scene, person) and part > 0.6 and whole > _SMALLEST**2
        if clear:
            seen.append(cut)
        elif part > 0:
            ignored.append(cut)
    return seen, ignored


def _trained(shards: Sequence[Shard], settings: DetectorTraining) -> FaceNet:
    generator = torch.Generator().manual_seed(settings.seed)
    with torch.device("meta"):
        network = FaceNet()
    network.to_empty(device="cpu")
    initialise(network, generator)
    optimiser = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    for pixels, boxes in _batches(shards, settings):
        loss = _loss(network, pixels, boxes)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
        schedule.step()
    return network


_Boxes = list[tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]]


def _batches(
    shards: Sequence[Shard], settings: DetectorTraining
) -> Iterator[tuple[Tensor, _Boxes]]:
    """Yield pictures [B, 3, side, side] within 0..1 with their boxes, seen and not to be judged."""
    rng = np.random.default_rng(settings.seed)
    for _ in range(settings.steps):
        pictures, boxes = [], []
        for _ in range(settings.batch):
            shard = shards[int(rng.integers(len(shards)))]
            picture, found = _cut(shard, int(rng.integers(len(shard.pictures))), settings.side, rng)
            pictures.append(picture)
            boxes.append(found)
        yield torch.stack(pictures), boxes


def _cut(
    shard: Shard, index: int, side: int, rng: np.random.Generator
) -> tuple[Tensor, tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]]:
    """Return a square of a picture at a random scale, mirrored and recoloured at random."""
    pixels = torch.from_numpy(shard.pictures[index].copy()).permute(2, 0, 1)[None].float() / 255
    factor = float(np.exp(rng.uniform(np.log(0.5), np.log(1.4))))
    soft = rng.uniform(0.5, 1.0) if rng.random() < 0.5 else 1.0  # through a smaller size and back
    if soft < 1:
        pixels = F.interpolate(pixels, scale_factor=soft, mode="area")
    height, width = (max(round(length * factor), 16) for length in shard.pictures.shape[1:3])
    pixels = F.interpolate(pixels, (height, width), mode="bilinear", antialias=True)[0]
    scale = np.array([width, height, width, height], np.float32) / np.array(
        [*shard.size, *shard.size], np.float32
    )
    left, top = (int(rng.integers(min(0, n - side), max(0, n - side) + 1)) for n in (width, height))
    canvas = torch.full((3, side, side), float(rng.random()))
    part = pixels[:, max(top, 0) : top + side, max(left, 0) : left + side]
    y, x = max(-top, 0), max(-left, 0)
    canvas[:, y : y + part.shape[1], x : x + part.shape[2]] = part
    shift = np.array([left, top, left, top], np.float32)
    flips = rng.random() < 0.5
    if flips:
        canvas = canvas.flip(2)

    def moved(box: NDArray[np.float32]) -> NDArray[np.float32]:
        left, top, right, bottom = box * scale - shift
        across = (side - right, side - left) if flips else (left, right)
        return np.array([across[0], top, across[1], bottom], np.float32)

    seen, ignored = _faces(shard, index)
    boxes = ([moved(box) for box in seen], [moved(box) for box in ignored])
    gain = torch.tensor(rng.uniform(0.8, 1.2, (3, 1, 1)), dtype=torch.float32)
    noise = torch.tensor(rng.normal(0, rng.uniform(0, 0.03), canvas.shape), dtype=torch.float32)
    return (canvas * gain + noise).clamp(0, 1), boxes


def _loss(network: FaceNet, pixels: Tensor, boxes: _Boxes) -> Tensor:
    """Return how wrong the cells are: of being a face's, and of its box where they are."""
    logits, said = network(pixels)
    cells = (torch.arange(logits.shape[1]) + 0.5) * CELL
    wanted = torch.zeros_like(logits)
    judged = torch.ones_like(logits)
    target = torch.zeros_like(said)
    for index, (seen, ignored) in enumerate(boxes):
        for box in (*ignored, *seen):
            judged[index][_within(cells, box, 1.0)] = 0
        for box in seen:
            inner = _within(cells, box, _INNER)
            wanted[index][inner] = judged[index][inner] = 1
            target[index][inner] = torch.from_numpy(box)
    errors = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focus = (logits.sigmoid() - wanted).abs().detach() ** 2  # what is right already counts little
    count = wanted.sum().clamp(min=1)
    sure: Tensor = (errors * focus * judged).sum() / count
    positive = wanted.bool()
    if not bool(positive.any()):
        return sure
    apart: Tensor = 1 - _overlaps(said[positive], target[positive])
    return sure + apart.mean()


def _within(cells: Tensor, box: NDArray[np.float32], share: float) -> Tensor:
    """Return which cells [H, W] lie in the middle share of a box; at least the nearest one."""
    left, top, right, bottom = (float(side) for side in box)
    x, y = (left + right) / 2, (top + bottom) / 2
    across = (cells - x).abs() <= max((right - left) / 2 * share, CELL / 2)
    down = (cells - y).abs() <= max((bottom - top) / 2 * share, CELL / 2)
    return down[:, None] & across


def _overlaps(first: Tensor, second: Tensor) -> Tensor:
    """Return the generalised intersection over union of boxes [N, 4] (arXiv:1902.09630)."""
    top_left = torch.maximum(first[:, :2], second[:, :2])
    bottom_right = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (bottom_right - top_left).clamp(min=0).prod(1)
    areas = [(box[:, 2:] - box[:, :2]).prod(1) for box in (first, second)]
    both = areas[0] + areas[1] - shared
    outer = (
        torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    ).prod(1)
    return shared / both - (outer - both) / outer
