"""Draw the plots of docs/concepts/sigma-schedules.md.

python scripts/plot_schedules.py           write them
python scripts/plot_schedules.py --check   exit 1 when a committed one is out of date
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from irodori.cli.chart import Axes, Curve, line_chart, small_multiples, svg_text
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.schedules import FORMULAS, sigmas
from irodori.recipe.schedules import Schedule

FOLDER = Path(__file__).parents[1] / "docs" / "concepts"
STEPS = 20


def schedule_plots() -> Mapping[str, str]:
    """Return file name -> SVG text of every plot."""
    return {
        "sigma-schedules.svg": _schedules(),
        "sigma-schedules-practice.svg": _practice(),
        "noise-levels.svg": _noise_levels(),
    }


def _curve(schedule: Schedule, steps: int) -> Curve:
    levels = sigmas(schedule.value, steps, model_sigmas=sdxl_sigmas()).tolist()
    last = len(levels) - 1
    points = [(index / last, sigma) for index, sigma in enumerate(levels) if sigma > 0]
    return Curve(name=schedule.value, x=tuple(x for x, _ in points), y=tuple(y for _, y in points))


def _schedules() -> str:
    chosen = [schedule for schedule in FORMULAS if schedule is not Schedule.CUSTOM]
    axes = Axes(
        title=f"Sigma schedules of {STEPS} steps", x_label="share of the steps", y_label="sigma"
    )
    return svg_text(small_multiples([_curve(each, STEPS) for each in chosen], axes))


def _practice() -> str:
    curves = [
        _curve(Schedule.KARRAS, 28),
        _curve(Schedule.ALIGN_YOUR_STEPS, 11),
        _curve(Schedule.EXPONENTIAL, 60),
        _curve(Schedule.NORMAL, 28),
        _curve(Schedule.SGM_UNIFORM, 40),
    ]
    named = [Curve(name=f"{curve.name}, {len(curve.x)}", x=curve.x, y=curve.y) for curve in curves]
    axes = Axes(
        title="The schedules of practice P16, with its step counts",
        x_label="share of the steps",
        y_label="sigma",
    )
    return svg_text(line_chart(named, axes))


def _noise_levels() -> str:
    every = range(0, 1000, 9)
    curves = [
        Curve(
            name=name,
            x=tuple(float(t) for t in every),
            y=tuple(float(model.table[t]) for t in every),
            dots=False,
        )
        for name, model in (
            ("SDXL", sdxl_sigmas()),
            ("zero-terminal SNR", sdxl_sigmas(zero_terminal_snr=True)),
        )
    ]
    axes = Axes(title="The noise a model was trained on", x_label="timestep", y_label="sigma")
    return svg_text(line_chart(curves, axes))


def main() -> None:
    """Write or check the plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, text in schedule_plots().items():
        target = FOLDER / name
        if check and (not target.exists() or target.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            target.write_text(text, encoding="utf-8")
            print(target)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run python scripts/plot_schedules.py")


if __name__ == "__main__":
    main()
