"""`irodori history` on pictures that were saved, without a model."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.app.config import Config
from irodori.app.outputs import Destination, Saved, save_pictures
from irodori.cli.main import root
from irodori.errors import InputError
from irodori.recipe import Noise, Recipe

MOMENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Picture:
    recipe: Recipe
    pixels: np.ndarray


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Saved]:
    """A first picture, a chain of two from it, and a branch beside."""
    path = tmp_path / "config.toml"
    path.write_text(f'outputs = "{tmp_path / "pictures"}"\n')
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    config = Config(outputs=tmp_path / "pictures")
    first = Recipe(prompt="1girl, city, dark", noise=Noise(seed=1), software="irodori 0.1.0")
    found: dict[str, Saved] = {}

    def save(name: str, recipe: Recipe, parent: str) -> None:
        drawn = Picture(recipe, np.full((32, 48, 3), 40 * len(found), np.uint8))
        destination = Destination(parent=found[parent].id if parent else "")
        later = MOMENT + timedelta(minutes=len(found))
        (found[name],) = save_pictures((drawn,), destination, config, later)

    save("first", first, "")
    save("branch", replace(first, prompt="1girl, city, (dark:0.5)"), "first")
    save("second", replace(first, prompt="1girl, dark, (dutch angle:0.3)"), "first")
    save(
        "third",
        replace(first, prompt="1girl, dark, (dutch angle:0.3)", noise=Noise(seed=2)),
        "second",
    )
    return found


def run(*arguments: str) -> str:
    result = CliRunner().invoke(root, ["history", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_tree_shows_lanes_and_what_changed(saved: dict[str, Saved]) -> None:
    ids = {name: each.id[:8] for name, each in saved.items()}
    assert run("tree", ids["branch"]).splitlines() == [
        f"● {ids['first']} first",
        "│ 1girl, city, dark",
        f"├─● {ids['branch']} edit",
        "│   dark 1.0 -> 0.5",
        f"● {ids['second']} edit",
        "│ + dutch angle 0.3",
        "│ - city",
        f"● {ids['third']} seed",
        "  seed 1 -> 2",
    ]


def test_difference_of_any_two(saved: dict[str, Saved]) -> None:
    said = run("diff", saved["branch"].id, saved["third"].id).splitlines()
    assert said == ["dark 0.5 -> 1.0", "+ dutch angle 0.3", "- city", "seed 1 -> 2"]
    rows = json.loads(run("diff", saved["first"].id, "last", "--json"))
    assert {row["name"] for row in rows} == {"dutch angle", "city", "seed"}


def test_log_search_star_and_note(saved: dict[str, Saved]) -> None:
    assert [line[:8] for line in run("log").splitlines()] == [
        saved[name].id[:8] for name in ("third", "second", "branch", "first")
    ]
    run("star", saved["branch"].id[:6])
    run("note", "last", "hands", "are", "odd")
    assert [row["id"] for row in json.loads(run("log", "--starred", "--json"))] == [
        saved["branch"].id
    ]
    assert [row["id"] for row in json.loads(run("search", "hands are", "--json"))] == [
        saved["third"].id
    ]
    assert [
        row["id"] for row in json.loads(run("search", "tag:city,", "is:starred", "--json"))
    ] == [saved["branch"].id]
    run("star", saved["branch"].id, "--off")
    assert run("log", "--starred") == ""
    shown = json.loads(run("show", "last", "--json"))
    assert shown["note"] == "hands are odd"
    assert [change["text"] for change in shown["changes"]] == ["seed 1 -> 2"]
    assert "hands are odd" in run("show", "last")


def test_contact_sheets(saved: dict[str, Saved], tmp_path: Path) -> None:
    saved["branch"].path.unlink()
    page, sheet = tmp_path / "tree.html", tmp_path / "tree.png"
    run("tree", "--html", str(page), "--png", str(sheet))
    text = page.read_text()
    assert text.count("data:image/webp;base64,") == 3
    assert text.count("the file is gone") == 1
    assert "+ dutch angle 0.3" in text
    with Image.open(sheet) as picture:
        assert picture.width > 400
        assert picture.height > 4 * 80
    with pytest.raises(Exception, match="exists"):
        run("tree", "--html", str(page))


def test_prompts_do_not_become_markup(saved: dict[str, Saved], tmp_path: Path) -> None:
    config = Config(outputs=saved["first"].path.parents[2])
    recipe = Recipe(prompt="<script>alert(1)</script>, [red]x[/red]", noise=Noise(seed=1))
    drawn = Picture(recipe, np.zeros((8, 8, 3), np.uint8))
    save_pictures((drawn,), Destination(), config, MOMENT + timedelta(days=1))
    page = tmp_path / "tree.html"
    run("tree", "last", "--html", str(page))
    assert "<script" not in page.read_text()
    assert "[red]x[/red]" in run("tree", "last")


def test_rebuild_tells_what_is_damaged(saved: dict[str, Saved]) -> None:
    damaged = saved["branch"].path
    damaged.write_bytes(damaged.read_bytes()[:40])
    result = CliRunner().invoke(root, ["history", "rebuild"], catch_exceptions=False)
    assert "3 pictures read" in result.stdout
    assert "1 could not be read" in result.stdout
    assert str(damaged) in result.stderr
    assert "as before" in run("rebuild", "--changed")


def test_folders(saved: dict[str, Saved], tmp_path: Path) -> None:
    other = tmp_path / "forge"
    other.mkdir()
    Image.new("RGB", (16, 16)).save(other / "x.png")
    assert "1 pictures read" in run("add-folder", str(other))
    assert str(other) in run("folders")
    assert "1 pictures" in run("remove-folder", str(other))
    with pytest.raises(InputError, match="not indexed"):
        run("remove-folder", str(other))


def test_what_is_not_there_is_named(saved: dict[str, Saved]) -> None:
    with pytest.raises(InputError, match="no picture 'ffffff'"):
        run("show", "ffffff")
