"""Names, folders and rows of saved pictures."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from irodori.app.config import Config, read_config
from irodori.app.output_names import FIELDS, Named, Patterns, harmless, paths
from irodori.app.outputs import Destination, save_pictures
from irodori.errors import InputError, OutputError
from irodori.recipe import FileIdentity, Img2Img, Model, Noise, Recipe
from irodori.recipe.lineage import Step, lineage_of
from irodori.recipe.picture import read_metadata
from irodori.store.database import database_path, open_database
from irodori.store.outputs import find, recipe_of
from irodori.store.scan import rebuild

MOMENT = datetime(2026, 11, 23, 9, 5, 7, tzinfo=UTC)
RECIPE = Recipe(
    prompt="1girl, (red hair:1.2), <lora:x:1>, smile",
    noise=Noise(seed=42),
    software="irodori 0.1.0",
    model=Model(file=FileIdentity(name="sumire", sha256="ab" * 32)),
)


@dataclass(frozen=True)
class Picture:
    recipe: Recipe
    pixels: np.ndarray


def picture(recipe: Recipe = RECIPE) -> Picture:
    return Picture(recipe, np.zeros((16, 24, 3), np.uint8))


def first(outputs: Path, patterns: Patterns, recipe: Recipe = RECIPE) -> str:
    named = Named(recipe=recipe, id="0123456789ab", moment=MOMENT)
    return next(paths(outputs, patterns, named)).relative_to(outputs).as_posix()


def test_numbers_go_on_from_the_highest(tmp_path: Path) -> None:
    assert first(tmp_path, Patterns()) == "txt2img-images/2026-11-23/00000-42.png"
    folder = tmp_path / "txt2img-images" / "2026-11-23"
    folder.mkdir(parents=True)
    for name in ("00041-7.png", "00007-9.png", "notes.txt", ".irodori-x.png"):
        (folder / name).write_text("")
    assert first(tmp_path, Patterns()).endswith("/00042-42.png")
    (folder / "a 00050 b.png").write_text("")
    assert first(tmp_path, Patterns(name="a [number] [seed]")).endswith("/a 00051 42.png")


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("[date<%Y>]/[date<%m>]", "[seed]", "2026/11/42.png"),
        ("", "[model_name]_[model_hash]", "sumire_ababababab.png"),
        ("[model_name]", "[prompt_words<3>]", "sumire/1girl red hair.png"),
        ("x", "[datetime]-[steps]-[cfg]", "x/20261123090507-28-5.png"),
        ("x", "[sampler_scheduler] [width]x[height]", "x/DPM++ 2M Karras 832x1216.png"),
        ("x", "[id] [batch_number] of [batch_size]", "x/0123456789ab 1 of 1.png"),
        ("[kind]", "[denoising]x", "txt2img-images/x.png"),
    ],
)
def test_patterns(tmp_path: Path, folder: str, name: str, expected: str) -> None:
    assert first(tmp_path, Patterns(folder=folder, name=name)) == expected


def test_every_field_fills(tmp_path: Path) -> None:
    for name in FIELDS:
        assert first(tmp_path, Patterns(folder=f"[{name}]", name=f"[{name}] x"))


def test_img2img_goes_into_its_own_folder(tmp_path: Path) -> None:
    recipe = replace(RECIPE, img2img=Img2Img())
    assert first(tmp_path, Patterns(), recipe).startswith("img2img-images/")


def test_a_taken_name_without_a_number_gets_one(tmp_path: Path) -> None:
    patterns = Patterns(folder="", name="[seed]")
    (tmp_path / "42.png").write_text("")
    assert first(tmp_path, patterns) == "42-1.png"


@pytest.mark.parametrize(
    "pattern",
    [
        {"name": "[sede]"},
        {"folder": "../elsewhere"},
        {"folder": "/etc"},
        {"name": "a/b"},
        {"name": ""},
        {"suffix": ".exe"},
    ],
)
def test_patterns_that_lead_out_or_mean_nothing_are_refused(pattern: dict[str, str]) -> None:
    with pytest.raises(InputError):
        Patterns(**pattern)


@settings(deadline=None)
@given(
    prompt=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
    | st.sampled_from(
        ["../../etc/passwd", "..", ".", "/etc/passwd", "C:\\x", "con", "a\n/../../b", "~root/x"]
    )
)
def test_no_prompt_leads_out_of_the_folder(prompt: str) -> None:
    if not prompt.strip():
        return
    outputs = Path("/nowhere/outputs")
    recipe = replace(
        RECIPE, prompt=prompt, model=Model(file=FileIdentity(name=f"../../{prompt[:40]}"))
    )
    patterns = Patterns(folder="[prompt]/[model_name]", name="[prompt]")
    path = next(paths(outputs, patterns, Named(recipe=recipe, id="a", moment=MOMENT)))
    parts = path.relative_to(outputs).parts
    assert len(parts) == 3
    assert ".." not in parts
    assert all(len(part.encode()) <= 255 for part in parts)


@pytest.mark.parametrize("text", ["", " ", "..", "con", "CON.txt", "lpt1", "a. ", "?*"])
def test_parts_of_paths_are_harmless(text: str) -> None:
    safe = harmless(text)
    assert safe.strip(" .") == safe != ""
    assert harmless(safe) == safe


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    config = Config(outputs=tmp_path / "outputs", patterns=Patterns(folder="link", name="[seed]"))
    (tmp_path / "elsewhere").mkdir()
    config.outputs.mkdir()
    (config.outputs / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="outside the outputs folder"):
        save_pictures((picture(),), Destination(), config, MOMENT)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_patterns_come_from_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('picture-folder = "[date]"\npicture-name = "[seed]"\npicture-format = "webp"\n')
    assert read_config(path).patterns == Patterns(folder="[date]", name="[seed]", suffix=".webp")
    path.write_text('picture-name = "[nubmer]"\n')
    with pytest.raises(InputError, match="nearest is 'number'"):
        read_config(path)
    path.write_text("picture-name = 5\n")
    with pytest.raises(InputError, match="must be a text"):
        read_config(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif"])
def test_what_is_saved_is_in_the_history_and_in_the_file(tmp_path: Path, suffix: str) -> None:
    config = Config(outputs=tmp_path, patterns=Patterns(suffix=suffix))
    (one,) = save_pictures((picture(),), Destination(), config, MOMENT)
    changed = picture(replace(RECIPE, prompt="1girl, blue hair"))
    (two,) = save_pictures((changed,), Destination(parent=one.id), config, MOMENT)
    assert (two.parent, two.step) == (one.id, Step.EDIT)
    with open_database(tmp_path) as db:
        row = find(db, two.id)
        assert (row.path, row.parent, row.step) == (two.path, one.id, Step.EDIT)
        assert recipe_of(db, row) == changed.recipe
        assert row.number == int(MOMENT.timestamp() * 1_000_000) + 1
        rebuild(db)
        assert find(db, two.id) == row
        assert recipe_of(db, row) == changed.recipe
    lineage = lineage_of(read_metadata(two.path))
    assert lineage is not None
    assert (lineage.id, lineage.parent, lineage.step) == (two.id, one.id, Step.EDIT)


def test_a_named_file_is_recorded_and_not_replaced(tmp_path: Path) -> None:
    config = Config(outputs=tmp_path / "outputs")
    out = tmp_path / "mine.png"
    (saved,) = save_pictures((picture(),), Destination(out=out), config, MOMENT)
    assert saved.path == out
    with pytest.raises(OutputError, match="exists"):
        save_pictures((picture(),), Destination(out=out), config, MOMENT)
    with open_database(config.outputs) as db:
        assert find(db, saved.id).path == out
        assert db.rows("SELECT * FROM saves") == []
        assert rebuild(db).read == 1
    database_path(config.outputs).unlink()
    with open_database(config.outputs) as db:
        assert rebuild(db).read == 1
        assert find(db, saved.id).path == out


def test_a_damaged_history_keeps_no_picture_from_being_saved(tmp_path: Path) -> None:
    config = Config(outputs=tmp_path)
    database_path(tmp_path).parent.mkdir()
    database_path(tmp_path).write_bytes(b"this is no database" * 500)
    (saved,) = save_pictures((picture(),), Destination(), config, MOMENT)
    assert "irodori history rebuild" in saved.problem
    with Image.open(saved.path) as opened:
        assert opened.size == (24, 16)
