"""The measuring of practice P16: distances, verdicts, the page, and going on where it stopped."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
STEPS = (5, 8, 11, 15, 20, 28, 40, 60)


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("practice_samplers")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("practice_page")


def told(study: ModuleType, pages: ModuleType, **orders: float):
    """Return distances that fall with steps^-order, 1 at 5 steps; order 1 unless given."""
    rows = {}
    for row in study.ROWS:
        order = orders.get(row.name, 1.0)
        rows[row.name] = {
            steps: pages.Distances(median=(5 / steps) ** order, worst=2 * (5 / steps) ** order)
            for steps in STEPS
        }
    return pages.Measured(
        model="m", sha256="0" * 64, cfg_scale=5.0, pixels=128, pictures=16, floor=0.01, rows=rows
    )


def test_every_row_of_the_practice_that_can_be_measured_is() -> None:
    from irodori.recipe.samplers import SAMPLERS

    names = {info.name for info in SAMPLERS if info.practice} - {"LCM"}
    text = (BENCHMARKS / "practice_samplers.py").read_text()
    assert all(f'"{name}"' in text for name in names)


def test_distance_is_relative_to_the_limits_own_spread(study: ModuleType) -> None:
    limit = np.random.default_rng(1).standard_normal((3, 4, 8, 8)).astype(np.float32) * 5
    assert study.distances(limit, limit) == [0.0, 0.0, 0.0]
    assert study.distances(limit + 0.5, limit) == pytest.approx([0.1] * 3, rel=0.2)


def test_settled_means_from_there_on(pages: ModuleType) -> None:
    def found(*medians: float):
        return {
            steps: pages.Distances(median=median, worst=median)
            for steps, median in zip(STEPS, medians, strict=False)
        }

    assert pages.settled_at(found(0.5, 0.05, 0.2, 0.09, 0.01)) == 15
    assert pages.settled_at(found(0.05, 0.01)) == 5
    assert pages.settled_at(found(0.5, 0.3)) is None


def verdicts(pages: ModuleType, measured) -> dict[str, bool | None]:
    return {claim.words: claim.judge(measured.rows)[0] for claim in pages.CLAIMS}


def test_claims_can_be_confirmed_and_refused(study: ModuleType, pages: ModuleType) -> None:
    slow = verdicts(pages, told(study, pages))
    assert slow["DPM++ 2M Karras at 28 is enough"] is False
    assert slow["IPNDM Normal needs 40, best 60"] is True
    assert slow["IPNDM_V breaks above 40"] is False
    assert slow["DEIS SGM Uniform is the most stable"] is True
    fast = {"DPM++ 2M, Karras": 2.0, "IPNDM, Normal": 3.0, "DEIS, SGM Uniform": 0.1}
    quick = verdicts(pages, told(study, pages, **fast))
    assert quick["DPM++ 2M Karras at 28 is enough"] is True
    assert quick["IPNDM Normal needs 40, best 60"] is False
    assert quick["DEIS SGM Uniform is the most stable"] is False
    rising = {"IPNDM_V, Karras": -2.0, "IPNDM_V, Exponential": -2.0}
    assert verdicts(pages, told(study, pages, **rising))["IPNDM_V breaks above 40"] is True


def test_page_tells_numbers_verdicts_and_what_is_missing(
    study: ModuleType, pages: ModuleType
) -> None:
    measured = told(study, pages)
    text = pages.page(measured)
    assert "| DPM++ 2M, Karras | 1.000 | 0.625 |" in text
    assert "**confirmed**" in text
    assert "**not confirmed**" in text
    assert pages.Measured.from_json(measured.as_json()) == measured
    assert "circle" in pages.plot(measured)
    del measured.rows["DPM++ 2M, Karras"][28]
    assert "| open |" in pages.page(measured)
    assert "measured yet" in pages.page(None)
    assert pages.plot(None) is None
    for found in measured.rows.values():
        found.clear()
    assert "| open |" in pages.page(measured)
    assert "practice-samplers.svg" not in pages.page(measured)
    assert pages.plot(measured) is None


def test_a_run_goes_on_where_it_stopped_and_keeps_its_time(study: ModuleType) -> None:
    class Fake:
        def __init__(self) -> None:
            self.drawn: list[object] = []

        def has(self, cell) -> bool:
            return cell in self.drawn

        def draw(self, cell) -> None:
            self.drawn.append(cell)

    easel = Fake()
    easel.drawn = list(study.cells_in_order())[:20]
    assert study.draw_all(easel, seconds=60) == []
    everything = list(study.cells_in_order())
    assert easel.drawn == everything
    assert len(everything) == len(set(everything)) == 4 + len(STEPS) * len(study.ROWS)
    stopped = Fake()
    assert study.draw_all(stopped, seconds=-1) == everything
    assert stopped.drawn == []


def test_the_committed_page_is_what_its_data_say(study: ModuleType, pages: ModuleType) -> None:
    committed = (study.DOCS / "practice-samplers.md").read_text(encoding="utf-8")
    assert committed == pages.page(study.stored())
