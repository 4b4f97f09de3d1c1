"""What enlarges pictures without drawing: the seam for networks, and resampling by formula.

Source: compat 7.3.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from PIL.Image import Resampling

from irodori.engine.image import Pixels, resized
from irodori.engine.listener import Listener
from irodori.errors import UnknownNameError


class Upscaler(Protocol):
    """Enlarges pictures. A network with a factor of its own meets any size with Lanczos after."""

    @property
    def name(self) -> str:
        """As recipes and infotext write it."""
        ...

    def enlarged(
        self, pixels: Pixels, width: int, height: int, listener: Listener
    ) -> Pixels | None:
        """Return a picture at another size; None when it was cancelled.

        Args:
            pixels: uint8 [H, W, 3].
            width: wanted.
            height: wanted.
            listener: hears `Progressed` where it takes long.

        Returns:
            uint8 [height, width, 3].
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampler:
    """An upscaler that is a formula: no model, no wait.

    Attributes:
        name: as recipes and infotext write it.
        resample: Pillow's filter.
    """

    name: str
    resample: Resampling

    def enlarged(
        self,
        pixels: Pixels,
        width: int,
        height: int,
        listener: Listener,  # noqa: ARG002  # the protocol's
    ) -> Pixels:
        """Return a picture at another size, uint8 [height, width, 3]; never cancelled."""
        return resized(pixels, width, height, self.resample)


RESAMPLERS: Final = (
    Resampler(name="Lanczos", resample=Resampling.LANCZOS),
    Resampler(name="Bicubic", resample=Resampling.BICUBIC),
    Resampler(name="Bilinear", resample=Resampling.BILINEAR),
    Resampler(name="Area", resample=Resampling.BOX),
    Resampler(name="Nearest", resample=Resampling.NEAREST),
    Resampler(name="None", resample=Resampling.LANCZOS),  # A1111's: what is missing, Lanczos does
)


def find_resampler(name: str) -> Upscaler:
    """Return the upscaler of a name that needs no model.

    Raises:
        UnknownNameError: there is none; carries the nearest name.
    """
    for each in RESAMPLERS:
        if each.name.casefold() == name.strip().casefold():
            return each
    raise UnknownNameError("upscaler", name, [each.name for each in RESAMPLERS])
