"""What the judge looks with: one network for the picture, one for each person in it.

The picture is squeezed to a square, which is enough for places, framings and styles. A mouth is
not seen in that; so each person is looked at in three squares about the head, which show the face,
the head with all that is on it, and the body, always at about the same scale. They are small: all
that is asked can be seen in them, and what a decoder does to textures cannot. Where the head is, is
found by a detector that errs by a fifth of its size; a third network puts that right first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

SIDE: Final = 160
"""Whole pictures are judged at this size, squeezed to a square."""

_CHANNELS: Final = (24, 48, 96, 128, 160)
_PERSON_CHANNELS: Final = (16, 32, 64, 96, 96)
_PERSON_STRIDES: Final = (1, 2, 2, 2, 1)
_GROUPS: Final = 8
_DROPPED: Final = 0.15  # of what is seen, so that no question hangs on one detail


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A square about a head, measured in halves of the head's width.

    Attributes:
        side: what it is scaled to, in pixels.
        reach: half of the square's side.
        down: how far its centre lies below the head's.
    """

    side: int
    reach: float
    down: float


VIEWS: Final = (
    View(side=48, reach=0.95, down=0.1),
    View(side=48, reach=2.2, down=-0.35),
    View(side=88, reach=2.75, down=1.5),
)
"""Face, head and body."""

SURROUNDINGS: Final = View(side=48, reach=2.4, down=0.2)
"""Where the head is looked for once more."""

_FINDING_CHANNELS: Final = (16, 32, 48, 64, 64)
_LOOKS: Final = 2  # the second from nearer the right place
_LARGEST: Final = 1.0  # correction of one look


class Tower(nn.Sequential):
    """Five pairs of convolutions, each halving the picture."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        before = 3
        for channels in _CHANNELS:
            groups = _GROUPS if before == 3 else 1  # the largest pictures are the dearest
            layers += [
                nn.Conv2d(before, channels, 3, stride=2, padding=1),
                nn.GroupNorm(_GROUPS, channels),
                nn.SiLU(),
                nn.Conv2d(channels, channels, 3, padding=1, groups=groups),
                nn.SiLU(),
            ]
            before = channels
        super().__init__(*layers)


class BatchNorm(nn.Module):
    """Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167), all of its state averageable.

    torch's own counts batches in an integer, of which there is no moving average.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.mean = nn.Buffer(torch.zeros(channels))
        self.variance = nn.Buffer(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, H, W] at mean 0 and variance 1 in each channel, scaled and shifted."""
        return F.batch_norm(
            x, self.mean, self.variance, self.weight, self.bias, training=self.training
        )


class SmallTower(nn.Sequential):
    """Five convolutions, three of which halve the picture.

    Normalised over the batch, not within a picture: colours are asked for.
    """

    def __init__(self, widths: Sequence[int] = _PERSON_CHANNELS) -> None:
        layers: list[nn.Module] = []
        before = 3
        for channels, stride in zip(widths, _PERSON_STRIDES, strict=True):
            layers += [
                nn.Conv2d(before, channels, 3, stride=stride, padding=1, bias=False),
                BatchNorm(channels),
                nn.ReLU(),
            ]
            before = channels
        super().__init__(*layers)


class WholeNetwork(nn.Module):
    """Looks at whole pictures.

    Args:
        answers: how many each question has.
    """

    def __init__(self, answers: Sequence[int]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.features = Tower()
        cells = SIDE >> len(_CHANNELS)
        self.head = nn.Linear(_CHANNELS[-1] * cells * cells, sum(answers))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return logits [B, answers] of each question for pixels [B, 3, SIDE, SIDE] in -1..1."""
        return torch.split(self.head(self.features(pixels).flatten(1)), self.answers, 1)


class PeopleNetwork(nn.Module):
    """Looks at people, one by one.

    Args:
        answers: how many each personal question has.
    """

    def __init__(self, answers: Sequence[int]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.views = nn.ModuleList(SmallTower() for _ in VIEWS)
        self.dropout = nn.Dropout(_DROPPED)
        halved = sum(stride == 2 for stride in _PERSON_STRIDES)
        cells = sum((view.side >> halved) ** 2 for view in VIEWS)
        self.head = nn.Linear(_PERSON_CHANNELS[-1] * cells, sum(answers))

    def forward(self, views: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return logits [P, answers] of each question.

        Args:
            views: as many as `VIEWS`, each [P, 3, side, side] in -1..1.
        """
        seen = [
            tower(view.to(memory_format=torch.channels_last)).flatten(1)  # faster by a quarter
            for tower, view in zip(self.views, views, strict=True)
        ]
        return torch.split(self.head(self.dropout(torch.cat(seen, 1))), self.answers, 1)


class FinderNetwork(nn.Module):
    """Says how far from a head a box is."""

    def __init__(self) -> None:
        super().__init__()
        self.features = SmallTower(_FINDING_CHANNELS)
        halved = sum(stride == 2 for stride in _PERSON_STRIDES)
        self.head = nn.Linear(_FINDING_CHANNELS[-1] * (SURROUNDINGS.side >> halved) ** 2, 3)

    def forward(self, surroundings: Tensor) -> Tensor:
        """Return corrections [P, 3]: right and down in half widths of the box, and log of scale.

        Args:
            surroundings: of boxes, as `SURROUNDINGS` shows them, [P, 3, side, side] in -1..1.
        """
        seen = self.features(surroundings.to(memory_format=torch.channels_last))
        corrections: Tensor = self.head(seen.flatten(1))
        return corrections


class JudgeNetwork(nn.Module):
    """All three, each with its own answers; nothing is shared."""

    def __init__(self, answers: Sequence[int], personal_answers: Sequence[int]) -> None:
        super().__init__()
        self.whole = WholeNetwork(answers)
        self.people = PeopleNetwork(personal_answers)
        self.finder = FinderNetwork()


def begin(network: nn.Module, seed: int) -> None:
    """Give a network its starting weights."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in network.named_parameters():
            if value.dim() > 1:
                bound = (3 / value[0].numel()) ** 0.5
                value.uniform_(-bound, bound, generator=generator)
            elif name.endswith("bias"):
                value.zero_()


def at_judged_size(pixels: Tensor) -> Tensor:
    """Return pixels [B, 3, H, W] at SIDE x SIDE, averaged over areas."""
    if pixels.shape[-2:] == (SIDE, SIDE):
        return pixels
    return F.interpolate(pixels, (SIDE, SIDE), mode="area")


def found_heads(
    finder: FinderNetwork, pixels: Sequence[Tensor], boxes: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.float32]]:
    """Return boxes put right: square, and where the heads are.

    Args:
        finder: says by how much they err.
        pixels: of the picture that each box is in, [3, H, W] in -1..1.
        boxes: left, top, right, bottom in pixels, one or more.
    """
    squares = np.array([_centre_and_unit(box) for box in boxes])
    for _ in range(_LOOKS):
        seen = [
            person_views(picture, _box(*square), (SURROUNDINGS,))[0]
            for picture, square in zip(pixels, squares, strict=True)
        ]
        corrections = finder(torch.stack(seen)).float().numpy().clip(-_LARGEST, _LARGEST)
        squares[:, :2] += corrections[:, :2] * squares[:, 2:]
        squares[:, 2] *= np.exp(corrections[:, 2])
    return [_box(*square) for square in squares]


def _centre_and_unit(box: NDArray[np.float32]) -> tuple[float, float, float]:
    left, top, right, bottom = (float(edge) for edge in box)
    return (left + right) / 2, (top + bottom) / 2, max((right - left + bottom - top) / 4, 1.0)


def _box(x: float, y: float, unit: float) -> NDArray[np.float32]:
    return np.array([x - unit, y - unit, x + unit, y + unit], np.float32)


def person_views(
    pixels: Tensor, box: NDArray[np.float32], views: Sequence[View] = VIEWS
) -> tuple[Tensor, ...]:
    """Return a person as views show it, each [3, side, side]; grey beyond the picture's edge.

    Args:
        pixels: of the whole picture, [3, H, W] in -1..1.
        box: of the head: left, top, right, bottom in pixels.
        views: squares about the head.
    """
    x, y, unit = _centre_and_unit(box)
    return tuple(
        _square(pixels, (x, y + view.down * unit), view.reach * unit, view.side) for view in views
    )


def _square(pixels: Tensor, centre: tuple[float, float], half: float, side: int) -> Tensor:
    height, width = pixels.shape[-2:]
    length = max(round(2 * half), 1)
    left, top = round(centre[0] - half), round(centre[1] - half)
    part = pixels[:, max(top, 0) : max(top + length, 0), max(left, 0) : max(left + length, 0)]
    beyond = (
        min(max(-left, 0), length),
        min(max(left + length - width, 0), length),
        min(max(-top, 0), length),
        min(max(top + length - height, 0), length),
    )
    square = F.pad(part, beyond)[:, :length, :length]
    return F.interpolate(square[None], (side, side), mode="area")[0]
