"""Between latents and pixels within a pass: tiles, overflow and the event that tells of it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.events import Decoding
from irodori.engine.image import Pixels
from irodori.engine.memory_plan import Phase
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.studio import Studio
from irodori.engine.vae import from_bytes, to_bytes
from irodori.engine.vae_tiles import decode_pictures, encode_pictures, tile_for
from irodori.errors import RecipeError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """Pictures as latents.

    Attributes:
        latents: float32 [B, 4, H/8, W/8].
        notes: what a person should know.
    """

    latents: Tensor
    notes: tuple[str, ...]


def encoded(work: Work, studio: Studio, pixels: Pixels) -> Encoded:
    """Return pictures as a model's latents.

    Args:
        work: has the size of tiles.
        studio: whose autoencoder.
        pixels: uint8 [B, H, W, 3].
    """
    autoencoder = studio.model.autoencoder
    studio.residence.begin(Phase.ENCODE, autoencoder)
    height, width = pixels.shape[1:3]
    # A picture may be larger than what is drawn, for which the batch's tiles were chosen.
    tile = work.tile or tile_for(autoencoder, width, height)
    values = from_bytes(pixels[..., :3]).to(studio.model.policy.device)
    passed = encode_pictures(autoencoder, values, tile=tile)
    return Encoded(latents=passed.values, notes=passed.notes)


def developed(work: Work, canvas: Canvas, studio: Studio | None = None) -> Canvas:
    """Return a canvas with its pixels; itself where it has them.

    Args:
        work: has the size of tiles, and who is told.
        canvas: latents or pixels.
        studio: whose latents they are; None is the recipe's model.
    """
    if canvas.pixels is not None:
        return canvas
    if canvas.latents is None:
        raise RecipeError("there is no picture to go on with")
    work.listener.tell(Decoding())
    studio = studio or work.studio
    autoencoder = studio.model.autoencoder
    studio.residence.begin(Phase.DECODE, autoencoder)
    passed = decode_pictures(autoencoder, canvas.latents, tile=work.tile)
    return Canvas(
        latents=canvas.latents,
        pixels=to_bytes(passed.values),
        notes=joined(canvas.notes, passed.notes),
    )


def joined(*notes: tuple[str, ...]) -> tuple[str, ...]:
    """Return notes one after another, each said once."""
    return tuple(dict.fromkeys(note for each in notes for note in each))


def repeated(latents: Tensor, count: int) -> Tensor:
    """Return one picture's latents for every picture of a batch, [count, 4, H/8, W/8]."""
    return torch.cat([latents] * count)
