"""From the start of a process to the first step, and the second picture of a prompt; peak memory.

    python benchmarks/bench_start.py                       the shipped model's sizes, 1 minute
    python benchmarks/bench_start.py --full --file F       SDXL's sizes; F takes 7 GB, minutes

Every figure is of a process of its own, ours and diffusers' in turns, over one file of random
weights in SDXL's layout. Both open the whole file (diffusers by `from_single_file`, its
configurations given), encode prompt and negative, and take a step, in the same type. Ours then
draws the prompt a second time, which must not call a text encoder.

Memory is the process's own, without pages of the mapped file: the kernel gives those back at will.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROMPT = "1girl, solo, green hair, smile, white shirt, outdoors"


def main() -> None:
    """Make the file, run the processes in turns, print the table."""
    options = parsed()
    if options.child:
        print(json.dumps(CHILDREN[options.child](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = options.file or Path(folder) / "random.safetensors"
        if not file.exists():
            make(file, full=options.full)
        found: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for index in range(options.rounds):
            order = ("ours", "theirs") if index % 2 == 0 else ("theirs", "ours")
            for who in order:
                found[who].append(run(who, file, options))
    show(found)


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="SDXL's own sizes, float16 in the file")
    parser.add_argument("--file", type=Path, help="made where it is missing, and kept")
    parser.add_argument("--pixels", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    return parser.parse_args()


def make(file: Path, *, full: bool) -> None:
    """Write a model of random weights, tensor by tensor what a step keeps within range."""
    import torch

    from irodori.app.models import SHIPPED
    from irodori.engine.device import Machine, choose_policy
    from irodori.engine.loading.checkpoint import (
        PREFIXES,
        ModelParts,
        ModelTraits,
        load_checkpoint,
        save_checkpoint,
    )
    from irodori.engine.loading.source import open_source
    from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
    from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipG, ClipL
    from irodori.engine.modules.unet import UNet, UNetConfig

    with torch.device("meta"):
        if full:
            parts = ModelParts(
                unet=UNet(UNetConfig()),
                autoencoder=Autoencoder(AutoencoderConfig()),
                text_l=ClipL(CLIP_L),
                text_g=ClipG(CLIP_G),
            )
        else:
            with torch.device("cpu"):
                policy = choose_policy(Machine(), parameters=0)
                loaded = load_checkpoint(open_source(SHIPPED), policy)
            parts = ModelParts(**{name: getattr(loaded, name) for name in PREFIXES})
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name in PREFIXES:
            module = getattr(parts, name).half().to_empty(device="cpu")
            for parameter in module.parameters():
                if parameter.dim() > 1:
                    parameter.normal_(0, parameter[0].numel() ** -0.5, generator=generator)
                else:
                    parameter.normal_(0, 0.1, generator=generator)
    save_checkpoint(file, parts, traits=ModelTraits())


def run(who: str, file: Path, options: argparse.Namespace) -> dict[str, float]:
    """Return what a fresh process tells of itself, and how long it lived."""
    command = [sys.executable, __file__, "--child", who, "--file", str(file)]
    command += ["--pixels", str(options.pixels), "--threads", str(options.threads)]
    begun = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lived = time.perf_counter() - begun
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told | {"lived": lived}


def ours(options: argparse.Namespace) -> dict[str, float]:
    """Open the file, draw one picture of one step, and the same prompt again."""
    begun = time.perf_counter()
    import torch

    from irodori.engine.events import StepTaken
    from irodori.engine.listener import Listener
    from irodori.engine.pipeline import draw, open_studio
    from irodori.recipe.parts import Base, Noise
    from irodori.recipe.recipe import Recipe

    torch.set_num_threads(options.threads)
    studio = open_studio(options.file, device="cpu")
    ready = time.perf_counter() - begun
    stepped: list[float] = []

    def tell(event: object) -> None:
        if isinstance(event, StepTaken):
            stepped.append(time.perf_counter())

    listener = Listener(tell=tell, cancelled=lambda: bool(stepped))
    base = Base(steps=1, width=options.pixels, height=options.pixels)
    recipe = Recipe(prompt=PROMPT, noise=Noise(seed=1), base=base)
    draw(studio, [recipe], listener)
    first, encoded = stepped.pop() - begun, studio.prompter.encoded
    again = time.perf_counter()
    draw(studio, [recipe], listener)
    return {
        "ready": ready,
        "first step": first,
        "second prompt to step": stepped[-1] - again,
        "texts encoded again": studio.prompter.encoded - encoded,
        "own GiB": own_memory(),
    }


def theirs(options: argparse.Namespace) -> dict[str, float]:
    """Open the whole file with diffusers' pipeline in the same type; draw a picture of one step."""
    begun = time.perf_counter()
    import torch
    from diffusers_peer import encode, open_pipeline

    from irodori.catalog.header import read_header
    from irodori.engine.device import choose_policy, probe

    torch.set_num_threads(options.threads)
    elements = read_header(options.file).elements
    dtype = choose_policy(probe(), parameters=elements, device="cpu").compute
    with tempfile.TemporaryDirectory() as folder:
        pipeline = open_pipeline(options.file, Path(folder), dtype)
    ready = time.perf_counter() - begun
    states, pooled = encode(pipeline, torch.full((2, 77), 49407))
    stepped: list[float] = []

    def tell(_p: object, _step: int, _t: object, values: dict[str, object]) -> dict[str, object]:
        stepped.append(time.perf_counter())
        return values

    pipeline(
        prompt_embeds=states[:1],
        pooled_prompt_embeds=pooled[:1],
        negative_prompt_embeds=states[1:],
        negative_pooled_prompt_embeds=pooled[1:],
        height=options.pixels,
        width=options.pixels,
        num_inference_steps=1,
        output_type="latent",
        callback_on_step_end=tell,
    )
    return {"ready": ready, "first step": stepped[0] - begun, "own GiB": own_memory()}


CHILDREN = {"ours": ours, "theirs": theirs}


def own_memory() -> float:
    """Return GiB of the process that are not pages of a file; of all its memory off Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = [line for line in status.read_text().splitlines() if line.startswith("RssAnon")]
        return int(lines[0].split()[1]) / (1 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def show(found: dict[str, list[dict[str, float]]]) -> None:
    """Print medians, and their ratio where both have one."""
    print("| | ours | diffusers | ratio |\n|---|---|---|---|")
    for name in found["ours"][0]:
        mine = statistics.median(each[name] for each in found["ours"])
        if name not in found["theirs"][0]:
            print(f"| {name} | {mine:.2f} | | |")
            continue
        other = statistics.median(each[name] for each in found["theirs"])
        print(f"| {name} | {mine:.2f} | {other:.2f} | {mine / other:.2f} |")


if __name__ == "__main__":
    main()
