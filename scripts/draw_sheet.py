"""Draws docs/sumire.jpg: the forty prompts of docs/sumire-prompts.txt, nothing chosen.

python scripts/draw_sheet.py

The prompt of line n has seed n and what the model's card says, so that
`irodori generate PROMPT --seed n` draws the same picture. The prompts were written before anything
was drawn of them.
"""

from pathlib import Path

import numpy as np

import irodori
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.painter.evaluate import contact_sheet
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

MODEL = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
DOCS = Path(__file__).parents[1] / "docs"
PROMPTS, SHEET = DOCS / "sumire-prompts.txt", DOCS / "sumire.jpg"
BASE = Base(steps=20, cfg_scale=3.5, width=192, height=256)
COLUMNS = 10


def main() -> None:
    """Draw and save the sheet."""
    studio = open_studio(MODEL, device="cpu")
    listener = Listener(tell=lambda _: None, cancelled=lambda: False)
    recipes = [
        Recipe(prompt=prompt, noise=Noise(seed=seed), base=BASE)
        for seed, prompt in enumerate(PROMPTS.read_text(encoding="utf-8").splitlines(), 1)
    ]
    pictures = [draw(studio, [recipe], listener)[0].pixels for recipe in recipes]
    contact_sheet(np.stack(pictures), COLUMNS).save(SHEET, quality=88)


if __name__ == "__main__":
    main()
