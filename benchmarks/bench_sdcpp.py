"""A step of Irodori against one of stable-diffusion.cpp, from the same full-size file, in turns.

    python -m venv peer && peer/bin/pip install stable-diffusion-cpp-python
    python benchmarks/bench_sdcpp.py --file random-sdxl.safetensors --peer peer/bin/python

The binding is built from source (a C++ compiler, minutes), so it has an environment of its own.
Each picture is drawn by a process of its own, ours and theirs in turns: Euler, CFG 5, one prompt
and one negative prompt, both halves at every step. Ours computes in the type the policy chooses;
theirs keeps the file's float16. A step's time is that between two of a picture's own steps, so
loading, encoding and decoding are left out. Below 1 ours is faster.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

PROMPT = "1girl, solo, green hair, smile, white shirt, outdoors"
NEGATIVE = "worst quality"


def main() -> None:
    """Run both in turns and print the ratio."""
    options = parsed()
    if options.child:
        print(json.dumps(CHILDREN[options.child](options)))
        return
    found: dict[str, list[float]] = {"ours": [], "theirs": []}
    for index in range(options.rounds):
        order = ("ours", "theirs") if index % 2 == 0 else ("theirs", "ours")
        for who in order:
            found[who] += run(who, options)
    ours, theirs = (statistics.median(found[who]) for who in ("ours", "theirs"))
    print(
        f"{options.pixels} px  ratio {ours / theirs:.3f}  ours {ours:.2f} s, theirs {theirs:.2f} s"
    )


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", type=Path, required=True, help="bench_start.py makes one")
    parser.add_argument("--peer", default=sys.executable, help="python that has the binding")
    parser.add_argument("--pixels", type=int, default=256)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    return parser.parse_args()


def run(who: str, options: argparse.Namespace) -> list[float]:
    """Return the seconds of each step of a picture drawn by a fresh process."""
    python = sys.executable if who == "ours" else options.peer
    command = [python, __file__, "--child", who, "--file", str(options.file)]
    for name in ("pixels", "steps", "threads"):
        command += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return [after - before for before, after in pairwise(times)]


def ours(options: argparse.Namespace) -> list[float]:
    """Draw a picture; return when each step was done."""
    import torch

    from irodori.engine.events import StepTaken
    from irodori.engine.listener import Listener
    from irodori.engine.pipeline import draw, open_studio
    from irodori.recipe.parts import Base, Noise
    from irodori.recipe.recipe import Recipe

    torch.set_num_threads(options.threads)
    studio = open_studio(options.file, device="cpu")
    times: list[float] = []

    def tell(event: object) -> None:
        if isinstance(event, StepTaken):
            times.append(time.perf_counter())

    base = Base(
        steps=options.steps,
        width=options.pixels,
        height=options.pixels,
        cfg_scale=5,
        sampler="Euler",
    )
    recipe = Recipe(prompt=PROMPT, negative_prompt=NEGATIVE, noise=Noise(seed=1), base=base)
    draw(studio, [recipe], Listener(tell=tell, cancelled=lambda: False))
    return times


def theirs(options: argparse.Namespace) -> list[float]:
    """Draw a picture through the binding; return when each step was done."""
    from stable_diffusion_cpp import StableDiffusion

    drawer = StableDiffusion(model_path=str(options.file), n_threads=options.threads, verbose=False)
    times: list[float] = []

    def tell(step: int, steps: int, _seconds: float) -> None:
        if step > len(times) and steps == options.steps:
            times.append(time.perf_counter())

    drawer.generate_image(
        prompt=PROMPT,
        negative_prompt=NEGATIVE,
        width=options.pixels,
        height=options.pixels,
        cfg_scale=5,
        sample_method="euler",
        sample_steps=options.steps,
        seed=1,
        progress_callback=tell,
    )
    return times


CHILDREN = {"ours": ours, "theirs": theirs}


if __name__ == "__main__":
    main()
