"""What the index keeps about a picture file, read from the file alone."""

import hashlib
from pathlib import Path
from typing import Final

from irodori.errors import PictureFileError
from irodori.recipe.info import PictureInfo, read_picture
from irodori.recipe.lineage import ID_DIGITS, Lineage, lineage_of
from irodori.recipe.picture import read_metadata
from irodori.recipe.recipe import Recipe
from irodori.store.outputs import Entry

_SAMPLE: Final = 65_536


def describe(
    path: Path, *, made: int | None = None, drawn: tuple[Recipe, Lineage] | None = None
) -> Entry:
    """Return what the index keeps about a file.

    Args:
        path: the file, absolute.
        made: microseconds since 1970; None takes the file's time.
        drawn: its recipe and lineage where they are known; None reads them from the file.

    Raises:
        PictureFileError: it is no picture, damaged, or refused.
    """
    metadata = read_metadata(path)
    stat = path.stat()
    if drawn is None:
        info = read_picture(path, stealth=False)
        recipe, prompt, negative = info.recipe, info.prompt, info.negative_prompt
        source, seed = info.source.value, _stated(info, "Seed")
        lineage = lineage_of(metadata) or Lineage(id=content_id(path))
        model = info.recipe.model.file.name if info.recipe else _stated(info, "Model")
    else:
        recipe, lineage = drawn
        prompt, negative, source = recipe.prompt, recipe.negative_prompt, "irodori"
        seed, model = str(recipe.noise.seed), recipe.model.file.name
    return Entry(
        path=path,
        made=stat.st_mtime_ns // 1000 if made is None else made,
        width=metadata.width,
        height=metadata.height,
        bytes=stat.st_size,
        modified=stat.st_mtime_ns,
        source=source,
        prompt=_storable(prompt),
        negative_prompt=_storable(negative),
        model=_storable(model),
        seed=str(recipe.noise.seed) if recipe is not None else seed,
        recipe=recipe,
        lineage=lineage,
    )


def content_id(path: Path) -> str:
    """Return an id made from a file's size, first and last bytes: cheap, and the same elsewhere.

    Raises:
        PictureFileError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            digest = hashlib.sha256(f"{size} ".encode() + file.read(_SAMPLE))
            file.seek(max(size - _SAMPLE, 0))
            digest.update(file.read(_SAMPLE))
    except OSError as error:
        raise PictureFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()[:ID_DIGITS]


def _stated(info: PictureInfo, key: str) -> str:
    value = info.parameters.get(key, "")
    return value if len(value) <= 200 else ""


def _storable(text: str) -> str:
    """Return a text that SQLite takes: without halves of surrogate pairs and zeros."""
    return text.encode("utf-8", errors="replace").decode("utf-8").replace("\0", " ")
