"""What the judge looks with: one network for the picture, one for each person in it.

The picture is squeezed to a square, which is enough for places, framings and styles. A mouth is
not seen in that; so each person is looked at in three squares about the head, which show the face,
the head with all that is on it, and the body, always at about the same scale.
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
_GROUPS: Final = 8


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
    View(side=80, reach=1.15, down=0.0),
    View(side=96, reach=2.2, down=-0.35),
    View(side=128, reach=2.75, down=1.5),
)
"""Face, head and body."""


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


class WholeNetwork(nn.Module):
    """Looks at whole pictures.

    Args:
        answers: how many each question has.
    """

    def __init__(self, answers: Sequence[int]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.features = Tower()
        self.head = nn.Linear(_numbers(SIDE), sum(answers))

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
        self.views = nn.ModuleList(Tower() for _ in VIEWS)
        self.head = nn.Linear(sum(_numbers(view.side) for view in VIEWS), sum(answers))

    def forward(self, views: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return logits [P, answers] of each question.

        Args:
            views: as many as `VIEWS`, each [P, 3, side, side] in -1..1.
        """
        seen = [tower(view).flatten(1) for tower, view in zip(self.views, views, strict=True)]
        return torch.split(self.head(torch.cat(seen, 1)), self.answers, 1)


class JudgeNetwork(nn.Module):
    """Both, each with its own answers; nothing is shared."""

    def __init__(self, answers: Sequence[int], personal_answers: Sequence[int]) -> None:
        super().__init__()
        self.whole = WholeNetwork(answers)
        self.people = PeopleNetwork(personal_answers)


def _numbers(side: int) -> int:
    """Return how many numbers a tower makes of a square."""
    halvings = len(_CHANNELS)
    cells = -(-side // (1 << halvings))
    return _CHANNELS[-1] * cells * cells


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


def person_views(pixels: Tensor, box: NDArray[np.float32]) -> tuple[Tensor, ...]:
    """Return a person as `VIEWS` show it, each [3, side, side]; grey beyond the picture's edge.

    Args:
        pixels: of the whole picture, [3, H, W] in -1..1.
        box: of the head: left, top, right, bottom in pixels.
    """
    left, top, right, bottom = (float(edge) for edge in box)
    unit = max((right - left + bottom - top) / 4, 1.0)
    x, y = (left + right) / 2, (top + bottom) / 2
    return tuple(
        _square(pixels, (x, y + view.down * unit), view.reach * unit, view.side) for view in VIEWS
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
