"""The practice measured on the shipped model: does it behave as real models do?

    python benchmarks/practice_measured.py MODEL.safetensors --judge RUN/judge.safetensors

Draws about 6,700 pictures, 64 a condition, by the product's own pipeline; what they show is counted
by the judge of `irodori paint train --stage judge`. Pictures are kept in a work folder, so an
interrupted run goes on where it was. Writes docs/practice-measured.md.
"""

import argparse
import hashlib
import multiprocessing
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from practice_experiments import EXPERIMENTS, Section
from practice_gallery import Condition, Drawer, Gallery, Listing

from irodori.engine.memory_plan import MemoryWishes
from irodori.engine.pipeline import open_studio
from irodori.painter.judge import read_judge
from irodori.recipe.names import Dtype

PAGE = Path(__file__).parents[1] / "docs" / "practice-measured.md"


def page(model: Path, sections: Sequence[Section]) -> str:
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
        "CFG 3.5, 192x192, bfloat16, unless a table says otherwise; counted by the judge of",
        "[the training page](training.md), with its own errors.",
        "",
        "Command: `python benchmarks/practice_measured.py MODEL --judge RUN/judge.safetensors`.",
        "",
    ]
    return "\n".join([*head, *(section.text() for section in sections)])


def draw_share(model: Path, folder: Path, wanted: Sequence[Condition]) -> None:
    """Draw some conditions with one thread."""
    torch.set_num_threads(1)
    wishes = MemoryWishes(dtype=Dtype.BFLOAT16)  # a third faster
    drawer = Drawer(studio=open_studio(model, device="cpu", wishes=wishes), folder=folder)
    for condition in wanted:
        drawer.draw(condition)


def draw_all(model: Path, folder: Path, wanted: Sequence[Condition], workers: int) -> None:
    """Draw all conditions, shared among processes of one thread each."""
    context = multiprocessing.get_context("spawn")
    crew = [
        context.Process(target=draw_share, args=(model, folder, wanted[rank::workers]))
        for rank in range(workers)
    ]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    if any(process.exitcode for process in crew):
        raise SystemExit("a process that draws has failed; see above")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--judge", type=Path, help="without one: only draw")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw")
    parser.add_argument("--work", type=Path, help="folder for what is drawn")
    given = parser.parse_args(arguments)
    digest = hashlib.sha256(given.model.read_bytes()).hexdigest()[:12]
    folder = (given.work or Path(tempfile.gettempdir()) / "irodori_practice") / digest
    folder.mkdir(parents=True, exist_ok=True)
    listing = Listing()
    for experiment in EXPERIMENTS:
        experiment(listing)
    draw_all(given.model, folder, list(listing.wanted), given.workers)
    if given.judge is None:
        return
    torch.set_num_threads(given.workers)
    gallery = Gallery(judge=read_judge(given.judge), folder=folder)
    sections = [experiment(gallery) for experiment in EXPERIMENTS]
    PAGE.write_text(page(given.model, sections), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
