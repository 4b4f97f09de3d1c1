"""Saving what was drawn: names, files, rows in the history."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from irodori.app.config import Config
from irodori.app.given import GivenPicture
from irodori.app.output_names import Named, paths
from irodori.errors import PictureFileError, StoreError
from irodori.recipe.lineage import ID_DIGITS, Lineage, Step, lineage_of, step_between
from irodori.recipe.picture import read_metadata
from irodori.recipe.recipe import Recipe
from irodori.store.database import Database, open_database
from irodori.store.files import HIDDEN, inside, write_whole
from irodori.store.outputs import Output, draw_id, find, find_ids, find_paths, recipe_of
from irodori.store.saving import NewOutput, open_store, save_output

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SOURCES: Final = "sources"
"""Where copies of pictures that recipes begin with lie, in the index's folder."""


class Drawn(Protocol):
    """A finished picture."""

    @property
    def recipe(self) -> Recipe:
        """What drew it."""

    @property
    def pixels(self) -> "NDArray[np.uint8]":
        """uint8 [H, W, 3]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A picture on the disk.

    Args:
        path: its file.
        recipe: what drew it.
        id: its id in the history.
        parent: id of the picture it was made from, or "".
        step: what was done to the parent; None for a first one.
        problem: why it is not in the history, for people; "" where it is.
    """

    path: Path
    recipe: Recipe
    id: str
    parent: str = ""
    step: Step | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where pictures go.

    Args:
        out: the file to write, for a single picture; None is the next free name.
        parent: id of the picture they are made from, or "".
        step: what was done to the parent; None finds it from the two recipes.
    """

    out: Path | None = None
    parent: str = ""
    step: Step | None = None


def save_pictures(
    pictures: Sequence[Drawn], destination: Destination, config: Config, moment: datetime
) -> tuple[Saved, ...]:
    """Write pictures with their recipes and put them into the history.

    Each file is whole or not there. A history that cannot be written never keeps a picture from
    being saved.

    Args:
        pictures: what was drawn.
        destination: where they go.
        config: has the outputs folder and the patterns of names.
        moment: when, in the person's time zone.

    Raises:
        OutputError: a file cannot be written.
    """
    problem = ""
    db: Database | None = None
    try:
        db = open_store(config.outputs, now=microseconds(moment))
    except StoreError as error:
        problem = str(error)
    with nullcontext() if db is None else db:
        shelf = _Shelf(
            db=db,
            config=config,
            moment=moment,
            destination=destination,
            parent=_parent_recipe(db, destination),
            problem=problem,
        )
        return tuple(_save(drawn, shelf) for drawn in pictures)


def keep_sources(pictures: Sequence[GivenPicture], config: Config) -> None:
    """Copy pictures that recipes begin with into the outputs folder, unless they are there.

    Without them a picture could not be drawn again once they are moved. They lie in the index's
    own folder, under their content's hash.

    Raises:
        OutputError: the folder cannot be written.
    """
    for picture in pictures:
        path = picture.path
        if path.resolve().is_relative_to(config.outputs.resolve()):
            continue
        kept = config.outputs / HIDDEN / SOURCES / picture.source.sha256[:16] / path.name
        if not kept.exists():
            write_whole(inside(config.outputs, kept), partial(_copy, path))


def find_parent(reference: str, config: Config, moment: datetime) -> Output:
    """Return the picture a person means as a parent.

    Raises:
        InputError: there is none.
        StoreError: the history cannot be read.
    """
    with open_store(config.outputs, now=microseconds(moment)) as db:
        return find(db, reference)


def known_id(path: Path, config: Config) -> str:
    """Return the id under which the history knows a file; "" where it does not."""
    try:
        lineage = lineage_of(read_metadata(path))
    except PictureFileError:  # a format that holds no metadata
        return ""
    try:
        with open_database(config.outputs) as db:
            ids = find_ids(db, () if lineage is None else (lineage.id,))
            known = (*find_paths(db, (path.absolute(),)), *ids)
    except StoreError:
        return ""
    return known[0].id if known else ""


def microseconds(moment: datetime) -> int:
    """Return a moment in microseconds since 1970, as the store counts."""
    return int(moment.timestamp() * 1_000_000)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """Where the pictures of one call go."""

    db: Database | None
    config: Config
    moment: datetime
    destination: Destination
    parent: Recipe | None
    problem: str


def _save(drawn: Drawn, shelf: _Shelf) -> Saved:
    from PIL import Image

    lineage = _lineage(drawn.recipe, shelf)
    picture = Image.fromarray(drawn.pixels)

    def write(path: Path) -> None:
        from irodori.recipe.embed import save_picture

        save_picture(picture, path, drawn.recipe, lineage=lineage)

    new = NewOutput(
        lineage=lineage,
        recipe=drawn.recipe,
        names=lambda: _names(drawn.recipe, lineage.id, shelf),
        write=write,
        now=microseconds(shelf.moment),
    )
    saved = save_output(shelf.db, new)
    return Saved(
        path=saved.path,
        recipe=drawn.recipe,
        id=lineage.id,
        parent=lineage.parent,
        step=lineage.step,
        problem=shelf.problem or str(saved.problem or ""),
    )


def _names(recipe: Recipe, identity: str, shelf: _Shelf) -> Iterator[Path]:
    out, config = shelf.destination.out, shelf.config
    if out is not None:
        return iter((out,))
    named = Named(recipe=recipe, id=identity, moment=shelf.moment)
    return paths(config.outputs, config.patterns, named)


def _lineage(recipe: Recipe, shelf: _Shelf) -> Lineage:
    destination = shelf.destination
    draw = secrets.token_hex
    identity = draw(ID_DIGITS // 2) if shelf.db is None else draw_id(shelf.db, draw)
    if not destination.parent:
        return Lineage(id=identity)
    step = destination.step
    if step is None:
        step = Step.EDIT if shelf.parent is None else step_between(shelf.parent, recipe)
    return Lineage(id=identity, parent=destination.parent, step=step)


def _parent_recipe(db: Database | None, destination: Destination) -> Recipe | None:
    if db is None or not destination.parent:
        return None
    return recipe_of(db, find(db, destination.parent))
