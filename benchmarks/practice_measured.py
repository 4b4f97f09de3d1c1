"""The practice measured on the shipped model: does it behave as real models do?

    python benchmarks/practice_measured.py MODEL.safetensors --judge RUN/judge.safetensors

Draws about 6,000 pictures (half an hour on two cores), 64 a condition, by the product's own
pipeline; what they show is counted by the judge of `irodori paint train --stage judge`. Pictures
are kept in a work folder, so an interrupted run goes on where it was. Writes
docs/practice-measured.md.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from practice_experiments import EXPERIMENTS, Section
from practice_gallery import Gallery

from irodori.engine.pipeline import open_studio
from irodori.painter.judge import read_judge

PAGE = Path(__file__).parents[1] / "docs" / "practice-measured.md"


def page(model: Path, sections: Sequence[Section], left: Sequence[str]) -> str:
    shown = sum(section.shown for section in sections)
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:12]
    head = [
        "# The practice, measured on the shipped model",
        "",
        "What experienced people say about prompts was learned from models of seven gigabytes.",
        f"Does the small one that comes with Irodori behave alike? {len(sections)} claims of the",
        f"practice, 64 pictures a condition: {shown} are seen on this model, the others are not.",
        "",
        f"Model: `{model.name}`, sha256 {digest}. Drawn with DPM++ 2M, Align Your Steps, 12 steps,",
        "CFG 3.5, 128x128, unless a table says otherwise; counted by the judge of",
        "[the training page](training.md), with its own errors.",
        "",
        "Command: `python benchmarks/practice_measured.py MODEL --judge RUN/judge.safetensors`.",
        "",
    ]
    if left:
        head += [f"Not measured yet: {', '.join(left)}.", ""]
    return "\n".join([*head, *(section.text() for section in sections)])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3600, help="begin nothing after so long")
    parser.add_argument("--work", type=Path, help="folder for what is drawn")
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    digest = hashlib.sha256(given.model.read_bytes()).hexdigest()[:12]
    folder = (given.work or Path(tempfile.gettempdir()) / "irodori_practice") / digest
    folder.mkdir(parents=True, exist_ok=True)
    gallery = Gallery(
        studio=open_studio(given.model, device="cpu"), judge=read_judge(given.judge), folder=folder
    )
    sections, left, begun = [], [], time.monotonic()
    for experiment in EXPERIMENTS:
        if time.monotonic() - begun > given.seconds:
            left.append(experiment.__name__.replace("_", " "))
            continue
        sections.append(experiment(gallery))
        PAGE.write_text(page(given.model, sections, left), encoding="utf-8")
        print(sections[-1].text(), flush=True)
    PAGE.write_text(page(given.model, sections, left), encoding="utf-8")


if __name__ == "__main__":
    main()
