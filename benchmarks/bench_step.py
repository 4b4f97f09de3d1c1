"""One denoising step, ours against diffusers': ratio of time, distance of results.

    python benchmarks/bench_step.py                          small model, 30 s
    python benchmarks/bench_step.py --full --pixels 256 512  SDXL's sizes; 9 GB in bf16, minutes

Both hold the same random weights in one process and take turns (ours, theirs, theirs, ours), so
that what else the machine does falls on both; a round's ratio is of the sums. Below 1 ours is
faster. Ours computes the text's keys and values once per prompt, outside the step, as it does when
it draws; diffusers has them in every step, as it does when it draws. Both eager, prompt and
negative in one batch.
"""

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from irodori.catalog.identify import UNET
from irodori.engine.device import LARGE, DevicePolicy, Machine, choose_policy
from irodori.engine.modules.unet import UNet, UNetConfig, sinusoids

SMALL = UNetConfig(
    channels=(64, 128, 192),
    depths=(0, 1, 2),
    middle_depth=2,
    context_dim=160,
    vector_dim=96 + 6 * 256,
    groups=16,
)
DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
SIZE_WIDTH = 256
BATCH = 2  # prompt and negative


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One step's inputs; `facts` is what diffusers makes the vector of."""

    x: Tensor
    t: Tensor
    vector: Tensor
    context: Tensor
    facts: dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table."""

    pixels: int
    dtype: str
    ratio: float
    lowest: float
    highest: float
    distance: float  # relative L2 between the two results
    seconds: float  # ours, median; informative only
    tflop: float
    gflops: float
    peak_gflops: float  # of a matrix product, measured beside


def main() -> None:
    """Parse, build, measure, print."""
    options = parsed()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    config = UNetConfig() if options.full else SMALL
    results = []
    for name in options.dtype:
        ours, theirs, policy = pair(config, DTYPES[name])
        for pixels in options.pixels:
            given = inputs(config, pixels // 8, DTYPES[name])
            results.append(measure(ours, theirs, policy, given, options.rounds))
            show(results[-1])
        del ours, theirs
    if options.json:
        print(json.dumps([asdict(result) for result in results], indent=1))


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="SDXL's own sizes")
    parser.add_argument("--pixels", type=int, nargs="+", default=[256], help="of a square picture")
    parser.add_argument("--dtype", nargs="+", choices=DTYPES, default=["bf16"])
    parser.add_argument("--rounds", type=int, default=5, help="of four steps each")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the results as JSON too")
    return parser.parse_args()


def pair(config: UNetConfig, dtype: torch.dtype) -> tuple[UNet, nn.Module, DevicePolicy]:
    """Return our UNet and diffusers' with the same weights."""
    values = random_values(config, dtype)
    machine = Machine(cpu_bf16=dtype == torch.bfloat16)
    policy = choose_policy(machine, parameters=LARGE)
    theirs = diffusers_unet(config, values)
    with torch.device("meta"):
        ours = UNet(config)
    ours.load_state_dict(values, assign=True)
    return ours.to(memory_format=torch.channels_last).eval(), theirs.eval(), policy


def random_values(config: UNetConfig, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return weights that keep the variance of what passes through them."""
    with torch.device("meta"):
        shapes = {key: value.shape for key, value in UNet(config).state_dict().items()}
    generator = torch.Generator().manual_seed(1)
    values = {}
    for key, shape in shapes.items():
        drawn = torch.empty(shape, dtype=dtype).normal_(generator=generator)
        if len(shape) > 1:
            values[key] = drawn.mul_(shape[1:].numel() ** -0.5)
        else:
            values[key] = drawn.mul_(0.1).add_(1.0 if key.endswith("weight") else 0.0)
    return values


def diffusers_unet(config: UNetConfig, values: dict[str, Tensor]) -> nn.Module:
    """Return diffusers' UNet over the same storage; its own converter renames the keys."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diffusers import UNet2DConditionModel
        from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
    has = [depth > 0 for depth in config.depths]
    with torch.device("meta"):
        theirs = UNet2DConditionModel(
            block_out_channels=config.channels,
            down_block_types=["CrossAttnDownBlock2D" if h else "DownBlock2D" for h in has],
            up_block_types=["CrossAttnUpBlock2D" if h else "UpBlock2D" for h in reversed(has)],
            layers_per_block=config.layers_per_block,
            transformer_layers_per_block=[max(depth, 1) for depth in config.depths],
            attention_head_dim=[channels // config.head_dim for channels in config.channels],
            cross_attention_dim=config.context_dim,
            addition_embed_type="text_time",
            addition_time_embed_dim=SIZE_WIDTH,
            projection_class_embeddings_input_dim=config.vector_dim,
            use_linear_projection=True,
            norm_num_groups=config.groups,
        )
    named = {UNET + key: value for key, value in values.items()}
    facts = dict(theirs.config) | {"class_embed_type": None}
    theirs.load_state_dict(convert_ldm_unet_checkpoint(named, facts), assign=True)
    return theirs


def inputs(config: UNetConfig, side: int, dtype: torch.dtype) -> Inputs:
    """Return the inputs of a step on latents of this side."""
    generator = torch.Generator().manual_seed(2)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(dtype)

    pooled = draw(BATCH, config.vector_dim - 6 * SIZE_WIDTH)
    sizes = torch.tensor([[side * 8.0, side * 8.0, 0, 0, side * 8.0, side * 8.0]] * BATCH)
    waves = sinusoids(sizes, SIZE_WIDTH).flatten(1).to(dtype)
    return Inputs(
        x=draw(1, 4, side, side).repeat(BATCH, 1, 1, 1),
        t=torch.full((BATCH,), 601.0),
        vector=torch.cat((pooled, waves), 1),
        context=draw(BATCH, 77, config.context_dim),
        facts={"text_embeds": pooled, "time_ids": sizes},
    )


def measure(
    ours: UNet, theirs: nn.Module, policy: DevicePolicy, given: Inputs, rounds: int
) -> Result:
    """Return one line of the table."""
    kv = ours.context_kv(given.context)

    def step() -> Tensor:
        return ours(given.x, given.t, given.vector, kv, policy.attend)

    def their_step() -> Tensor:
        predicted: Tensor = theirs(
            given.x,
            given.t,
            encoder_hidden_states=given.context,
            added_cond_kwargs=given.facts,
            return_dict=False,
        )[0]
        return predicted

    with FlopCounterMode(display=False) as counter:
        found = step()
    expected = their_step()
    ratios, seconds = take_turns(step, their_step, rounds)
    flop = counter.get_total_flops()
    return Result(
        pixels=given.x.shape[-1] * 8,
        dtype=str(given.x.dtype),
        ratio=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        distance=((found.float() - expected.float()).norm() / expected.float().norm()).item(),
        seconds=statistics.median(seconds),
        tflop=flop / 1e12,
        gflops=flop / statistics.median(seconds) / 1e9,
        peak_gflops=peak(given.x.dtype),
    )


def take_turns(
    ours: Callable[[], Tensor], theirs: Callable[[], Tensor], rounds: int
) -> tuple[list[float], list[float]]:
    """Return each round's ratio of time, and our times in seconds."""
    ratios, seconds = [], []
    for _ in range(rounds):
        first, second, third, fourth = (clock(step) for step in (ours, theirs, theirs, ours))
        ratios.append((first + fourth) / (second + third))
        seconds += [first, fourth]
    return ratios, seconds


def clock(run: Callable[[], Tensor]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def peak(dtype: torch.dtype, side: int = 2048) -> float:
    """Return GFLOP/s of a square matrix product, the best of three."""
    a, b = torch.ones(side, side, dtype=dtype), torch.ones(side, side, dtype=dtype)
    return float(2 * side**3 / min(clock(lambda: a @ b) for _ in range(3)) / 1e9)


def show(result: Result) -> None:
    """Print a line for people."""
    print(
        f"{result.pixels:5d} px {result.dtype:15s} ratio {result.ratio:.3f} "
        f"[{result.lowest:.3f} {result.highest:.3f}]  distance {result.distance:.1e}  "
        f"{result.seconds:.3f} s, {result.tflop:.3f} TFLOP, "
        f"{result.gflops:.0f} of {result.peak_gflops:.0f} GFLOP/s",
        flush=True,
    )


if __name__ == "__main__":
    main()
