"""The practice measured on the shipped model: what is drawn, and the page that came of it."""

import hashlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import irodori

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
PAGE = BENCHMARKS.parent / "docs" / "practice-measured.md"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType]]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield (
        importlib.import_module("practice_gallery"),
        importlib.import_module("practice_experiments"),
    )
    for name in ("practice_gallery", "practice_experiments"):
        sys.modules.pop(name)


def test_all_that_is_looked_at_is_listed_before(modules: tuple[ModuleType, ModuleType]) -> None:
    gallery, experiments = modules
    listing = gallery.Listing()
    sections = [experiment(listing) for experiment in experiments.EXPERIMENTS]
    wanted = list(listing.wanted)
    assert all(condition.count >= 64 for condition in wanted)
    assert len({condition.key for condition in wanted}) == len(wanted) > 90
    again = gallery.Listing()
    for experiment in experiments.EXPERIMENTS:
        experiment(again)
    assert list(again.wanted) == wanted
    assert len({section.title for section in sections}) == len(sections)


def test_a_gallery_judges_what_was_drawn(
    modules: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    gallery, _ = modules
    condition = gallery.Condition(prompt="1girl", width=16, height=8, count=3)
    pictures = np.zeros((3, 8, 16, 3), np.uint8)
    pictures[:, :, 8:] = 200
    np.save(gallery.picture_file(tmp_path, condition), pictures)

    class Brightness:
        def chances(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
            bright = pictures.mean((1, 2, 3)) > 150
            answers = len(gallery.ANSWERS["count"])
            return {"count": np.eye(answers, dtype=np.float32)[bright.astype(int)]}

    seen = gallery.Gallery(judge=Brightness(), folder=tmp_path)
    first, second = gallery.ANSWERS["count"][:2]
    assert seen.see(condition).share("count", first) == 1
    left, right = seen.halves(condition)
    assert (left.share("count", first), right.share("count", second)) == (1, 1)
    assert right.pictures.shape == (3, 8, 8, 3)


def test_the_page_is_whole_and_of_the_shipped_model(
    modules: tuple[ModuleType, ModuleType],
) -> None:
    _, experiments = modules
    text = PAGE.read_text(encoding="utf-8")
    asset = Path(irodori.__file__).parent / "assets" / "sumire.safetensors"
    assert hashlib.sha256(asset.read_bytes()).hexdigest()[:12] in text
    assert text.count("\n## ") == len(experiments.EXPERIMENTS)
    assert text.count("**Shown.**") + text.count("**Not shown.**") == len(experiments.EXPERIMENTS)
    assert "Not measured yet" not in text
