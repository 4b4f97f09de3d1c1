"""Checking a prompt of 300 tokens, and `irodori lint` from a cold start.

    python benchmarks/bench_lint.py

Goals: 20 ms for a warm check, 0.35 s for the command. Times are of the processor, not of the wall
clock, so that other work on the machine counts little; `loop` is a fixed loop in plain Python, to
compare machines by. The exit code is 1 if a goal is missed.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from irodori.lint import LintInput, check
from irodori.lint.page import read_page
from irodori.lint.registry import find_rule
from irodori.prompt import load_tokenizer
from irodori.tags import open_vocabulary

WARM_GOAL, COLD_GOAL = 0.020, 0.35
MORE = (
    "1girl, short hair, red hair, green eyes, twin braids, freckles, open mouth, arms up, jumping, "
    "yellow dress, straw hat, hat ribbon, sandals, bracelet, necklace, earrings, nail polish, "
    "sunflower, holding flower, basket, bread, blanket, dog, ball, motion lines, wind lift, "
    "floating hair, sweat, collarbone, bare shoulders, bare legs, hairclip, scrunchie, wristwatch, "
    "heart, star (symbol), fruit, apple, bench, fence, leaf, petals, cloud, sun, shadow, bird, "
    "butterfly, bee, ladybug, grass, flower, rose, daisy, tulip, ribbon, bow, lace, frills"
)
ROUNDS = 25


def processor_time(function: Callable[[], object]) -> float:
    """How long one call keeps the processor busy."""
    start = time.process_time()
    function()
    return time.process_time() - start


def command_time(*arguments: str) -> float:
    """How long a new process keeps the processor busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "irodori", *arguments], check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loop() -> int:
    """A fixed piece of work."""
    return sum(i * i for i in range(200_000))


def main() -> int:
    """Measure, print JSON, and compare with the goals."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    tokenizer = load_tokenizer()
    long = " ".join(read_page(find_rule("CHK004")).examples[0].source.prompt.split())
    source = LintInput(
        prompt=f"{long} BREAK {MORE}", negative_prompt="worst quality, bad quality, worst detail"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        open_vocabulary(Path(folder) / "tags.sqlite") as vocabulary,
    ):
        found = check(source, vocabulary, tokenizer=tokenizer)
        warm = [
            processor_time(lambda: check(source, vocabulary, tokenizer=tokenizer))
            for _ in range(ROUNDS)
        ]
    command_time("lint", "1girl, smile")  # builds the vocabulary, writes bytecode
    cold = [command_time("lint", "1girl, smile") for _ in range(5)]
    figures = {
        "tokens": len(tokenizer.encode(source.prompt)),
        "findings": len(found),
        "warm_ms": {
            "best": round(min(warm) * 1e3, 1),
            "median": round(statistics.median(warm) * 1e3, 1),
        },
        "cold_s": {
            "best": round(min(cold), 3),
            "median": round(statistics.median(cold), 3),
        },
        "help_s": round(min(command_time("--help") for _ in range(3)), 3),
        "loop_ms": round(min(processor_time(loop) for _ in range(5)) * 1e3, 1),
    }
    print(json.dumps(figures, indent=2))
    return 0 if min(warm) <= WARM_GOAL and min(cold) <= COLD_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
