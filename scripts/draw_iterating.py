"""Draw the seven steps of docs/guides/iterating.md on the shipped model; two minutes on a CPU.

    python scripts/draw_iterating.py            writes docs/guides/iterating-*.jpg, prints the tree

Run it after the shipped model has changed. The steps are the practice's own (P20), one by one.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
SEED = "13"

FIRST = (
    "1girl, looking at viewer, head tilt, raised eyebrow, smirk, holding cane, red jacket, "
    "open jacket, long hair, multicolored hair, dark, darkness, city, high contrast,"
)
STEPS: tuple[tuple[str, ...], ...] = (
    (
        *("--weight", "smirk=0.5", "--add", "grin:0.5", "--weight", "high contrast=0.7"),
        *("--add", "cowboy shot", "--add", "close-up"),
    ),
    ("--add", "cane", "--weight", "dark=0.5", "--drop", "city"),
    (
        *("--weight", "head tilt=0.7", "--drop", "raised eyebrow", "--add", "hererochromia"),
        *("--add", "white hair", "--add", "red hair", "--add", "dutch angle:0.3"),
    ),
    (
        *("--drop", "hererochromia", "--add", "heterochromia", "--add", "ringed eyes"),
        *("--drop", "dark", "--drop", "darkness", "--drop", "high contrast"),
        *("--weight", "cowboy shot=0.7", "--add", "traditional media"),
        *("--add", "<lora:illustrious_quality_modifiers_masterpieces_v1:0.7>"),
        *("--add", "<lora:illustriousXL_stabilizer_v1.72:0.35>"),
    ),
    ("--add", "dark background"),
    (
        *("--promote", "final-large", "--set", "hires.scale=1.6", "--set", "hires.steps=22"),
        *("--set", "hires.denoise=0.39"),
    ),
)
"""What each step changes, as `irodori iterate` takes it."""


def run(config: Path, *arguments: str) -> str:
    """Return what `irodori` prints."""
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "irodori", *arguments],
        env={"IRODORI_CONFIG": str(config), "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> None:
    """Draw, and write the pictures and the contact sheet."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(f'outputs = "{folder}/outputs"\n')
        drawn: list[dict[str, Any]] = json.loads(
            run(config, "generate", FIRST, "--preset", "draft", "--seed", SEED, "--json")
        )
        for changes in STEPS:
            same = () if "--promote" in changes else ("--same-seed",)
            drawn += json.loads(run(config, "iterate", "last", *changes, *same, "--json"))
        run(config, "history", "star", "last")
        print(run(config, "history", "tree"))
        sheet = Path(folder) / "sheet.png"
        run(config, "history", "tree", "--png", str(sheet))
        Image.open(sheet).convert("RGB").save(GUIDES / "iterating-tree.jpg", quality=88)
        strip(drawn).save(GUIDES / "iterating-steps.jpg", quality=88)


def strip(drawn: list[dict[str, Any]]) -> Image.Image:
    """Return the seven pictures side by side."""
    pictures = [Image.open(each["path"]).convert("RGB") for each in drawn]
    height = 288
    shown = [each.resize((each.width * height // each.height, height)) for each in pictures]
    sheet = Image.new("RGB", (sum(each.width + 6 for each in shown) - 6, height), "white")
    left = 0
    for each in shown:
        sheet.paste(each, (left, 0))
        left += each.width + 6
    return sheet


if __name__ == "__main__":
    main()
