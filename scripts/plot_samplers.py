"""Draw the plots of docs/concepts/samplers.md and write its table.

python scripts/plot_samplers.py           write them
python scripts/plot_samplers.py --check   exit 1 when a committed one is out of date
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from irodori.cli.chart import Axes, Curve, line_chart, small_multiples, svg_text
from irodori.engine.closed_form import GaussianMixture
from irodori.engine.samplers import get
from irodori.recipe.samplers import SAMPLERS, SamplerInfo

FOLDER = Path(__file__).parents[1] / "docs" / "concepts"
PAGE = "samplers.md"
START, END = "<!-- table: written by scripts/plot_samplers.py -->", "<!-- end of table -->"
SIGMA_MAX, SIGMA_MIN = 10.0, 0.2
COUNTS = (6, 12, 24, 48, 96, 192)
QUIET = {"eta": 0.0, "tau": 0.0, "scale": "ode", "times": 0}
LEFT_OUT = {"LCM", "DDPM", "DPM adaptive"}  # no ODE to converge to, or no step count


class NoNoise:
    """A noise source for samplers that must not ask."""

    def next(self) -> Tensor:
        """Refuse."""
        raise AssertionError("noise was drawn")

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Refuse."""
        raise AssertionError(f"noise was drawn from {sigma} to {sigma_next}")


def sampler_files() -> Mapping[str, str]:
    """Return file name -> text of every plot and of the page with its table."""
    page = (FOLDER / PAGE).read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    names = [info.name for info in SAMPLERS if info.name not in LEFT_OUT]
    few = ("Euler", "Heun", "DPM++ 2M", "DEIS", "LMS", "SEEDS-3", "SA-Solver")
    upstream = [
        _curve("IPNDM_V", "IPNDM_V", {}),
        _curve("IPNDM_V", "IPNDM_V, compat", {"compat": True}),
        _curve("DPM++ 3M SDE", "DPM++ 3M, eta 0", {}),
        _curve("DPM++ 3M SDE", "DPM++ 3M, exact", {"exact": True}),
    ]
    return {
        "samplers-all.svg": svg_text(
            small_multiples([_curve(name, name, {}) for name in names], _axes("Without noise"))
        ),
        "samplers-few.svg": svg_text(
            line_chart([_curve(name, name, {}) for name in few], _axes("Error against steps"))
        ),
        "samplers-upstream.svg": svg_text(
            line_chart(upstream, _axes("As published, and put right"))
        ),
        PAGE: f"{before}{START}\n{_table(SAMPLERS)}{END}{after}",
    }


def _axes(title: str) -> Axes:
    return Axes(title=title, x_label="steps", y_label="error", log_x=True, log_y=True)


def _data() -> tuple[GaussianMixture, Tensor]:
    means = torch.tensor([[1.5, 0.0], [-0.8, 1.2], [-0.5, -1.4]], dtype=torch.float64)
    generator = torch.Generator().manual_seed(5)
    start = torch.randn((6, 2), generator=generator, dtype=torch.float64) * SIGMA_MAX
    return GaussianMixture(means=means, spread=0.6), start


def _levels(steps: int) -> Tensor:
    u = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    levels: Tensor = (SIGMA_MAX ** (1 / 7) + u * (SIGMA_MIN ** (1 / 7) - SIGMA_MAX ** (1 / 7))) ** 7
    return levels


def _end(name: str, steps: int, options: Mapping[str, object]) -> Tensor:
    denoise, x = _data()
    for step in get(name).steps(denoise, x, _levels(steps), NoNoise(), **options):
        x = step.x
    return x


@cache
def _exact_end() -> Tensor:
    return _end("SEEDS-3", 2000, {"eta": 0.0})


def _curve(name: str, label: str, options: Mapping[str, object]) -> Curve:
    """Return the error against the step count; SEEDS-3 at 2000 steps is exact to 1e-10."""
    known = {info.name for info in get(name).info.option_infos}
    options = {key: value for key, value in QUIET.items() if key in known} | dict(options)
    exact = _exact_end()
    errors = [
        float((_end(name, count, options) - exact).square().mean().sqrt()) for count in COUNTS
    ]
    return Curve(name=label, x=tuple(map(float, COUNTS)), y=tuple(errors))


def _table(infos: Sequence[SamplerInfo]) -> str:
    rows = ["| sampler | other names | Automatic | order | calls | noise | source |"]
    rows.append("|---|---|---|---|---|---|---|")
    for info in infos:
        noise = "" if not info.stochastic else "Brownian" if info.brownian else "fresh"
        names = ", ".join(f"`{alias}`" for alias in info.aliases)
        automatic = "its own" if info.timesteps else info.schedule.value
        cells = (info.name, names, automatic, info.order, info.calls_per_step, noise, info.source)
        rows.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join([*rows, ""])


def main() -> None:
    """Write or check the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    torch.set_num_threads(1)
    stale = []
    for name, text in sampler_files().items():
        target = FOLDER / name
        if check and (not target.exists() or target.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            target.write_text(text, encoding="utf-8")
            print(target)
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run python scripts/plot_samplers.py")


if __name__ == "__main__":
    main()
