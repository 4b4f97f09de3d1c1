"""Recipes to pictures: passes in order, then pixels."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from irodori.engine.approximate.in_force import in_force, missing_notes
from irodori.engine.approximate.of_model import sped_up
from irodori.engine.cards import DeviceCard
from irodori.engine.device import DevicePolicy, choose_policy, probe
from irodori.engine.embeddings import EmbeddingShelf
from irodori.engine.events import PassFailed, PlanChanged
from irodori.engine.fallback import described, within_memory
from irodori.engine.listener import Listener
from irodori.engine.loading.checkpoint import LoadedModel, load_checkpoint
from irodori.engine.loading.source import open_source
from irodori.engine.lora.schedule import network_notes
from irodori.engine.lora.shelf import NetworkShelf
from irodori.engine.memory_plan import NO_WISHES, MemoryWishes, Phase, Plan, Planned
from irodori.engine.model_sizes import model_sizes
from irodori.engine.passes.detailer import found_detailers
from irodori.engine.passes.develop import developed, joined
from irodori.engine.passes.hires import hires_size
from irodori.engine.passes.order import LaterPass, first_pass, later_passes
from irodori.engine.passes.run import with_autoencoder
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.prompting import Prompter
from irodori.engine.residence import AtHome, OnCard, Residence, store_in_8_bits
from irodori.engine.studio import NOTHING_ELSE, Studio, Supplies
from irodori.errors import IrodoriError, RecipeError
from irodori.prompt import networks
from irodori.prompt.tokenizer import load_tokenizer
from irodori.recipe.notes import kept_notes
from irodori.recipe.parts import Approximation, FileIdentity, Numerics
from irodori.recipe.passes import Overrides
from irodori.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A finished picture.

    Attributes:
        recipe: what drew it, with the arithmetic that was used; without passes that failed.
        pixels: uint8 [H, W, 3].
        notes: what a person should know of how it came to be: what failed, what was repaired.
        latents: float32 [4, H/8, W/8] that the pixels were decoded from, where no pass changed
            the pixels after; another pass may go on from them.
    """

    recipe: Recipe
    pixels: NDArray[np.uint8]
    notes: tuple[str, ...] = ()
    latents: Tensor | None = None


def open_studio(
    path: Path,
    *,
    device: str = "auto",
    find_embeddings: Callable[[], Mapping[str, Path]] = dict,
    wishes: MemoryWishes = NO_WISHES,
) -> Studio:
    """Return a model that is ready to draw.

    On any device but the CPU its weights come into the machine's memory here, and go to the device
    when they are used.

    Args:
        path: a single-file SDXL checkpoint, or a folder of diffusers.
        device: `auto` or a device's name.
        find_embeddings: gives the files of textual inversions by the names that prompts have.
        wishes: how memory is used.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        InputError: the device is not there or should not compute as wished, or there is no plan
            of the wished name.
    """
    source = open_source(path)
    policy = choose_policy(
        probe(), parameters=source.header.elements, device=device, dtype=wishes.dtype
    )
    model = load_checkpoint(source, policy.at_home)
    model = replace(model, policy=policy)
    if wishes.fp8:
        store_in_8_bits(model.unet)
    if policy.device.type == "cpu":
        at_home = AtHome(model)
        studio = studio_for(model, at_home, find_embeddings=find_embeddings)
        return replace(studio, speed_ups=sped_up(model, at_home, wishes))
    sizes = model_sizes(source.header)
    if sizes.is_fp8:  # nothing is lost: the file itself has no more bits
        store_in_8_bits(model.unet)
    residence = OnCard(
        model,
        sizes,
        DeviceCard(policy.device),
        vram=wishes.vram,
        wished=wishes.plan,
    )
    studio = studio_for(model, residence, find_embeddings=find_embeddings)
    return replace(studio, speed_ups=sped_up(model, residence, wishes))


def studio_for(
    model: LoadedModel,
    residence: Residence,
    *,
    find_embeddings: Callable[[], Mapping[str, Path]] = dict,
) -> Studio:
    """Return what draws with a loaded model.

    Args:
        model: loaded.
        residence: where its parts are.
        find_embeddings: gives the files of textual inversions by the names that prompts have.
    """
    tokenizer = load_tokenizer()
    embeddings = EmbeddingShelf(model, tokenizer, find_embeddings)
    return Studio(
        model=model,
        prompter=Prompter(model, tokenizer, embeddings, begin=lambda: residence.begin(Phase.TEXT)),
        networks=NetworkShelf(model),
        residence=residence,
    )


def draw(
    studio: Studio,
    recipes: Sequence[Recipe],
    listener: Listener,
    supplies: Supplies = NOTHING_ELSE,
    begun: Canvas | None = None,
) -> tuple[Drawn, ...]:
    """Return the pictures of one batch, in order; none when its first pass was cancelled.

    A later pass that fails or is cancelled leaves the pictures as the passes before it made them;
    their notes and recipes say so, and no further pass runs.

    Args:
        studio: the model.
        recipes: one a picture; they differ in seeds, prompts and place in the batch only.
        listener: hears of every event.
        supplies: where pictures and further models come from.
        begun: pictures whose first pass is done ("hires this one"); None runs it.

    Raises:
        InputError: the recipes ask for what is not there, or differ too much.
        ModelFileError: a model cannot be read.
        OutOfMemoryError: the first pass does not fit into memory.
    """
    _refuse_unlike(recipes)
    recipes, lost = found_detailers(tuple(recipes), supplies)
    studio = with_autoencoder(supplies, studio, recipes[0].model.vae)
    plan = _planned(studio, recipes, listener)
    work = Work(
        studio=studio,
        recipes=recipes,
        listener=listener,
        supplies=supplies,
        tile=recipes[0].numerics.vae_tile or plan.tile,
    )
    passes = later_passes(recipes[0])
    for each in passes:
        each.check(work)
    told = joined(lost, missing_notes(recipes[0], _of_model(studio)), _notes(work))
    canvas = begun
    if canvas is None:
        first = first_pass(recipes[0])
        canvas, work = within_memory("first pass", work, lambda work: first(work, Canvas()))
    if canvas is None:
        return ()
    done = 0
    for each in passes:
        canvas, work, succeeded = _attempted(each, work, canvas)
        if not succeeded:
            break
        done += 1
    canvas = replace(canvas, notes=joined(told, canvas.notes, studio.speed_ups.notes))
    return _finished(work, canvas, passes[done:])


def numerics_of(
    policy: DevicePolicy, *, tile: int = 0, approximations: tuple[Approximation, ...] = ()
) -> Numerics:
    """Return the arithmetic of a policy as recipes record it.

    Args:
        policy: the model's.
        tile: side of the autoencoder's tiles; 0 = pictures whole.
        approximations: speed-ups that changed the picture.
    """
    return Numerics(
        device=policy.device.type,
        dtype=str(policy.compute).removeprefix("torch."),
        vae_dtype=str(policy.autoencoder).removeprefix("torch."),
        vae_tile=tile,
        approximations=approximations,
    )


def _of_model(studio: Studio) -> tuple[Approximation, ...]:
    """Return the speed-ups of a model as it is open."""
    return studio.speed_ups.listed(is_fp8=studio.residence.plan.formats.is_fp8)


def _planned(studio: Studio, recipes: Sequence[Recipe], listener: Listener) -> Plan:
    """Return the memory plan for a batch, now in force; tell it where it is not the usual one."""
    width, height = _size(recipes[0])
    studio.residence.prepare(Planned(width=width, height=height, batch=len(recipes)))
    plan = studio.residence.plan
    if not plan.is_trivial:
        listener.tell(PlanChanged(note=described(plan)))
    return plan


def _notes(work: Work) -> tuple[str, ...]:
    """Return what is to be told of files that the recipes name, by their prompts too."""
    studio, find = work.studio, work.supplies.find_network
    told = [
        (recipe.dialect, recipe.settings(own))
        for recipe in work.recipes
        for own in (None, *_overrides(recipe))
    ]
    prompts = dict.fromkeys((own.prompt, dialect) for dialect, own in told)
    tags = [tag for prompt, dialect in prompts for tag in networks(prompt, dialect=dialect)]
    texts = dict.fromkeys(text for _, own in told for text in (own.prompt, own.negative_prompt))
    return joined(
        network_notes(tags, studio.networks, find, studio.model.unet.config),
        studio.prompter.notes(tuple(texts)),
        _autoencoder_notes(work, dict.fromkeys(own.vae for _, own in told)),
    )


def _autoencoder_notes(work: Work, files: Iterable[FileIdentity]) -> tuple[str, ...]:
    """Return what is to be told of autoencoders that are not here."""
    return tuple(
        f"autoencoder '{file.name}' is missing: the checkpoint's own was used"
        for file in files
        if file.name and work.supplies.open_autoencoder(file) is None
    )


def _overrides(recipe: Recipe) -> Iterator[Overrides]:
    if recipe.hires is not None:
        yield recipe.hires.own
    for detailer in recipe.detailers:
        yield detailer.own


def _attempted(later: LaterPass, work: Work, canvas: Canvas) -> tuple[Canvas, Work, bool]:
    """Return the canvas after a pass, or the one before with the reason, and whether it went."""
    reason = "cancelled"

    def run(work: Work) -> Canvas | None:
        return None if work.listener.cancelled() else later.run(work, canvas)

    try:
        after, work = within_memory(later.name, work, run)
    except IrodoriError as error:
        after, reason = None, str(error)
        work.listener.tell(PassFailed(name=later.name, reason=reason))
    if after is not None:
        return after, work, True
    note = f"{later.name} is missing: {reason}"
    return replace(canvas, notes=(*canvas.notes, note)), work, False


def _finished(work: Work, canvas: Canvas, missing: Sequence[LaterPass]) -> tuple[Drawn, ...]:
    """Return the pictures on a canvas with the recipes that made them."""
    final, work = within_memory("decoding", work, lambda work: developed(work, canvas))
    if final is None or final.pixels is None:
        return ()
    numerics = numerics_of(
        work.studio.model.policy,
        tile=work.tile,
        approximations=in_force(work.recipes[0], _of_model(work.studio)),
    )
    drawn = []
    for index, recipe in enumerate(work.recipes):
        for each in missing:
            recipe = each.without(recipe)  # noqa: PLW2901  # what is left out of this very recipe
        drawn.append(
            Drawn(
                recipe=replace(
                    recipe,
                    numerics=numerics,
                    notes=kept_notes((*recipe.notes, *final.notes)),
                ),
                pixels=final.pixels[index],
                notes=final.notes,
                latents=None if final.latents is None else final.latents[index],
            )
        )
    return tuple(drawn)


def _size(recipe: Recipe) -> tuple[int, int]:
    """Return width and height of a recipe's largest drawn picture."""
    base = recipe.base
    if recipe.hires is None:
        return base.width, base.height
    larger = hires_size(base.width, base.height, recipe.hires)
    return max(base.width, larger.width), max(base.height, larger.height)


def _refuse_unlike(recipes: Sequence[Recipe]) -> None:
    if not recipes:
        raise RecipeError("a batch needs at least one recipe")
    first = recipes[0]
    for recipe in recipes[1:]:
        alike = replace(
            recipe,
            prompt=first.prompt,
            negative_prompt=first.negative_prompt,
            template=first.template,
            negative_template=first.negative_template,
            noise=first.noise,
        )
        if alike != first:
            raise RecipeError("the recipes of one batch may differ in prompts and noise only")
