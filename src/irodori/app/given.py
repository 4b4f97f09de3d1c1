"""Files that a request names beside its model: pictures, masks, further checkpoints."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from irodori.app.config import Config
from irodori.app.library import Library
from irodori.app.models import ChosenModel, choose_model
from irodori.catalog.hashes import file_sha256
from irodori.catalog.record import model_name
from irodori.errors import InputError, PictureFileError
from irodori.recipe.codec import encode
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import SourcePicture

if TYPE_CHECKING:
    from irodori.runtime.finder import Finder

_ORIENTATION: Final = 0x0112
_TURNED: Final = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPicture:
    """A picture or mask that a person named.

    Attributes:
        path: its file.
        source: how recipes name it.
        width: upright, pixels.
        height: upright, pixels.
    """

    path: Path
    source: SourcePicture
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All files of a request beside its model.

    Attributes:
        pictures: to begin with, and masks.
        models: of later passes.
    """

    pictures: tuple[GivenPicture, ...] = ()
    models: tuple[ChosenModel, ...] = ()


NOTHING: Final = Given()
"""For requests that name their model only."""


def given_picture(path: Path) -> GivenPicture:
    """Return a picture file's identity and size; its pixels are not read.

    Raises:
        PictureFileError: missing, or no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION) in _TURNED
        sha256 = file_sha256(path)
    except Image.DecompressionBombError as error:
        raise PictureFileError(f"{path} is too large: {error}") from error
    except UnidentifiedImageError as error:
        raise PictureFileError(f"{path} is no picture that can be read") from error
    except OSError as error:
        raise PictureFileError(f"{path} cannot be read: {error.strerror or error}") from error
    size = (height, width) if turned else (width, height)
    source = SourcePicture(name=path.name, sha256=sha256)
    return GivenPicture(path=path, source=source, width=size[0], height=size[1])


def with_checkpoints(
    layer: Mapping[str, Any], config: Config, *, hash_later: bool = False
) -> tuple[dict[str, Any], tuple[ChosenModel, ...]]:
    """Return a partial recipe whose checkpoints of later passes are named in full.

    Args:
        layer: `checkpoint` of `refiner`, `hires.own` and every detailer's `own` may be a name or
            a path.
        config: has the folders.
        hash_later: leave out the hashes that are not remembered.

    Raises:
        UnknownNameError: there is no such model.
    """
    models: list[ChosenModel] = []

    def named(part: Any) -> Any:
        """Return a part with the checkpoint that it names as a text named in full."""
        if not isinstance(part, Mapping) or not isinstance(part.get("checkpoint"), str):
            return part
        models.append(choose_model(part["checkpoint"], config))
        return {**part, "checkpoint": encode(models[-1].identity(later=hash_later))}

    def with_own(part: Any) -> Any:
        own = isinstance(part, Mapping) and "own" in part
        return {**part, "own": named(part["own"])} if own else part

    result = dict(layer)
    for name, change in (("refiner", named), ("hires", with_own)):
        if name in result:
            result[name] = change(result[name])
    if isinstance(result.get("detailers"), Sequence):
        result["detailers"] = [with_own(each) for each in result["detailers"]]
    return result, tuple(models)


def finder_of(given: Given, config: Config) -> "Finder":
    """Return what finds a job's files: those given first, then the folders."""
    from irodori.runtime.finder import Finder

    library = Library(config)
    return Finder(
        model=lambda file: _model(file, given, config),
        picture=lambda source: _picture(source, given, config),
        network=library.network,
        autoencoder=lambda file: library.autoencoder(file.name),
        embeddings=lambda: library.embeddings,
        upscaler=library.upscaler,
        detector=library.detector,
    )


def _model(file: FileIdentity, given: Given, config: Config) -> Path:
    for model in given.models:
        if model_name(model.path) == file.name:
            return model.path
    return choose_model(file.name, config).path


def _picture(source: SourcePicture, given: Given, config: Config) -> Path:
    """Return the file of a picture by its content; without a hash, by its name."""
    for picture in given.pictures:
        if picture.source == source:
            return picture.path
    name = glob.escape(Path(source.name).name)  # foreign recipes may name anything
    candidates = [*config.outputs.rglob(name), *Path().glob(name)] if name else []
    for path in sorted(candidates):
        if not source.sha256 or file_sha256(path) == source.sha256:
            return path
    raise InputError(
        f"the recipe begins with the picture '{source.name}', which is neither given nor in "
        f"'{config.outputs}'"
    )
