"""Two ways to change an initial noise a little: mix in another, or keep it at another size.

Source: Shoemake 1985, "Animating rotation with quaternion curves" (slerp); compat 5 for what
A1111 and Forge do.
"""

from typing import Final

import torch
from torch import Tensor

_NEARLY_PARALLEL: Final = 0.9995


def blend(noise: Tensor, other: Tensor, strength: float, *, by_column: bool = False) -> Tensor:
    """Return noise turned towards another by a fraction of the angle between them.

    Both are points near one sphere (its radius the square root of their count), and so is what
    comes out, where a straight mix would lose variance.

    Args:
        noise: float [4, H/8, W/8], N(0, 1).
        other: the same shape.
        strength: 0 returns noise, 1 other.
        by_column: upstream's behaviour: every channel's column of pixels turns by its own angle,
            and noises nearly parallel on average are mixed with swapped weights.
    """
    axes = (1,) if by_column else (0, 1, 2)
    cosine = (noise * other).sum(axes, keepdim=True) / (
        torch.linalg.vector_norm(noise, dim=axes, keepdim=True)
        * torch.linalg.vector_norm(other, dim=axes, keepdim=True)
    )
    if float(cosine.mean()) > _NEARLY_PARALLEL:
        return torch.lerp(noise, other, 1 - strength if by_column else strength)
    angle = cosine.acos()
    from_noise = torch.sin((1 - strength) * angle) / torch.sin(angle)
    from_other = torch.sin(strength * angle) / torch.sin(angle)
    return from_noise * noise + from_other * other


def paste_centred(drawn: Tensor, *, onto: Tensor) -> Tensor:
    """Return `onto` with `drawn` in its middle; what is larger than `onto` is cropped.

    A picture keeps its composition at another size: the noise it was composed from stays.

    Args:
        drawn: [4, h, w].
        onto: [4, H, W]; not changed.
    """
    result = onto.clone()
    inside, crop = [], []
    for target, source in zip(onto.shape[1:], drawn.shape[1:], strict=True):
        # Halves are floored, so an odd difference behaves as upstream's.
        shift = (target - source) // 2
        length = source if shift >= 0 else source + 2 * shift
        inside.append(slice(max(shift, 0), max(shift, 0) + length))
        crop.append(slice(max(-shift, 0), max(-shift, 0) + length))
    result[:, inside[0], inside[1]] = drawn[:, crop[0], crop[1]]
    return result
