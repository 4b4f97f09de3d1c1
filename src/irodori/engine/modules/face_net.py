"""The small face detector that comes with Irodori: a few convolutions, one answer a cell.

Every cell of 8x8 pixels says how sure it is to lie near the middle of a face, and how far the
face's four sides are.

Source: Tian et al. 2019, arXiv:1904.01355 (FCOS), one level of it.
"""

from typing import Final

import torch
from torch import Tensor, nn

from irodori.engine.modules.layers import Conv2d, GroupNorm

CELL: Final = 8
"""Pixels of height or width that one answer stands for."""

_CHANNELS: Final = (12, 24, 32)
_GROUPS: Final = 4
_DILATIONS: Final = (1, 2, 4, 1)  # the last cells must see a whole face
_FARTHEST: Final = 4.0  # log of cells


class FaceNet(nn.Module):
    """Pictures to faces."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for channels in _CHANNELS:
            layers += _layer(before, channels, stride=2)
            before = channels
        for dilation in _DILATIONS:
            layers += _layer(before, before, dilation=dilation)
        self.features = nn.Sequential(*layers)
        self.answer = Conv2d(before, 5, 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return what every cell says.

        Args:
            pixels: [B, 3, H, W] within 0..1, sides multiples of 8.

        Returns:
            Logits [B, H/8, W/8], and boxes [B, H/8, W/8, 4] in pixels: left, top, right, bottom.
        """
        answer = self.answer(self.features(pixels * 2 - 1)).permute(0, 2, 3, 1)
        distances = answer[..., 1:].clamp(-_FARTHEST, _FARTHEST).exp() * CELL
        rows, columns = answer.shape[1:3]
        x = (torch.arange(columns, device=answer.device) + 0.5) * CELL
        y = (torch.arange(rows, device=answer.device) + 0.5) * CELL
        centres = torch.stack(
            (x.expand(rows, columns), y[:, None].expand(rows, columns)), -1
        )  # (H/8, W/8, 2)
        boxes = torch.cat((centres - distances[..., :2], centres + distances[..., 2:]), -1)
        return answer[..., 0], boxes


def _layer(channels: int, out: int, *, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    return [
        Conv2d(channels, out, 3, stride=stride, padding=dilation, dilation=dilation),
        GroupNorm(_GROUPS, out),
        nn.SiLU(),
    ]
