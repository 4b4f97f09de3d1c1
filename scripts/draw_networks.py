"""Draws the pictures of docs/guides/networks.md, and the README's sheet of them.

python scripts/draw_networks.py [NAME ...]

Each picture has rows of the same prompts and seeds: first without the demonstrator, then with it.
The README's sheet takes two columns of every picture that is there.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
import torch
from PIL import Image

import irodori
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Studio, Supplies
from irodori.painter.adapt.difference import assemble
from irodori.recipe.parts import Base, FileIdentity, Noise
from irodori.recipe.passes import Refiner
from irodori.recipe.recipe import Recipe
from irodori.recipe.schedules import Schedule

MODEL = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
ROOT = Path(__file__).parents[1]
LORAS, EMBEDDINGS, CHECKPOINTS = (
    ROOT / "demonstrators" / kind for kind in ("loras", "embeddings", "checkpoints")
)
GUIDES = ROOT / "docs" / "guides"
GALLERY = ROOT / "docs" / "demonstrators.jpg"
GALLERY_SIDE = 160  # of each picture, in pixels
GALLERY_COLUMNS = 2  # of each demonstrator
SCENES = (
    "smile, long hair, blonde hair, white shirt, upper body, city",
    "twintails, red hair, sundress, cowboy shot, beach",
    "short hair, black hair, hoodie, portrait, yellow background",
    "open mouth, sweater, upper body, night",
)
PLAIN_SCENES = (
    "smile, upper body, simple background, white background",
    "open mouth, cowboy shot, flower field",
    "waving, full body, beach",
    "portrait, night",
)
LIGHT_SCENES = (
    "long hair, white hair, upper body, simple background, black background",
    "short hair, black hair, upper body, simple background, white background",
    "blonde hair, portrait, night",
    "red hair, cowboy shot, snow",
)
NEGATIVE = "worst quality, bad quality"
FIRST_SEED = 31
USUAL = Base(steps=20, cfg_scale=3.5)
FAST = Base(sampler="LCM", schedule=Schedule.SGM_UNIFORM, steps=5, cfg_scale=1.5)
STRAIGHT = Base(sampler="Euler a", schedule=Schedule.NORMAL, steps=20, cfg_scale=3.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Pictures drawn in one way.

    Attributes:
        calls: what the prompts have before their scenes.
        base: sampler, steps, CFG.
        model: a checkpoint's name; empty is the shipped model.
        refiner: the name of the one that takes over at 0.8; empty is none.
    """

    calls: str = ""
    base: Base = USUAL
    model: str = ""
    refiner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One demonstrator's pictures.

    Attributes:
        rows: the first without it.
        scenes: the columns: the rest of the prompts.
        side: of each picture, in pixels.
    """

    rows: tuple[Row, ...]
    scenes: tuple[str, ...] = SCENES
    side: int = 192


def called(calls: str, scenes: tuple[str, ...] = SCENES, side: int = 192) -> Sheet:
    """Return the sheet of a demonstrator that prompts call."""
    return Sheet(rows=(Row(), Row(calls=f"{calls}, ")), scenes=scenes, side=side)


SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {
        "sumire-pixel-art": called("pixel art, <lora:sumire-pixel-art:1>", side=256),
        "sumire-pixel-art-lokr": called("pixel art, <lora:sumire-pixel-art-lokr:1>", side=256),
        "sumire-hotaru": called(r"hotaru \(irodori\), <lora:sumire-hotaru:1>", PLAIN_SCENES),
        "sumire-hotaru-dora": called(
            r"hotaru \(irodori\), <lora:sumire-hotaru-dora:1>", PLAIN_SCENES
        ),
        "hotaru-look": called("hotaru-look", PLAIN_SCENES),
        "sumire-lcm": Sheet(
            rows=(Row(base=FAST), Row(base=FAST, calls="<lora:sumire-lcm:1>, "), Row())
        ),
        "sumire-v": Sheet(
            rows=(Row(base=STRAIGHT), Row(base=STRAIGHT, model="sumire-v")), scenes=LIGHT_SCENES
        ),
        "sumire-ink": Sheet(
            rows=(
                Row(base=STRAIGHT),
                Row(base=STRAIGHT, model="sumire-ink"),
                Row(base=STRAIGHT, refiner="sumire-ink"),
            )
        ),
    }
)


class Painter:
    """Draws rows; opens each checkpoint once.

    Args:
        folder: where checkpoints are assembled.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._embeddings = {path.stem: path for path in EMBEDDINGS.glob("*.safetensors")}
        self._loras = {path.stem: path for path in LORAS.glob("*.safetensors")}
        self._studios: dict[str, Studio] = {}

    def studio(self, name: str) -> Studio:
        """Return a checkpoint that is ready to draw; "" is the shipped model."""
        if name not in self._studios:
            path = self._folder / f"{name}.safetensors" if name else MODEL
            if name:
                assemble(CHECKPOINTS / f"{name}.difference", MODEL, path)
            self._studios[name] = open_studio(
                path, device="cpu", find_embeddings=lambda: self._embeddings
            )
        return self._studios[name]

    def row(self, row: Row, scenes: Iterable[str], side: int) -> np.ndarray:
        """Return the pictures of a row side by side."""
        recipes = [
            Recipe(
                prompt=f"1girl, solo, {row.calls}{scene}",
                negative_prompt=NEGATIVE,
                noise=Noise(seed=FIRST_SEED + i),
                base=replace(row.base, width=side, height=side),
                refiner=self.refiner(row),
            )
            for i, scene in enumerate(scenes)
        ]
        return np.hstack([self.batch(row, [recipe])[0] for recipe in recipes])

    def refiner(self, row: Row) -> Refiner | None:
        """Return a row's second checkpoint."""
        return Refiner(checkpoint=FileIdentity(name=row.refiner)) if row.refiner else None

    def batch(self, row: Row, recipes: Sequence[Recipe]) -> np.ndarray:
        """Return uint8 [N, H, W, 3] of recipes that a row's model draws at once."""
        supplies = Supplies(
            find_network=self._loras.get, open_model=lambda file: self.studio(file.name)
        )
        listener = Listener(tell=lambda _: None, cancelled=lambda: False)
        done = draw(self.studio(row.model), recipes, listener, supplies)
        return np.stack([each.pixels for each in done])


def is_there(name: str) -> bool:
    """Return whether a demonstrator has been trained."""
    files = (LORAS, "safetensors"), (EMBEDDINGS, "safetensors"), (CHECKPOINTS, "difference")
    return any((folder / f"{name}.{suffix}").exists() for folder, suffix in files)


def picture_of(name: str) -> Path:
    """Return where the guide has a demonstrator's picture."""
    return GUIDES / f"networks-{name}.jpg"


def write_gallery() -> None:
    """Write the README's sheet: the first scenes of each, without above and with below.

    Of several rows the second is the demonstrator.
    """
    pairs = []
    for name, sheet in SHEETS.items():
        if picture_of(name).exists():
            taken = GALLERY_COLUMNS * sheet.side, 2 * sheet.side
            picture = Image.open(picture_of(name)).crop((0, 0, *taken))
            size = GALLERY_COLUMNS * GALLERY_SIDE, 2 * GALLERY_SIDE
            pairs.append(np.asarray(picture.resize(size, Image.Resampling.LANCZOS)))
    pairs += [np.full_like(pairs[0], 255)] * (len(pairs) % 2)
    half = len(pairs) // 2
    rows = np.hstack(pairs[:half]), np.hstack(pairs[half:])
    Image.fromarray(np.vstack(rows)).save(GALLERY, quality=84)


def main() -> None:
    """Draw the sheets of the demonstrators that are there, or of those named."""
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        painter = Painter(Path(folder))
        for name, sheet in SHEETS.items():
            if name in (sys.argv[1:] or SHEETS) and is_there(name):
                rows = [painter.row(row, sheet.scenes, sheet.side) for row in sheet.rows]
                Image.fromarray(np.vstack(rows)).save(picture_of(name), quality=88)
    write_gallery()


if __name__ == "__main__":
    main()
