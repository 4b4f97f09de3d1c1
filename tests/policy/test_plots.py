"""The plots in the documentation are those that the code draws today."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name", ["sigma-schedules.svg", "sigma-schedules-practice.svg", "noise-levels.svg"]
)
def test_schedule_plots_are_current(name: str) -> None:
    plots = script("plot_schedules").schedule_plots()
    committed = (ROOT / "docs" / "concepts" / name).read_text(encoding="utf-8")
    assert plots[name] == committed, "run python scripts/plot_schedules.py"
