"""A picture file enlarged without drawing; its recipe goes along and says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from irodori.app.config import Config
from irodori.app.library import Library
from irodori.app.outputs import Destination, save_pictures
from irodori.errors import OutputError, PictureFileError, RecipeError
from irodori.recipe.embed import FORMATS
from irodori.recipe.info import read_picture
from irodori.recipe.passes import Upscale
from irodori.recipe.recipe import Recipe
from irodori.store.files import inside, is_taken, write_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER: Final = "extras-images"
"""Where pictures go that do not say how they were drawn; A1111's name."""

_TRIES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UpscaleRequest:
    """What a person asked for.

    Attributes:
        file: the picture.
        scale: factor on width and height, 1 to 8.
        upscaler: its name.
        out: the file to write; None is the next free name in the outputs folder.
        parent: id of the picture in the history, or "".
    """

    file: Path
    scale: float
    upscaler: str
    out: Path | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlarged:
    """An enlarged picture on the disk.

    Attributes:
        path: its file.
        recipe: what drew and enlarged it; None where the picture did not tell.
    """

    path: Path
    recipe: Recipe | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Larger:
    """Pixels with the recipe they are saved with; an `outputs.Drawn`."""

    recipe: Recipe
    pixels: "NDArray[np.uint8]"


def upscale(
    request: UpscaleRequest,
    config: Config,
    moment: datetime,
    *,
    tell: Callable[[Any], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> Enlarged | None:
    """Enlarge a picture and save it; None when it was cancelled.

    Raises:
        InputError: no picture, no such upscaler, or a scale out of range.
        ModelFileError: the upscaler's file cannot be read.
        OutputError: the file cannot be written.
    """
    from irodori.runtime.events import Listener, ModelReady
    from irodori.runtime.upscaling import open_for_file, upscale_file

    part = Upscale(upscaler=request.upscaler, scale=request.scale)
    library = Library(config)
    begun = perf_counter()
    opened = open_for_file(
        library.upscaler, part.upscaler, device=config.device, threads=config.threads
    )
    tell(ModelReady(name=opened.name, seconds=perf_counter() - begun))
    recipe = _recipe_of(request.file, part)
    listener = Listener(tell=tell, cancelled=cancelled)
    pixels = upscale_file(request.file, opened, part.scale, listener)
    if pixels is None:
        return None
    if recipe is None:
        return Enlarged(path=_saved_plain(pixels, request, config), recipe=None)
    destination = Destination(out=request.out, parent=request.parent)
    (saved,) = save_pictures([_Larger(recipe=recipe, pixels=pixels)], destination, config, moment)
    return Enlarged(path=saved.path, recipe=recipe)


def _recipe_of(file: Path, part: Upscale) -> Recipe | None:
    """Return the recipe in a picture with the enlargement added; None where it tells none."""
    try:
        recipe = read_picture(file).recipe
    except (
        PictureFileError
    ):  # a format without metadata; whether it is a picture is asked elsewhere
        return None
    if recipe is None:
        return None
    before = recipe.upscale
    if before is None:
        return replace(recipe, upscale=part)
    try:
        return replace(recipe, upscale=replace(part, scale=part.scale * before.scale))
    except RecipeError:  # more than a recipe can say
        return replace(recipe, upscale=part)


def _saved_plain(pixels: "NDArray[np.uint8]", request: UpscaleRequest, config: Config) -> Path:
    """Save a picture that has no recipe, under its own name with the factor."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    for path in _names(request, config):
        kind = FORMATS.get(path.suffix.lower())
        if kind is None:
            raise OutputError(
                f"cannot write pictures ending in '{path.suffix}'; use one of {', '.join(FORMATS)}"
            )
        flat = picture.convert("RGB") if kind == "JPEG" else picture
        try:
            write_whole(path, partial(flat.save, format=kind))
        except OutputError as error:
            if request.out is not None or not is_taken(error):
                raise
        else:
            return path
    raise OutputError(f"'{config.outputs / FOLDER}' has {_TRIES} pictures of this name already")


def _names(request: UpscaleRequest, config: Config) -> Iterator[Path]:
    if request.out is not None:
        yield request.out
        return
    stem = f"{request.file.stem}-x{request.scale:g}"
    for number in range(_TRIES):
        name = f"{stem}.png" if number == 0 else f"{stem}-{number}.png"
        yield inside(config.outputs, config.outputs / FOLDER / name)
