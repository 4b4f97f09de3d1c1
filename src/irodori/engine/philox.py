"""Normal random numbers as CUDA draws them, on any machine.

Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3" (Philox4x32-10); Box and
Muller 1958 with cuRAND's constants. Every element of a draw has its own counter, so a draw is one
vectorised computation and element i does not depend on the size of the rest.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

_ROUNDS: Final = 10
_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS: Final = (0x9E3779B9, 0xBB67AE85)
_MASK: Final = 0xFFFFFFFF
_SHIFT: Final = np.uint64(32)
_LOW: Final = np.uint64(_MASK)

# cuRAND's float constants: 2^-32 and 2^-32 * 2 pi, as single precision knows them.
_TO_UNIT: Final = 2.3283064e-10
_TO_ANGLE: Final = 2.3283064e-10 * 6.2831855

Words = npt.NDArray[np.uint64]


class PhiloxGenerator:
    """One image's stream of normals: the numbers `torch.randn` gives on a CUDA device.

    Args:
        seed: 0..2^64 - 1, the key.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._calls = 0

    def normal(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return the next draw, float32 of `shape`, N(0, 1).

        Equal to CUDA's within 1e-6: the last bits of sin and log differ between libraries.
        """
        count = math.prod(shape)
        index = np.arange(count, dtype=np.uint64)
        zero = np.zeros(count, dtype=np.uint64)
        offset = np.full(count, self._calls, dtype=np.uint64)
        self._calls += 1
        x, y = _philox((offset, zero, index, zero), self._seed)
        radius = np.sqrt(-2.0 * np.log(x * _TO_UNIT + _TO_UNIT / 2))
        normals = radius * np.sin(y * _TO_ANGLE + _TO_ANGLE / 2)
        return np.asarray(normals, dtype=np.float32).reshape(shape)


def _philox(counter: tuple[Words, Words, Words, Words], seed: int) -> tuple[Words, Words]:
    """Return the first two of the four 32-bit words of every counter, in uint64 arrays."""
    c0, c1, c2, c3 = counter
    key0, key1 = seed & _MASK, (seed >> 32) & _MASK
    for _ in range(_ROUNDS):
        first = c0 * _MULTIPLIERS[0]
        second = c2 * _MULTIPLIERS[1]
        c0 = (second >> _SHIFT) ^ c1 ^ np.uint64(key0)
        c1 = second & _LOW
        c2 = (first >> _SHIFT) ^ c3 ^ np.uint64(key1)
        c3 = first & _LOW
        key0 = (key0 + _KEY_STEPS[0]) & _MASK
        key1 = (key1 + _KEY_STEPS[1]) & _MASK
    return c0, c1
