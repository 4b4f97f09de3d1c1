"""Practice P16 measured: how near each sampler comes to the converged picture, at which step count.

    python benchmarks/practice_samplers.py MODEL.safetensors     about 10 minutes on 2 cores
    python benchmarks/practice_samplers.py --page-only           rewrite the page from its data

16 pictures of one batch (practice_prompts), drawn by the product's own pipeline, compared in
latents. The distance is the root mean square difference to the converged picture, divided by the
converged picture's own standard deviation; the median of the 16 is reported.

What is converged: every deterministic sampler solves the same equation from the same noise, so
they share one limit, DPM++ 2M at 160 steps; how well that is known, Heun at 80 steps tells.
An SDE sampler is compared with itself at 160 steps on the same Brownian path. Euler a draws fresh
noise at every step: it has no limit, and its distance to its own 160 steps says just that.

Everything drawn is kept in a work folder, so an interrupted run goes on where it was; a run stops
by itself when its time is over (--seconds) and says what is missing.
"""

import argparse
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from practice_page import CONVERGED, Distances, Measured, page, plot

from irodori.engine.listener import Listener
from irodori.engine.passes.base import draw_base
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.pipeline import open_studio
from irodori.engine.studio import NOTHING_ELSE, Studio
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schedules import Schedule

Latents = NDArray[np.float32]  # [pictures, 4, H/8, W/8]

DOCS = Path(__file__).parents[1] / "docs"
STEPS = (5, 8, 11, 15, 20, 28, 40, 60)
NEGATIVE = "worst quality, bad quality"
FIRST_SEED = 1000
PIXELS = 128

PROMPTS = (
    "1girl, solo, long hair, red hair, blue eyes, smile, dress, outdoors, day, upper body",
    "1girl, solo, short hair, black hair, green eyes, school uniform, classroom, upper body",
    "1girl, solo, twintails, blonde hair, blue eyes, open mouth, beach, day, cowboy shot",
    "1girl, solo, ponytail, brown hair, brown eyes, hoodie, city, night, upper body",
    "1girl, solo, white hair, red eyes, expressionless, simple background, portrait",
    "1girl, solo, bob cut, blue hair, yellow eyes, hat, forest, full body",
    "1girl, solo, pink hair, twin braids, purple eyes, kimono, cherry blossoms, upper body",
    "1girl, solo, green hair, cat ears, grin, t-shirt, bedroom, cowboy shot",
    "1boy, solo, short hair, brown hair, blue eyes, jacket, cityscape, sunset, upper body",
    "1boy, solo, black hair, red eyes, shirt, gradient background, portrait",
    "1boy, solo, blonde hair, green eyes, smile, sweater, snow, winter, full body",
    "2girls, multiple girls, long hair, red hair, blue hair, smile, flower field, day",
    "1girl, 1boy, black hair, blonde hair, smile, outdoors, night sky, upper body",
    "1girl, solo, purple hair, side ponytail, closed mouth, library, indoors, upper body",
    "1girl, solo, orange hair, messy hair, fox ears, ocean, blue sky, cowboy shot",
    "no humans, mountain, tree, cloud, blue sky, grass, day, outdoors",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of P16: what is drawn, and with what it is compared."""

    sampler: str
    schedule: Schedule
    converged: "Cell"

    @property
    def name(self) -> str:
        return f"{self.sampler}, {self.schedule.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One batch of 16 pictures."""

    sampler: str
    schedule: Schedule
    steps: int

    @property
    def file(self) -> str:
        words = f"{self.sampler} {self.schedule.value} {self.steps}"
        return "".join(c if c.isalnum() else "_" for c in words.replace("++", "pp")) + ".npy"

    @property
    def calls(self) -> int:
        return self.steps * find_sampler(self.sampler).calls_per_step


LIMIT = Cell(sampler="DPM++ 2M", schedule=Schedule.KARRAS, steps=CONVERGED)
LIMIT_CHECK = Cell(sampler="Heun", schedule=Schedule.KARRAS, steps=CONVERGED // 2)


def _stochastic(sampler: str, schedule: Schedule) -> Row:
    limit = Cell(sampler=sampler, schedule=schedule, steps=CONVERGED)
    return Row(sampler=sampler, schedule=schedule, converged=limit)


ROWS = (
    Row(sampler="DPM++ 2M", schedule=Schedule.KARRAS, converged=LIMIT),
    Row(sampler="DPM++ 2M", schedule=Schedule.ALIGN_YOUR_STEPS, converged=LIMIT),
    Row(sampler="IPNDM", schedule=Schedule.NORMAL, converged=LIMIT),
    Row(sampler="IPNDM_V", schedule=Schedule.KARRAS, converged=LIMIT),
    Row(sampler="IPNDM_V", schedule=Schedule.EXPONENTIAL, converged=LIMIT),
    Row(sampler="DEIS", schedule=Schedule.SGM_UNIFORM, converged=LIMIT),
    Row(sampler="Euler", schedule=Schedule.NORMAL, converged=LIMIT),
    Row(sampler="Euler", schedule=Schedule.KARRAS, converged=LIMIT),
    _stochastic("DPM++ 3M SDE", Schedule.EXPONENTIAL),
    _stochastic("Euler a", Schedule.NORMAL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a run is made under; another of these begins a work folder of its own."""

    model: str
    sha256: str
    cfg_scale: float
    pixels: int
    prompts: tuple[str, ...]

    @property
    def key(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


class Easel:
    """Draws cells, or finds them in the work folder."""

    def __init__(self, studio: Studio, conditions: Conditions, folder: Path) -> None:
        self._studio, self._conditions, self._folder = studio, conditions, folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, cell: Cell) -> bool:
        return (self._folder / cell.file).exists()

    def found(self, cell: Cell) -> Latents:
        return np.asarray(np.load(self._folder / cell.file), dtype=np.float32)

    def draw(self, cell: Cell) -> None:
        told = Listener(tell=lambda _: None, cancelled=lambda: False)
        work = Work(
            studio=self._studio,
            recipes=tuple(self._recipes(cell)),
            listener=told,
            supplies=NOTHING_ELSE,
        )
        canvas = draw_base(work, Canvas())
        assert canvas is not None
        assert canvas.latents is not None
        np.save(self._folder / cell.file, canvas.latents.numpy())

    def _recipes(self, cell: Cell) -> list[Recipe]:
        asked = self._conditions
        base = Base(
            sampler=cell.sampler,
            schedule=cell.schedule,
            steps=cell.steps,
            cfg_scale=asked.cfg_scale,
            width=asked.pixels,
            height=asked.pixels,
        )
        return [
            Recipe(
                prompt=prompt,
                negative_prompt=NEGATIVE,
                noise=Noise(
                    seed=FIRST_SEED + index, batch_size=len(asked.prompts), batch_index=index
                ),
                base=base,
            )
            for index, prompt in enumerate(asked.prompts)
        ]


def cells_in_order() -> Iterator[Cell]:
    """Yield everything to draw: limits first, then every row at rising step counts."""
    yield from dict.fromkeys([LIMIT, LIMIT_CHECK, *(row.converged for row in ROWS)])
    for steps in STEPS:
        for row in ROWS:
            yield Cell(sampler=row.sampler, schedule=row.schedule, steps=steps)


def draw_all(easel: Easel, seconds: float) -> list[Cell]:
    """Draw what is missing until the time is over; return what is missing then."""
    left = [cell for cell in cells_in_order() if not easel.has(cell)]
    begun, done = time.monotonic(), 0
    while left:
        spent = time.monotonic() - begun
        pace = spent / done if done else 0.0
        if spent + pace * left[0].calls > seconds:
            break
        easel.draw(left[0])
        done += left[0].calls
        print(f"{spent:6.0f} s  {left[0].file}", flush=True)
        left.pop(0)
    return left


def distances(of: Latents, converged: Latents) -> list[float]:
    """Return each picture's root mean square difference over its limit's standard deviation."""
    axes = (1, 2, 3)
    difference = np.sqrt(np.square(of - converged).mean(axis=axes))
    return [float(each) for each in difference / converged.std(axis=axes)]


def measured(easel: Easel, conditions: Conditions) -> Measured:
    """Return all distances that can be told from what is drawn."""
    rows: dict[str, Mapping[int, Distances]] = {}
    for row in ROWS:
        found: dict[int, Distances] = {}
        for steps in STEPS:
            cell = Cell(sampler=row.sampler, schedule=row.schedule, steps=steps)
            if easel.has(cell) and easel.has(row.converged):
                found[steps] = _summary(easel.found(cell), easel.found(row.converged))
        rows[row.name] = found
    floor = None
    if easel.has(LIMIT) and easel.has(LIMIT_CHECK):
        floor = _summary(easel.found(LIMIT_CHECK), easel.found(LIMIT)).median
    return Measured(
        model=conditions.model,
        sha256=conditions.sha256,
        cfg_scale=conditions.cfg_scale,
        pixels=conditions.pixels,
        pictures=len(conditions.prompts),
        floor=floor,
        rows=rows,
    )


def _summary(of: Latents, converged: Latents) -> Distances:
    each = distances(of, converged)
    return Distances(median=statistics.median(each), worst=max(each))


def write_page(told: Measured | None) -> None:
    """Write the page, its plot and its data."""
    text, curves = page(told), plot(told)
    (DOCS / "practice-samplers.md").write_text(text, encoding="utf-8")
    if told is not None and curves is not None:
        (DOCS / "practice-samplers.svg").write_text(curves, encoding="utf-8")
        data = json.dumps(told.as_json(), indent=1) + "\n"
        (DOCS / "practice-samplers.json").write_text(data, encoding="utf-8")


def stored() -> Measured | None:
    """Return the data of the committed page, or None where nothing was measured yet."""
    file = DOCS / "practice-samplers.json"
    return Measured.from_json(json.loads(file.read_text())) if file.exists() else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--page-only", action="store_true")
    parser.add_argument("--seconds", type=float, default=660)
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--pixels", type=int, default=PIXELS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, help="folder for what is drawn")
    given = parser.parse_args(arguments)
    if given.page_only:
        write_page(stored())
        return
    if given.model is None:
        parser.error("a model file is needed, or --page-only")
    torch.set_num_threads(given.threads)
    conditions = Conditions(
        model=given.model.stem,
        sha256=hashlib.sha256(given.model.read_bytes()).hexdigest(),
        cfg_scale=given.cfg,
        pixels=given.pixels,
        prompts=PROMPTS,
    )
    root = given.work or Path(tempfile.gettempdir()) / "irodori_practice_samplers"
    easel = Easel(open_studio(given.model, device="cpu"), conditions, root / conditions.key)
    left = draw_all(easel, given.seconds)
    write_page(measured(easel, conditions))
    if left:
        calls = sum(cell.calls for cell in left)
        print(f"time is over: {len(left)} cells ({calls} calls) missing; run again to go on")


if __name__ == "__main__":
    main()
