"""Drawing a picture again from its own metadata, and telling whether it came out the same."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from irodori import __version__
from irodori.app.config import Config
from irodori.app.doctor import examine
from irodori.app.doctor_findings import Effect, Finding, Place
from irodori.app.generate import Job
from irodori.app.given import NOTHING, Given, GivenPicture, finder_of, given_picture
from irodori.app.history import open_history
from irodori.app.library import with_networks
from irodori.app.models import choose_model
from irodori.app.outputs import Destination, known_id
from irodori.app.shelf import Shelf, open_shelf
from irodori.catalog.hashes import file_sha256
from irodori.errors import InputError, PictureFileError
from irodori.policy import check_recipe
from irodori.recipe.info import read_picture
from irodori.recipe.lineage import Step
from irodori.recipe.names import NoiseKind
from irodori.recipe.parts import SEED_MAX, Noise
from irodori.recipe.passes import SourcePicture
from irodori.recipe.picture import read_metadata
from irodori.recipe.recipe import Recipe
from irodori.store.outputs import find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawRequest:
    """What a person asked for.

    Args:
        reference: a picture's file, or its id in the history.
        model: a path or name in place of the picture's own model; None takes its own.
        noise: a source of noise in place of the picture's own; None takes its own.
        out: the file to write; None is the next free name in the outputs folder.
    """

    reference: str
    model: str | None = None
    noise: NoiseKind | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw:
    """A picture that can be drawn again.

    Args:
        job: its whole batch, which gives the same bits where a picture alone might not.
        index: which of the batch it is.
        original: its file.
        findings: the doctor's.
    """

    job: Job
    index: int
    original: Path
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A picture and the same drawn again.

    Args:
        bit_equal: every pixel is the same.
        psnr: peak signal-to-noise ratio in dB, infinite where equal; None where sizes differ.
        original_size: width and height.
        size: width and height of the new one.
    """

    bit_equal: bool
    psnr: float | None
    original_size: tuple[int, int]
    size: tuple[int, int]

    def __str__(self) -> str:
        if self.psnr is None:
            sizes = ["x".join(map(str, size)) for size in (self.original_size, self.size)]
            return f"bit-equal: no, its size is {sizes[1]}, not {sizes[0]}"
        if self.bit_equal:
            return "bit-equal: yes"
        return f"bit-equal: no, PSNR {self.psnr:.1f} dB"


def locate(reference: str, config: Config, moment: datetime) -> tuple[Path, str]:
    """Return the file that a person means, and its id in the history or "".

    Raises:
        InputError: there is no such file or picture.
        StoreError: it is no file, and the history cannot be read.
    """
    path = Path(reference).expanduser()
    if path.is_file():
        return path, known_id(path, config)
    with open_history(config, moment) as db:
        output = find(db, reference)
    return output.path, output.id


def prepare_redraw(request: RedrawRequest, config: Config, moment: datetime) -> Redraw:
    """Return the job that draws a picture again; PyTorch is not loaded.

    Raises:
        InputError: there is no such picture, it has no recipe, or its model is not here.
        PictureFileError: its file cannot be read.
        PolicyError: the content policy refuses the prompt.
    """
    path, identity = locate(request.reference, config, moment)
    info = read_picture(path)
    shelf = open_shelf(config)
    findings = examine(info, place_of(path, shelf, config))
    if info.recipe is None:
        raise InputError(f"{path}: {findings[0].why}")
    model = choose_model(request.model or str(model_path(info.recipe, shelf)), config)
    recipe = replace(
        info.recipe,
        model=replace(info.recipe.model, file=model.identity()),
        software=f"irodori {__version__}",
    )
    check_recipe(recipe, config.rating_ceiling)
    recipe = with_networks(recipe, shelf.library)
    if request.noise is not None:
        recipe = replace(recipe, noise=replace(recipe.noise, kind=request.noise))
    noise = recipe.noise
    job = Job(
        model=model,
        recipes=tuple(replace(recipe, noise=each) for each in _batch(noise)),
        destination=Destination(out=request.out, parent=identity, step=Step.REDRAW),
        given=Given(pictures=tuple(sources_of(recipe, path, config))),
        notes=tuple(
            f"{finding.effect.words}: {finding.why}"
            for finding in findings
            if finding.effect > Effect.LOW_BITS and finding.code not in _overruled(request)
        ),
    )
    return Redraw(job=job, index=noise.batch_index, original=path, findings=findings)


def place_of(path: Path, shelf: Shelf, config: Config) -> Place:
    """Return what the doctor needs to know of this machine to judge a file."""
    return Place(
        shelf=shelf, has_source=lambda source: find_source(source, path.parent, config) is not None
    )


def find_source(source: SourcePicture, beside: Path, config: Config) -> Path | None:
    """Return the picture or mask that a recipe begins with: beside a picture, or in the outputs.

    Args:
        source: its name and hash; without a hash its name alone must fit.
        beside: the folder looked into first.
        config: has the outputs folder.
    """
    name = Path(source.name).name
    near = beside / name
    if name and near.is_file() and source.sha256 in ("", file_sha256(near)):
        return near
    try:
        return finder_of(NOTHING, config).picture(source)
    except InputError:
        return None


def compare(original: Path, pixels: "NDArray[np.uint8]") -> Comparison:
    """Return how a picture drawn again differs from its file.

    Args:
        original: the file.
        pixels: uint8 [H, W, 3] of the new one.

    Raises:
        PictureFileError: the file cannot be decoded.
    """
    import numpy as np
    from PIL import Image

    read_metadata(original)  # refuses bombs before a pixel is decoded
    try:
        with Image.open(original) as picture:
            before = np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureFileError(f"{original}: cannot be decoded: {error}") from error
    sizes = [(array.shape[1], array.shape[0]) for array in (before, pixels)]
    psnr: float | None = None
    if sizes[0] == sizes[1]:
        error_power = float(np.mean((before.astype(np.float64) - pixels) ** 2))
        psnr = math.inf if error_power == 0 else 10 * math.log10(255**2 / error_power)
    return Comparison(bit_equal=psnr == math.inf, psnr=psnr, original_size=sizes[0], size=sizes[1])


def sources_of(recipe: Recipe, path: Path, config: Config) -> Iterator[GivenPicture]:
    """Yield the pictures and masks that a recipe begins with, as far as they are found."""
    sources = [recipe.img2img.source] if recipe.img2img else []
    sources += [recipe.inpaint.mask] if recipe.inpaint else []
    for source in sources:
        found = find_source(source, path.parent, config)
        if found is not None:
            yield replace(given_picture(found), source=source)


def model_path(recipe: Recipe, shelf: Shelf) -> Path:
    """Return the file of the model that drew a recipe.

    Raises:
        InputError: it is not here, or a file of its name is another model.
    """
    wanted = recipe.model.file
    match = shelf.checkpoint(wanted)
    if match.path is None:
        raise InputError(
            f"the model '{wanted.title or 'that the picture does not name'}' is not in the "
            "configured folders; name one that is: --model FILE"
        )
    if wanted.short_hash and not match.is_sure:
        raise InputError(
            f"'{match.path.name}' here is another model than the picture's: its hash is "
            f"{match.found_hash}, the picture's {wanted.short_hash}; to draw with it all the same: "
            f"--model {match.path.stem}"
        )
    return match.path


def _batch(noise: Noise) -> Iterator[Noise]:
    """Yield the noise of every picture of a batch: seeds count up, as they were drawn."""
    fixed = noise.variation_strength > 0
    for index in range(noise.batch_size):
        step = index - noise.batch_index
        yield replace(
            noise,
            seed=noise.seed if fixed else (noise.seed + step) % (SEED_MAX + 1),
            variation_seed=(
                (noise.variation_seed + step) % (SEED_MAX + 1) if fixed else noise.variation_seed
            ),
            batch_index=index,
        )


def _overruled(request: RedrawRequest) -> frozenset[str]:
    """Return the codes of findings that the person has answered."""
    answered = {"model-not-stated", "model-missing", "model-differs"} if request.model else set()
    return frozenset(answered | ({"device-noise"} if request.noise else set()))
