"""YOLOv8's network for boxes, and for boxes with shapes.

Attribute names are the keys of its files. All sizes (n, s, m, l, x) differ in widths and depths
only, which `YoloConfig` holds.

Source: the architecture's published drawing (Jocher et al. 2023); Li et al. 2020, arXiv:2006.04388,
for sides told as distributions; Bolya et al. 2019, arXiv:1904.02689, for shapes.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDES: Final = (8, 16, 32)
"""Pixels of height or width that one answer of each level stands for."""

DEEP: Final = ("2", "4", "6", "8", "12", "15", "18", "21")
"""Layers whose depth differs by size."""

_EPS: Final = 1e-3
_POOL: Final = 5
_ENDS: Final = ("15", "18", "21")  # layers that the answers are made of


@dataclass(frozen=True, slots=True, kw_only=True)
class YoloConfig:
    """The sizes of a network.

    Attributes:
        widths: channels of the first layer and of the four levels below it.
        depths: repeats in each of the layers `DEEP`.
        labels: how many kinds of things it knows.
        bins: places that a side of a box may be at, in cells.
        box_width: channels within the part that tells boxes.
        label_width: channels within the part that tells labels.
        shapes: prototypes of shapes; 0 tells boxes only.
        shape_width: channels within the part that weighs prototypes.
        prototype_width: channels within the part that makes prototypes.
    """

    widths: tuple[int, int, int, int, int]
    depths: tuple[int, ...]
    labels: int
    bins: int = 16
    box_width: int = 64
    label_width: int = 64
    shapes: int = 0
    shape_width: int = 0
    prototype_width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class YoloAnswer:
    """What a network says of one picture.

    Attributes:
        boxes: float32 [N, 4], left, top, right, bottom in pixels of what it was shown.
        scores: float32 [N, labels], 0..1.
        weights: float32 [N, shapes]; None where it tells no shapes.
        prototypes: float32 [shapes, H/4, W/4]; None likewise.
    """

    boxes: Tensor
    scores: Tensor
    weights: Tensor | None = None
    prototypes: Tensor | None = None


class Yolo(nn.Module):
    """Pictures to what is in them.

    Args:
        config: its sizes.
    """

    def __init__(self, config: YoloConfig) -> None:
        super().__init__()
        self.config = config
        first, *levels = config.widths
        small, middle, large, deep = levels
        depths = dict(zip(DEEP, config.depths, strict=True))
        layers: dict[str, nn.Module] = {"0": _Unit(3, first, 3, 2), "1": _Unit(first, small, 3, 2)}
        layers["2"] = _Split(small, small, depths["2"])
        for i, (before, after) in enumerate(pairwise(levels)):
            layers[str(3 + 2 * i)] = _Unit(before, after, 3, 2)
            layers[str(4 + 2 * i)] = _Split(after, after, depths[str(4 + 2 * i)])
        layers["9"] = _Pyramid(deep, deep)
        layers["12"] = _Split(deep + large, large, depths["12"], shortcut=False)
        layers["15"] = _Split(large + middle, middle, depths["15"], shortcut=False)
        layers["16"] = _Unit(middle, middle, 3, 2)
        layers["18"] = _Split(middle + large, large, depths["18"], shortcut=False)
        layers["19"] = _Unit(large, large, 3, 2)
        layers["21"] = _Split(large + deep, deep, depths["21"], shortcut=False)
        layers["22"] = _Answers((middle, large, deep), config)
        self.model = nn.ModuleDict(layers)

    def forward(self, pixels: Tensor) -> YoloAnswer:
        """Return what is said of one picture.

        Args:
            pixels: [1, 3, H, W] within 0..1, sides multiples of 32.
        """
        seen: dict[str, Tensor] = {}
        x = pixels
        for name in map(str, range(10)):
            x = seen[name] = self.model[name](x)
        seen["12"] = self.model["12"](torch.cat((_doubled(seen["9"]), seen["6"]), 1))
        seen["15"] = self.model["15"](torch.cat((_doubled(seen["12"]), seen["4"]), 1))
        down = self.model["16"](seen["15"])
        seen["18"] = self.model["18"](torch.cat((down, seen["12"]), 1))
        down = self.model["19"](seen["18"])
        seen["21"] = self.model["21"](torch.cat((down, seen["9"]), 1))
        answer: YoloAnswer = self.model["22"]([seen[name] for name in _ENDS])
        return answer


class _Unit(nn.Module):
    """A convolution, its batch norm and SiLU."""

    def __init__(self, channels: int, out: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(out, eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(x)))


class _Pair(nn.Module):
    """Two convolutions, with a residual around them or not."""

    def __init__(self, channels: int, *, shortcut: bool) -> None:
        super().__init__()
        self.cv1 = _Unit(channels, channels, 3)
        self.cv2 = _Unit(channels, channels, 3)
        self._shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.cv2(self.cv1(x))
        return x + y if self._shortcut else y


class _Split(nn.Module):
    """Half of the channels through a chain of pairs; every link is seen at the end ("C2f")."""

    def __init__(self, channels: int, out: int, depth: int, *, shortcut: bool = True) -> None:
        super().__init__()
        half = out // 2
        self.cv1 = _Unit(channels, 2 * half)
        self.cv2 = _Unit((2 + depth) * half, out)
        self.m = nn.ModuleList(_Pair(half, shortcut=shortcut) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        links = list(self.cv1(x).chunk(2, 1))
        for pair in self.m:
            links.append(pair(links[-1]))
        joined: Tensor = self.cv2(torch.cat(links, 1))
        return joined


class _Pyramid(nn.Module):
    """Surroundings of four sizes side by side ("SPPF")."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        half = channels // 2
        self.cv1 = _Unit(channels, half)
        self.cv2 = _Unit(4 * half, out)

    def forward(self, x: Tensor) -> Tensor:
        views = [self.cv1(x)]
        for _ in range(3):
            views.append(F.max_pool2d(views[-1], _POOL, 1, _POOL // 2))
        joined: Tensor = self.cv2(torch.cat(views, 1))
        return joined


class _Bins(nn.Module):
    """The mean of a distribution over places; its weights are the places themselves ("DFL")."""

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(bins, 1, 1, bias=False)

    def forward(self, logits: Tensor) -> Tensor:
        """Return means [1, 4, N] of logits [1, 4 * bins, N]."""
        boxes = logits.reshape(1, 4, -1, logits.shape[-1])  # (1, 4, bins, N)
        shares = boxes.softmax(2).transpose(1, 2)  # (1, bins, 4, N)
        means: Tensor = self.conv(shares)
        return means[:, 0]


class _Prototypes(nn.Module):
    """Shapes that all things are mixed of."""

    def __init__(self, channels: int, width: int, shapes: int) -> None:
        super().__init__()
        self.cv1 = _Unit(channels, width, 3)
        self.upsample = nn.ConvTranspose2d(width, width, 2, 2)
        self.cv2 = _Unit(width, width, 3)
        self.cv3 = _Unit(width, shapes)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.cv3(self.cv2(self.upsample(self.cv1(x))))
        return made


class _Answers(nn.Module):
    """Three levels of features to boxes, labels and, where there are any, shapes."""

    def __init__(self, channels: tuple[int, ...], config: YoloConfig) -> None:
        super().__init__()
        self.cv2 = nn.ModuleList(_told(c, config.box_width, 4 * config.bins) for c in channels)
        self.cv3 = nn.ModuleList(_told(c, config.label_width, config.labels) for c in channels)
        self.dfl = _Bins(config.bins)
        if config.shapes:
            self.proto = _Prototypes(channels[0], config.prototype_width, config.shapes)
            self.cv4 = nn.ModuleList(_told(c, config.shape_width, config.shapes) for c in channels)
        self._has_shapes = bool(config.shapes)

    def forward(self, levels: list[Tensor]) -> YoloAnswer:
        sides = self.dfl(_flat(self.cv2, levels))[0].T  # (N, 4), cells
        centres, strides = _cells(levels)
        corners = torch.cat((centres - sides[:, :2], centres + sides[:, 2:]), 1)
        return YoloAnswer(
            boxes=corners * strides[:, None],
            scores=_flat(self.cv3, levels)[0].T.sigmoid(),
            weights=_flat(self.cv4, levels)[0].T if self._has_shapes else None,
            prototypes=self.proto(levels[0])[0] if self._has_shapes else None,
        )


def _told(channels: int, width: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        _Unit(channels, width, 3), _Unit(width, width, 3), nn.Conv2d(width, out, 1)
    )


def _flat(parts: nn.ModuleList, levels: list[Tensor]) -> Tensor:
    """Return what a part says of every cell of all levels, [1, C, N]."""
    said = [part(level).flatten(2) for part, level in zip(parts, levels, strict=True)]
    return torch.cat(said, 2)


def _cells(levels: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return the centres [N, 2] of all cells, in cells of their level, and their strides [N]."""
    centres, strides = [], []
    for level, stride in zip(levels, STRIDES, strict=True):
        rows, columns = level.shape[-2:]
        y, x = torch.meshgrid(
            torch.arange(rows, device=level.device) + 0.5,
            torch.arange(columns, device=level.device) + 0.5,
            indexing="ij",
        )
        centres.append(torch.stack((x, y), -1).flatten(0, 1))
        strides.append(torch.full((rows * columns,), float(stride), device=level.device))
    return torch.cat(centres), torch.cat(strides)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
