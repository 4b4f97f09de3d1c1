"""From a request to pictures on the disk."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irodori import __version__
from irodori.app.config import Config
from irodori.app.given import NOTHING, Given, finder_of, with_checkpoints
from irodori.app.library import Library, with_networks
from irodori.app.models import ChosenModel, choose_model
from irodori.app.outputs import Destination, Drawn, Saved, keep_sources, save_pictures
from irodori.app.templates import fill_all, fill_each
from irodori.errors import RecipeError
from irodori.policy import check_recipe
from irodori.prompt import WildcardLibrary
from irodori.recipe.approximations import (
    COMPILE,
    FP8_WEIGHTS,
    INT8,
    values_of,
    with_approximations,
)
from irodori.recipe.parts import SEED_MAX, Approximation, Model
from irodori.recipe.presets import find_preset
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import overlay, resolve

if TYPE_CHECKING:
    from irodori.runtime.local import LocalExecutor


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """What a person asked for.

    Attributes:
        recipe: a partial recipe, in the shape of its JSON; must hold `prompt`.
        model: a path or name; None is the model that comes with Irodori.
        preset: a way of working; None is none.
        count: how many pictures, in one batch; picture i has the seed + i.
        combinations: draw every result of the prompt's variants and wildcards instead, with one
            seed, at most so many; None draws each picture's variants from its seed.
        out: the file to write; None is the next free name in the outputs folder.
        parent: id of the picture it is made from, or "".
        told: a partial recipe that a picture told of itself; preset and request stand above it.
        given: pictures that the recipe names.
        approximations: speed-ups asked for beside the configuration's; the later value wins.
        notes: what a person should know of how the request came to be.
    """

    recipe: Mapping[str, Any]
    model: str | None = None
    preset: str | None = None
    count: int = 1
    combinations: int | None = None
    out: Path | None = None
    parent: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    given: Given = NOTHING
    approximations: tuple[Approximation, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request made complete: nothing in it is left open.

    Attributes:
        model: the file that draws.
        recipes: one a picture.
        destination: where the pictures go, and from which they are made.
        given: files that the recipes name beside the model.
        notes: what will not be as the prompt says, for people.
    """

    model: ChosenModel
    recipes: tuple[Recipe, ...]
    destination: Destination
    given: Given
    notes: tuple[str, ...]


def prepare(request: GenerateRequest, config: Config, *, hash_later: bool = False) -> Job:
    """Return the complete job for a request; PyTorch is not loaded.

    Args:
        request: what was asked for.
        config: of this machine.
        hash_later: leave out the hashes of checkpoints that are not remembered; `hashing` computes
            them while the job is drawn.

    Raises:
        InputError: a name is not known, or a value does not fit.
        PolicyError: the content policy refuses the prompt.
        ModelFileError: the model's file cannot be read.
    """
    model = choose_model(request.model, config)
    asked, models = with_checkpoints(request.recipe, config, hash_later=hash_later)
    recipe = resolve(
        asked,
        draw_seed=secrets.randbelow,
        preset=find_preset(request.preset).layer if request.preset else None,
        profile=overlay(model.defaults(), request.told),
    )
    library = Library(config)
    recipe = replace(
        with_approximations(recipe, _approximations(request, config)),
        detailers=tuple(
            replace(each, model=library.detector_name(each.model)) for each in recipe.detailers
        ),
        model=Model(
            file=model.identity(later=hash_later),
            prediction=recipe.model.prediction,
            noise_schedule=recipe.model.noise_schedule,
            vae=library.autoencoder_identity(recipe.model.vae),
        ),
        software=f"irodori {__version__}",
        notes=(),
    )
    recipes, problems = _pictures(recipe, request, WildcardLibrary(config.wildcards))
    for each in recipes:
        check_recipe(each, config.rating_ceiling)
    recipes = tuple(with_networks(each, library) for each in recipes)
    if request.out is not None and len(recipes) != 1:
        raise RecipeError("--out names one file; leave it out to draw several pictures")
    return Job(
        model=model,
        recipes=recipes,
        destination=Destination(out=request.out, parent=request.parent),
        given=replace(request.given, models=(*request.given.models, *models)),
        notes=(*request.notes, *problems, *_notes(recipes)),
    )


def save(
    pictures: Sequence[Drawn], job: Job, config: Config, moment: datetime
) -> tuple[Saved, ...]:
    """Write drawn pictures with their recipes, and put them into the history.

    Args:
        pictures: what `LocalExecutor.draw` gave.
        job: the job they belong to.
        config: where outputs go.
        moment: when, in the person's time zone.

    Raises:
        OutputError: a file cannot be written.
    """
    keep_sources(job.given.pictures, config)
    return save_pictures(pictures, job.destination, config, moment)


def open_executor(job: Job, config: Config, tell: Callable[[Any], None]) -> "LocalExecutor":
    """Return what draws a job; loads PyTorch and the model.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        RecipeError: a speed-up's value is out of range.
    """
    from irodori.runtime.local import LocalExecutor
    from irodori.runtime.plans import MemoryWishes

    asked = {name for recipe in job.recipes for name in values_of(recipe)}
    return LocalExecutor(
        job.model.path,
        device=config.device,
        threads=config.threads,
        tell=tell,
        finder=finder_of(job.given, config),
        wishes=MemoryWishes(
            dtype=config.dtype,
            vram=config.vram,
            plan=config.memory_plan,
            fp8=config.fp8 or FP8_WEIGHTS in asked,
            int8=INT8 in asked,
            compiled=COMPILE in asked,
            others=config.models_memory,
        ),
    )


def _approximations(request: GenerateRequest, config: Config) -> tuple[Approximation, ...]:
    """Return the speed-ups to lay over a recipe; one that lists its own is not the owner's."""
    listed = "approximations" in (request.recipe.get("numerics") or {})
    return (*(() if listed else config.approximate), *request.approximations)


def _pictures(
    recipe: Recipe, request: GenerateRequest, wildcards: WildcardLibrary
) -> tuple[tuple[Recipe, ...], tuple[str, ...]]:
    """Return one recipe a picture with its variants and wildcards drawn, and what went wrong."""
    if request.combinations is None:
        count = request.count
        return fill_each([_picture(recipe, i, count) for i in range(count)], wildcards)
    if request.count != 1:
        raise RecipeError("combinations have one picture each; give a batch or combinations")
    recipes, problems = fill_all(recipe, wildcards, most=request.combinations)
    placed = [
        replace(each, noise=replace(each.noise, batch_size=len(recipes), batch_index=i))
        for i, each in enumerate(recipes)
    ]
    return tuple(placed), problems


def _picture(recipe: Recipe, index: int, count: int) -> Recipe:
    """Return the recipe of one picture of a batch: seeds count up, as in A1111 (compat 5)."""
    noise = recipe.noise
    fixed = noise.variation_strength > 0
    seed = noise.seed if fixed else (noise.seed + index) % (SEED_MAX + 1)
    return replace(
        recipe,
        noise=replace(
            noise,
            seed=seed,
            variation_seed=noise.variation_seed + index if fixed else noise.variation_seed,
            batch_size=count,
            batch_index=index,
        ),
    )


def _notes(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Return which networks of the prompts are not there."""
    names = dict.fromkeys(
        network.name for recipe in recipes for network in recipe.networks if not network.sha256
    )
    return tuple(
        f"network '{name}' is missing: no such file in the folders of the configuration"
        for name in names
    )
