"""Hashes of model files, computed while the pictures are drawn.

The first time a file of 7 GB is drawn with, its sha256 takes longer than loading it. Recipes then
begin with the file's name alone, a thread reads the file beside the drawing, and what is saved has
the hash. It is remembered, so that happens once.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from irodori.app.models import ChosenModel
from irodori.app.outputs import Drawn
from irodori.errors import ModelFileError
from irodori.recipe.parts import FileIdentity
from irodori.recipe.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Value = TypeVar("Value")


class Noted(Drawn, Protocol):
    """A finished picture, and what a person should know of it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A finished picture whose recipe has the hashes; a `Noted`."""

    recipe: Recipe
    pixels: "NDArray[np.uint8]"
    notes: tuple[str, ...]


class Hashing:
    """The hashes that are being computed.

    Args:
        computed: what each model's identity will be, by the one it has without a hash.
    """

    def __init__(self, computed: Mapping[FileIdentity, "Future[FileIdentity]"]) -> None:
        self._computed = computed

    def completed(self, pictures: Sequence[Noted]) -> tuple[Completed, ...]:
        """Return pictures whose recipes have the hashes; waits until they are known.

        A file that can no longer be read keeps its name alone, and a note says so.
        """
        known: dict[FileIdentity, FileIdentity] = {}
        notes = []
        for unhashed, future in self._computed.items():
            try:
                known[unhashed] = future.result()
            except ModelFileError as error:
                notes.append(f"the hash of '{unhashed.name}' is not recorded: {error}")
        return tuple(
            Completed(
                recipe=with_identities(each.recipe, known),
                pixels=each.pixels,
                notes=(*each.notes, *notes),
            )
            for each in pictures
        )


@contextmanager
def hashing(models: Sequence[ChosenModel]) -> Iterator[Hashing]:
    """Yield what completes recipes with the hashes of models; computes those that are not known.

    Args:
        models: all that a job draws with.
    """
    unknown = {each.identity(later=True): each for each in models}
    wanted = [(identity, each) for identity, each in unknown.items() if not identity.sha256]
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hashing")
    try:
        yield Hashing({identity: pool.submit(each.identity) for identity, each in wanted})
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def with_identities(value: Value, known: Mapping[FileIdentity, FileIdentity]) -> Value:
    """Return a recipe, or a part of one, with other identities of files put in place of these."""
    if not known:
        return value
    return cast("Value", _replaced(value, known))  # what comes back is of the type that went in


def _replaced(value: object, known: Mapping[FileIdentity, FileIdentity]) -> object:
    if isinstance(value, FileIdentity):
        return known.get(value, value)
    if isinstance(value, tuple):
        return tuple(_replaced(each, known) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        field.name: changed
        for field in fields(value)
        if (changed := _replaced(own := getattr(value, field.name), known)) != own
    }
    return replace(value, **changes) if changes else value
