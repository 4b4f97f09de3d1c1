"""Draws the pictures of docs/guides/networks.md: without an adapter above, with it below.

python scripts/draw_networks.py [NAME ...]
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

import irodori
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Supplies
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

MODEL = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
ROOT = Path(__file__).parents[1]
LORAS, EMBEDDINGS = (ROOT / "demonstrators" / kind for kind in ("loras", "embeddings"))
GUIDES = ROOT / "docs" / "guides"
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
FIRST_SEED = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One demonstrator's pictures.

    Attributes:
        calls: what its prompts have that the others lack.
        scenes: the rest of the prompts.
    """

    calls: str
    scenes: tuple[str, ...] = SCENES


SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {
        "sumire-pixel-art": Sheet(calls="pixel art, <lora:sumire-pixel-art:1>"),
        "sumire-pixel-art-lokr": Sheet(calls="pixel art, <lora:sumire-pixel-art-lokr:1>"),
        "sumire-hotaru": Sheet(
            calls=r"hotaru \(irodori\), <lora:sumire-hotaru:1>", scenes=PLAIN_SCENES
        ),
        "sumire-hotaru-dora": Sheet(
            calls=r"hotaru \(irodori\), <lora:sumire-hotaru-dora:1>", scenes=PLAIN_SCENES
        ),
        "hotaru-look": Sheet(calls="hotaru-look", scenes=PLAIN_SCENES),
    }
)


def main() -> None:
    """Draw the sheets of the demonstrators that are there, or of those named."""
    embeddings = {path.stem: path for path in EMBEDDINGS.glob("*.safetensors")}
    loras = {path.stem: path for path in LORAS.glob("*.safetensors")}
    studio = open_studio(MODEL, device="cpu", find_embeddings=lambda: embeddings)
    supplies = Supplies(find_network=loras.get)
    listener = Listener(tell=lambda _: None, cancelled=lambda: False)
    for name, sheet in SHEETS.items():
        if name not in (sys.argv[1:] or {**loras, **embeddings}):
            continue
        rows = []
        for calls in ("", f"{sheet.calls}, "):
            recipes = [
                Recipe(
                    prompt=f"1girl, solo, {calls}{scene}",
                    negative_prompt="worst quality, bad quality",
                    noise=Noise(seed=FIRST_SEED + i),
                    base=Base(steps=20, cfg_scale=3.5, width=256, height=256),
                )
                for i, scene in enumerate(sheet.scenes)
            ]
            pictures = [draw(studio, [recipe], listener, supplies)[0].pixels for recipe in recipes]
            rows.append(np.hstack(pictures))
        Image.fromarray(np.vstack(rows)).save(GUIDES / f"networks-{name}.jpg", quality=88)


if __name__ == "__main__":
    main()
