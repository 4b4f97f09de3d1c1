"""What each speed-up saves and what it changes, measured in one run on the model that comes along.

    python benchmarks/bench_approximations.py                     some minutes
    python benchmarks/bench_approximations.py --sheet sheet.png   and a sheet of pictures to look at
    python benchmarks/bench_approximations.py --arithmetic --pixels 512 1024   SDXL's share, seconds
    python benchmarks/bench_approximations.py --full --pixels 512   calls at SDXL's sizes, bfloat16

Every speed-up draws the same prompts and seeds as the exact engine, in turns. Time is the
processor's between the first call of the UNet and the last step, so that what else the machine does
is not in it; with one thread it is what one waits for on a quiet machine. Differences are to the
exact picture of the same seed: PSNR in dB, the mean over pictures, and the mean distance of a
colour value (0 to 255). The last rows are yardsticks: exact pictures with fewer steps.

`--arithmetic` counts the multiplications of SDXL's UNet, without computing or holding any;
`--full` takes the time of its calls, with weights that mean nothing.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from irodori.app.models import SHIPPED
from irodori.engine.approximate.int8 import multiply_in_int8
from irodori.engine.approximate.token_merging import TokenMerging, finest_grid
from irodori.engine.device import LARGE, Machine, choose_policy
from irodori.engine.events import PassBegun, StepTaken
from irodori.engine.listener import Listener
from irodori.engine.memory_plan import MemoryWishes
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.engine.modules.walk import Deep, Walk
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Studio
from irodori.recipe.approximations import COMPILE, INT8, read_approximation, with_approximations
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

PROMPTS = (
    "1girl, green hair, blue eyes, smile, red dress, outdoors, upper body",
    "1boy, black hair, white shirt, sitting, night, city, cowboy shot",
    "2girls, blonde hair, brown hair, side-by-side, beach, full body",
    "cat, animal focus, grass, flower, sky, cloud, no humans",
)
NEGATIVE = "bad quality, worst quality, worst detail"
SPEED_UPS = (
    "skip-late-cfg=0.8",
    "skip-late-cfg=0.6",
    "block-cache=2",
    "block-cache=3",
    "token-merging=0.5",
    INT8,
    "block-cache=2 skip-late-cfg=0.7",
)
FEWER = (20, 14)
"""Steps of the yardsticks; the exact picture has 28."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way of drawing."""

    name: str
    studio: Studio
    asked: tuple[str, ...] = ()
    steps: int = 28

    def recipe(self, exact: Recipe) -> Recipe:
        """Return a recipe drawn this way."""
        recipe = replace(exact, base=replace(exact.base, steps=self.steps))
        return with_approximations(recipe, [read_approximation(text) for text in self.asked])


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawn picture and the processor's seconds it took."""

    pixels: NDArray[np.uint8]
    seconds: float


def main() -> None:
    """Parse, measure, print."""
    options = parsed()
    torch.set_num_threads(options.threads)
    if options.full or options.arithmetic:
        (full_size if options.full else arithmetic)(options)
        return
    drawn = pictures(options)
    exact = drawn["exact"]
    print(f"{'':32s} {'time':>5s}  {'PSNR, dB':>16s}  difference")
    for name, row in drawn.items():
        if name != "exact":
            show(name, row, exact)
    seconds = statistics.median(each.seconds for each in exact)
    print(f"exact: {seconds:.2f} s of one core a picture, {len(exact)} pictures")
    if options.sheet:
        save_sheet(options.sheet, drawn)


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="128x192", help="of the pictures")
    parser.add_argument("--pictures", type=int, default=8, help="four prompts, then the next seed")
    parser.add_argument("--sampler", default="DPM++ 2M")
    parser.add_argument("--compile", action="store_true", help="torch.compile too: minutes more")
    parser.add_argument("--sheet", type=Path, help="save the pictures of the first seed")
    parser.add_argument("--full", action="store_true", help="calls at SDXL's sizes; 8 GB")
    parser.add_argument("--arithmetic", action="store_true", help="count SDXL's multiplications")
    parser.add_argument("--pixels", type=int, nargs="+", default=[256], help="of a square picture")
    parser.add_argument("--rounds", type=int, default=3, help="with --full")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def pictures(options: argparse.Namespace) -> dict[str, list[Picture]]:
    """Return the pictures of every way of drawing, in the order of the recipes."""
    every = ways(options)
    drawn: dict[str, list[Picture]] = {way.name: [] for way in every}
    recipes = list(exact_recipes(options))
    for way in every:  # memory is there, code is compiled
        taken(replace(way, steps=2), recipes[0])
    for recipe in recipes:
        for way in every:
            drawn[way.name].append(taken(way, recipe))
    return drawn


def ways(options: argparse.Namespace) -> list[Way]:
    """Return all ways of drawing, the exact one first."""
    plain = open_studio(SHIPPED, device="cpu")
    int8 = open_studio(SHIPPED, device="cpu", wishes=MemoryWishes(int8=True))
    print(*int8.speed_ups.notes, sep="\n")
    found = [Way(name="exact", studio=plain)]
    for text in SPEED_UPS:
        if text == INT8:
            found.append(Way(name=text, studio=int8))
        else:
            found.append(Way(name=text, studio=plain, asked=tuple(text.split())))
    if options.compile:
        compiled = open_studio(SHIPPED, device="cpu", wishes=MemoryWishes(compiled=True))
        found.append(Way(name=COMPILE, studio=compiled))
    fewer = [Way(name=f"exact, {steps} steps", studio=plain, steps=steps) for steps in FEWER]
    return found + fewer


def exact_recipes(options: argparse.Namespace) -> Iterator[Recipe]:
    """Yield a recipe for every picture."""
    width, height = (int(side) for side in options.size.split("x"))
    for number in range(options.pictures):
        yield Recipe(
            prompt=PROMPTS[number % len(PROMPTS)],
            negative_prompt=NEGATIVE,
            noise=Noise(seed=1000 + number // len(PROMPTS)),
            base=Base(sampler=options.sampler, width=width, height=height),
        )


def taken(way: Way, recipe: Recipe) -> Picture:
    """Return a picture drawn some way."""
    begun = ended = 0.0

    def tell(event: object) -> None:
        nonlocal begun, ended
        if isinstance(event, PassBegun):
            begun = time.process_time()
        elif isinstance(event, StepTaken):
            ended = time.process_time()

    listener = Listener(tell=tell, cancelled=lambda: False)
    (drawn,) = draw(way.studio, [way.recipe(recipe)], listener)
    return Picture(pixels=drawn.pixels, seconds=ended - begun)


def show(name: str, row: list[Picture], exact: list[Picture]) -> None:
    """Print a line of the table."""
    pairs = list(zip(row, exact, strict=True))
    ratio = statistics.median(each.seconds / other.seconds for each, other in pairs)
    levels = [psnr(each.pixels, other.pixels) for each, other in pairs]
    far = [np.abs(each.pixels.astype(float) - other.pixels).mean() for each, other in pairs]
    spread = f"{statistics.mean(levels):5.1f} ({min(levels):.0f} to {max(levels):.0f})"
    print(f"{name:32s} {ratio:5.2f}  {spread:>16s}  {statistics.mean(far):5.1f}", flush=True)


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio in dB; 99 where both are equal."""
    power = float(np.mean((one.astype(float) - other) ** 2))
    return 10 * math.log10(255**2 / power) if power else 99.0


def save_sheet(path: Path, drawn: dict[str, list[Picture]]) -> None:
    """Save a sheet: a row for every way, a column for every prompt, the first seed."""
    rows = [np.hstack([each.pixels for each in row[: len(PROMPTS)]]) for row in drawn.values()]
    Image.fromarray(np.vstack(rows)).save(path)
    print(f"{path}: rows {', '.join(drawn)}")


@torch.no_grad()
def full_size(options: argparse.Namespace) -> None:
    """Print ratios of single calls, prompt and negative in one, at SDXL's sizes."""
    policy = choose_policy(Machine(cpu_bf16=True), parameters=LARGE)
    with torch.device("meta"):
        unet = UNet(UNetConfig()).to(policy.compute)
    unet = unet.to_empty(device="cpu").to(memory_format=torch.channels_last).eval()
    for parameter in unet.parameters():
        parameter.fill_(parameter[0].numel() ** -0.5 if parameter.dim() > 1 else 1.0)
    timed = {}
    for pixels in options.pixels:
        timed[pixels] = calls(unet, pixels, options.rounds)
    multiply_in_int8(unet)
    for pixels in options.pixels:
        exact, rows = timed[pixels]
        again = calls(unet, pixels, options.rounds)[0]
        for name, seconds in {**rows, INT8: again}.items():
            print(f"{pixels:5d} px  {name:24s} {seconds / exact:5.2f}", flush=True)
        print(f"{pixels:5d} px  exact: {exact:.1f} s of one core a call")


@torch.no_grad()
def arithmetic(options: argparse.Namespace) -> None:
    """Print how many of a call's multiplications are left, at SDXL's sizes."""
    with torch.device("meta"):
        unet = UNet(UNetConfig()).bfloat16()
        for pixels in options.pixels:
            counted = {name: flops(run) for name, run in runs_of(unet, pixels).items()}
            exact = counted.pop("exact")
            for name, count in counted.items():
                print(f"{pixels:5d} px  {name:24s} {count / exact:5.2f}")
            print(f"{pixels:5d} px  exact: {exact / 1e12:.2f} TFLOP a call")


def flops(run: Callable[[], object]) -> int:
    """Return the floating-point operations of a run."""
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops()


def calls(unet: UNet, pixels: int, rounds: int) -> tuple[float, dict[str, float]]:
    """Return the seconds of an exact call, and of the others by name."""
    runs = runs_of(unet, pixels)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            begun = time.process_time()
            run()
            seconds[name].append(time.process_time() - begun)
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    return medians.pop("exact"), medians


def runs_of(unet: UNet, pixels: int) -> dict[str, Callable[[], object]]:
    """Return calls of a UNet by name: prompt and negative in one, on a square picture."""
    side = pixels // 8
    x, t = torch.ones(2, 4, side, side).bfloat16(), torch.full((2,), 500.0)
    vector, kv = torch.ones(2, 2816).bfloat16(), unet.context_kv(torch.ones(2, 77, 2048).bfloat16())
    half = {name: (keys[:1], values[:1]) for name, (keys, values) in kv.items()}
    attend = choose_policy(Machine(cpu_bf16=True), parameters=LARGE).attend
    with torch.device("cpu"):
        merging = TokenMerging(0.5, finest_grid(unet.config, side, side))
    deep = Deep()

    def call(walk: Walk) -> None:
        unet(x, t, vector, kv, attend, walk)

    call(Walk(deep=deep))
    return {
        "exact": lambda: call(Walk()),
        "without the negative": lambda: unet(x[:1], t[:1], vector[:1], half, attend),
        "deep levels reused": lambda: call(Walk(deep=deep)),
        "token-merging=0.5": lambda: call(Walk(merge=merging)),
    }


if __name__ == "__main__":
    main()
