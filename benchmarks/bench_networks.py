"""What networks cost: a side branch, a merge, a switch of strength; many of them at once.

    python benchmarks/bench_networks.py                 small model, 20 s
    python benchmarks/bench_networks.py --full          SDXL's sizes in bf16; 13 GB, minutes

One process, random weights. A step is the UNet on prompt and negative in one batch. Steps without
and with networks take turns, so that what else the machine does falls on both; a ratio is of the
sums. Merging, restoring and switching are told in steps without networks.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from irodori.engine.device import LARGE, Machine, choose_policy
from irodori.engine.lora.apply import Share, applied
from irodori.engine.lora.keys import Target
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.network import Change
from irodori.engine.modules.unet import UNet, UNetConfig

SMALL = UNetConfig(
    channels=(64, 128, 192), depths=(0, 1, 2), middle_depth=2, context_dim=160, groups=16
)
RANK = 32
COUNTS = (1, 3, 10)


def main() -> None:
    """Parse, build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="SDXL's own sizes, bfloat16")
    parser.add_argument("--pixels", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", type=int, nargs="*", default=COUNTS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    unet, step = built(UNetConfig() if options.full else SMALL, options)
    step()
    rows = [measured(unet, step, count, options.rounds) for count in options.counts]
    print("| networks | branch: a step | merged: a step | merge | switch of a branch | restore |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['networks']} x rank {RANK} | {row['branch']:.3f} | {row['merged']:.3f} "
            f"| {row['merge']:.2f} steps | {row['switch']:.5f} steps | {row['restore']:.5f} steps |"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def built(config: UNetConfig, options: argparse.Namespace) -> tuple[UNet, Callable[[], Tensor]]:
    """Return a UNet of random weights and one step of it."""
    policy = choose_policy(Machine(cpu_bf16=True), parameters=LARGE if options.full else 0)
    with torch.device("meta"):
        unet = UNet(config)
    unet = unet.to_empty(device="cpu").to(policy.storage).eval()
    generator = torch.Generator().manual_seed(1)
    for parameter in unet.parameters():
        scale = parameter[0].numel() ** -0.5 if parameter.dim() > 1 else 0.1
        parameter.normal_(0, scale, generator=generator)
        if parameter.dim() == 4:
            parameter.data = parameter.to(memory_format=torch.channels_last)
    side = options.pixels // 8
    x = torch.randn(2, 4, side, side, generator=generator).to(policy.storage)
    context = torch.randn(2, 77, config.context_dim, generator=generator).to(policy.storage)
    vector = torch.randn(2, config.vector_dim, generator=generator)
    known = unet.context_kv(context)
    t = torch.tensor([500.0, 500.0])
    return unet, lambda: unet(x, t, vector, known, policy.attend)


def networks(unet: UNet, count: int) -> list[list[Share]]:
    """Return LoRAs on all linears of the transformers, as most trainers make them."""
    generator = torch.Generator().manual_seed(2)
    places = [
        (name, value)
        for name, value in unet.named_parameters()
        if "transformer_blocks" in name and value.dim() == 2
    ]

    def lora(value: Tensor) -> Lora:
        up = torch.randn(value.shape[0], RANK, generator=generator) * 0.01
        return Lora(
            up=up.half(), down=torch.randn(RANK, value.shape[1], generator=generator).half()
        )

    return [
        [
            Share(change=Change(target=Target(part="unet", parameter=name), layer=lora(value)))
            for name, value in places
        ]
        for _ in range(count)
    ]


def measured(unet: UNet, step: Callable[[], Tensor], count: int, rounds: int) -> dict[str, float]:
    """Return the costs of some networks, in steps without any."""
    worn = networks(unet, count)
    strengths = [0.7 / count] * count
    row: dict[str, float] = {"networks": count}
    for name, branches in (("branch", True), ("merged", False)):
        plain = dressed = 0.0
        with applied({"unet": unet}, worn, branches=branches) as switch:
            changing = timed(lambda: switch.to(strengths))
            for _ in range(rounds):
                for with_networks in (False, True, True, False):
                    switch.to(strengths if with_networks else [0.0] * count)
                    took = timed(step)
                    if with_networks:
                        dressed += took
                    else:
                        plain += took
            switch.to(strengths)
            restoring = timed(lambda: switch.to([0.0] * count))
        one = plain / (2 * rounds)
        row[name] = dressed / plain
        row["switch" if branches else "merge"] = changing / one
        row["restore"] = restoring / one
        row[f"{name}_seconds_a_plain_step"] = one
    return row


def timed(run: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
