"""Values that passes exchange: a run of a sampler to be made, and pictures on their way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.listener import Listener
from irodori.engine.studio import Studio, Supplies
from irodori.recipe.parts import Noise
from irodori.recipe.passes import Refiner, SoftInpainting
from irodori.recipe.recipe import Recipe, Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """One batch: what every pass is given.

    Attributes:
        studio: the recipes' model.
        recipes: one a picture; they differ in prompts and noise only.
        listener: hears of every event.
        supplies: where other files come from.
        tile: side of the autoencoder's tiles in pixels, a multiple of 32; 0 = pictures whole.
    """

    studio: Studio
    recipes: tuple[Recipe, ...]
    listener: Listener
    supplies: Supplies
    tile: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """The pictures of a batch between two passes; at least one of the two forms is there.

    Attributes:
        latents: float32 [B, 4, H/8, W/8], where the pictures are what these decode to.
        pixels: uint8 [B, H, W, 3 or 4], where they were decoded; 4 carries transparency along.
        notes: what a person should know of how the pictures came to be.
    """

    latents: Tensor | None = None
    pixels: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """Where a pass draws, and how firmly it keeps the rest.

    Attributes:
        mask: float32 [1, 1, H/8, W/8] in 0..1; 1 is drawn anew, 0 kept.
        soft: greys decide by noise level how much changes; None mixes by the grey itself.
    """

    mask: Tensor
    soft: SoftInpainting | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """The pictures that a run begins with.

    Attributes:
        latents: float32 [B, 4, H/8, W/8], clean.
        denoise: strength, 0..1; 0 gives the latents back.
        exact: run as many steps as asked, not their share.
        noise_multiplier: factor on the starting noise.
        extra_noise: this much of the same noise on top, in units of clean latents.
        region: draw only there; None draws everywhere.
        masked_picture: uint8 [H, W, 3], the picture without what the region hides: inpainting
            checkpoints see it beside the latents. None where there is no region.
    """

    latents: Tensor
    denoise: float
    exact: bool = False
    noise_multiplier: float = 1.0
    extra_noise: float = 0.0
    region: Region | None = None
    masked_picture: NDArray[np.uint8] | None = None

    def only(self, index: int) -> "Start":
        """Return the start of one picture of the batch."""
        return replace(self, latents=self.latents[index : index + 1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """One run of a sampler over a batch, and all that decides it beside the model.

    Attributes:
        name: of the pass, for people.
        recipes: one a picture; what no pass can change is read from the first.
        settings: the pass's own values, one a picture; prompts differ, nothing else.
        noises: one a picture.
        width: pixels, as the model is told; latents have an eighth of it, rounded down.
        height: the same.
        steps: asked for.
        start: the pictures begun with; None begins with noise.
        is_hires: prompt timelines count as the second pass's.
        refiner: a second model that takes over on the way, or none.
    """

    name: str
    recipes: tuple[Recipe, ...]
    settings: tuple[Settings, ...]
    noises: tuple[Noise, ...]
    width: int
    height: int
    steps: int
    start: Start | None = None
    is_hires: bool = False
    refiner: Refiner | None = None

    @property
    def recipe(self) -> Recipe:
        """The first recipe: what all pictures of the batch share."""
        return self.recipes[0]

    @property
    def shared(self) -> Settings:
        """The first picture's settings; their prompts are its own."""
        return self.settings[0]

    def each(self) -> Sequence["Stage"]:
        """Return one stage a picture, for samplers whose steps couple a batch."""
        return [
            replace(
                self,
                recipes=self.recipes[i : i + 1],
                settings=self.settings[i : i + 1],
                noises=self.noises[i : i + 1],
                start=None if self.start is None else self.start.only(i),
            )
            for i in range(len(self.recipes))
        ]
