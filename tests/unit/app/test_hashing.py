"""Hashes computed beside the drawing, and put into what is saved."""

import hashlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from irodori.app.hashing import hashing, with_identities
from irodori.app.models import ChosenModel
from irodori.catalog.hashes import FileHashes, HashCache, file_hashes
from irodori.recipe.parts import FileIdentity, Model, Noise
from irodori.recipe.passes import Hires, Overrides
from irodori.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    recipe: Recipe
    pixels: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    notes: tuple[str, ...] = ()


def model(path: Path, cache: Path, compute=file_hashes) -> ChosenModel:
    hashes = HashCache(cache, compute)
    return ChosenModel(path=path, title=path.stem, card={}, hashes=hashes)


@pytest.fixture
def files(tmp_path):
    made = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for path in made:
        path.write_bytes(b"\2" + bytes(7) + b"{}" + path.stem.encode())
    return made


def recipe_of(main: FileIdentity, second: FileIdentity) -> Recipe:
    return Recipe(
        prompt="1girl",
        noise=Noise(seed=1),
        model=Model(file=main),
        hires=Hires(own=Overrides(checkpoint=second)),
    )


def test_hashes_are_computed_beside_the_drawing_and_remembered(tmp_path, files):
    go_on, cache = threading.Event(), tmp_path / "hashes.json"

    def slowly(path: Path) -> FileHashes:
        assert go_on.wait(30)
        return file_hashes(path)

    models = [model(path, cache, slowly) for path in files]
    names = [each.identity(later=True) for each in models]
    assert [(each.name, each.sha256) for each in names] == [("a", ""), ("b", "")]
    recipe = recipe_of(*names)
    with hashing(models) as hashes:  # does not wait: the file is still being read
        go_on.set()
        (picture,) = hashes.completed([Picture(recipe=recipe)])
    wanted = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert picture.recipe.model.file.sha256 == wanted[0]
    assert picture.recipe.hires.own.checkpoint.sha256 == wanted[1]
    expected = recipe_of(*(replace(n, sha256=w) for n, w in zip(names, wanted, strict=True)))
    assert picture.recipe == expected
    again = [each.identity(later=True) for each in models]
    assert [each.sha256 for each in again] == wanted


def test_a_file_that_goes_away_keeps_its_name_and_a_note_says_so(tmp_path, files):
    chosen = model(files[0], tmp_path / "hashes.json")
    recipe = recipe_of(chosen.identity(later=True), FileIdentity(name="b"))
    files[0].unlink()
    (tmp_path / "hashes.json").unlink(missing_ok=True)
    again = replace(chosen, hashes=HashCache(None))
    with hashing([again]) as hashes:
        (picture,) = hashes.completed([Picture(recipe=recipe)])
    assert picture.recipe == recipe
    assert "the hash of 'a' is not recorded" in picture.notes[0]


def test_only_what_is_named_is_put_in_place():
    one, other = FileIdentity(name="a"), FileIdentity(name="a", sha256="0" * 64)
    recipe = recipe_of(one, FileIdentity(name="b"))
    changed = with_identities(recipe, {one: other})
    assert changed.model.file == other
    assert changed.hires == recipe.hires
    assert with_identities(recipe, {}) is recipe
