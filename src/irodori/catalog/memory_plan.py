"""What a model and a picture take of a graphics card's memory, by arithmetic alone.

Weights are counted from the file; what computing takes beside them is estimated as ComfyUI and
Forge do, from the number of latent cells. This version keeps all parts on the card while it draws,
and decodes in tiles where a whole picture does not fit.

Source: ComfyUI's model_management.py and Forge's memory_management.py, for the two estimates.
"""

from dataclasses import dataclass
from math import prod
from typing import Final

from irodori.catalog.header import Header
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET

GIB: Final = 1 << 30

_PARTS: Final = {
    "UNet": UNET,
    "text encoder L": TEXT_L,
    "text encoder G": TEXT_G,
    "autoencoder": AUTOENCODER,
}
_BYTES: Final = 2  # float16, the autoencoder bfloat16
_CELL: Final = 8  # pixels a latent cell is wide
_GUIDANCE: Final = 2  # prompt and negative prompt run in one batch
_UNET_BYTES_A_CELL: Final = 0.008 * (1 << 20)  # for each byte of a number, with fused attention
_DECODER_BYTES_A_CELL: Final = 2178 * 64  # the same for the autoencoder
_TEXT_BYTES: Final = 64 << 20
_TILES: Final = (0, 2048, 1024, 768, 512, 256)  # sides in pixels; 0 is the whole picture
_RESERVE: Final = 0.8 * GIB  # the driver's, the screen's, fragments


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of the work.

    Attributes:
        name: for people.
        working: bytes it takes beside the weights.
    """

    name: str
    working: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """What drawing takes.

    Attributes:
        weights: bytes by part.
        stages: in their order.
        reserve: bytes left alone.
        tile: side of the autoencoder's tiles in pixels; 0 decodes the picture whole.
        budget: bytes of the card.
    """

    weights: tuple[tuple[str, int], ...]
    stages: tuple[Stage, ...]
    reserve: int
    tile: int
    budget: int

    @property
    def peak(self) -> int:
        """Bytes at the worst moment, the reserve among them."""
        resident = sum(size for _, size in self.weights)
        return resident + max(stage.working for stage in self.stages) + self.reserve

    @property
    def fits(self) -> bool:
        """Whether the card has as much."""
        return self.peak <= self.budget


def plan_memory(header: Header, *, budget: int, width: int, height: int, batch: int) -> MemoryPlan:
    """Return what drawing takes on a graphics card, with tiles as large as fit.

    Args:
        header: of the checkpoint.
        budget: bytes of the card.
        width: of a picture, pixels.
        height: of a picture, pixels.
        batch: pictures drawn at once; they are decoded one by one.
    """
    weights = tuple((name, _BYTES * _elements(header, prefix)) for name, prefix in _PARTS.items())
    cells = (width // _CELL) * (height // _CELL)
    sampling = int(batch * _GUIDANCE * cells * _BYTES * _UNET_BYTES_A_CELL)

    def plan(tile: int) -> MemoryPlan:
        decoded = min(cells, (tile // _CELL) ** 2) if tile else cells
        return MemoryPlan(
            weights=weights,
            stages=(
                Stage(name="reading the prompt", working=_TEXT_BYTES),
                Stage(name="sampling", working=sampling),
                Stage(name="decoding", working=decoded * _BYTES * _DECODER_BYTES_A_CELL),
            ),
            reserve=int(_RESERVE),
            tile=tile,
            budget=budget,
        )

    plans = [plan(tile) for tile in _TILES]
    return next((each for each in plans if each.fits), plans[-1])


def _elements(header: Header, prefix: str) -> int:
    return sum(
        prod(tensor.shape) for name, tensor in header.tensors.items() if name.startswith(prefix)
    )
