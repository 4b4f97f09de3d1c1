"""Reading a prompt of 300 tokens: time of each stage, and against lark's Earley parser.

    python benchmarks/bench_prompt.py            needs lark (the `oracle` group), 20 s

Irodori and lark take turns on the same text in one process, so that what else the machine does
falls on both. Times are the best of the rounds, ratios the medians of the rounds' ratios. The exit
code is 1 if the ratio is below 10, the goal; the times (goal: 1 ms each) depend on the machine.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

from lark_grammar import EarleySchedules

from irodori.prompt import composition, emphasis, network_timelines, parse, prompt_schedule
from irodori.prompt.tokenizer import load_tokenizer

STEPS, TOKENS, GOAL = 28, 300, 10.0
TAGS = (
    "masterpiece, best quality, 1girl, solo, long hair, looking at viewer, (smile:1.2), blue eyes, "
    "school uniform, outdoors, [cherry blossoms:falling petals:0.4], standing, saber \\(fate\\), "
    "(wind, pleated skirt), [white:black] thighhighs, sitting, from side, (night sky:0.8), "
)
ALTERNATING = "[red|blue|green] hair, "


def prompt_of(tokens: int, head: str = "") -> str:
    """A prompt of that many CLIP tokens: tags, weights, escapes, schedules."""
    tokenizer = load_tokenizer()
    words = (head + TAGS * (1 + tokens // 20)).split(", ")
    while len(tokenizer.encode(", ".join(words))) > tokens:
        words.pop()
    return ", ".join(words)


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> int:
    """Measure, print a table and JSON, and compare with the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    text, alternating = prompt_of(TOKENS), prompt_of(TOKENS, ALTERNATING)
    earley = EarleySchedules()
    ours = [list(entry) for entry in prompt_schedule(text, STEPS, dialect="a1111")]
    assert ours == [list(entry) for entry in earley.schedule(text, STEPS)]

    stages: dict[str, Callable[[], object]] = {
        "parse": lambda: parse(text),
        "parse, a1111": lambda: parse(text, dialect="a1111"),
        "parse and schedule": lambda: prompt_schedule(text, STEPS),
        "parse and schedule, alternating": lambda: prompt_schedule(alternating, STEPS),
        "parse and emphasis": lambda: emphasis(text),
        "parse and composition": lambda: composition(text),
        "parse and networks": lambda: network_timelines(text, STEPS),
    }
    best = dict.fromkeys(stages, float("inf"))
    lark_best, ratios, parse_ratios = float("inf"), [], []
    for _ in range(rounds):
        took = {name: min(seconds(stage) for _ in range(5)) for name, stage in stages.items()}
        lark = seconds(lambda: earley.schedule(text, STEPS))
        parsing = seconds(lambda: earley.parse(text))
        best = {name: min(best[name], took[name]) for name in stages}
        lark_best = min(lark_best, lark)
        ratios.append(lark / took["parse and schedule"])
        parse_ratios.append(parsing / took["parse"])

    print(f"{len(text)} characters, {TOKENS} tokens, {STEPS} steps, {len(ours)} entries")
    for name, time_taken in best.items():
        print(f"{name:34} {time_taken * 1e3:8.3f} ms")
    print(f"{'lark, parse and schedule':34} {lark_best * 1e3:8.3f} ms")
    ratio, parse_ratio = statistics.median(ratios), statistics.median(parse_ratios)
    print(f"lark / Irodori: {ratio:.0f} (parse and schedule), {parse_ratio:.0f} (parse)")
    figures = {
        "milliseconds": {name: round(t * 1e3, 3) for name, t in best.items()},
        "lark_milliseconds": round(lark_best * 1e3, 3),
        "ratio": round(ratio, 1),
        "parse_ratio": round(parse_ratio, 1),
    }
    print(json.dumps(figures))
    return int(min(ratio, parse_ratio) < GOAL)


if __name__ == "__main__":
    sys.exit(main())
