"""The next picture from one before it: what is changed is said, everything else stays (P20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from irodori.app.config import Config
from irodori.app.generate import GenerateRequest
from irodori.app.given import Given
from irodori.app.prompt_edits import Rank, add_tag, drop_tag, no_rank, split_weight, weigh_tag
from irodori.app.redraw import locate, model_path, sources_of
from irodori.app.settings import LEFT_TO_DRAWING, with_setting
from irodori.app.shelf import Shelf, open_shelf
from irodori.errors import InputError
from irodori.recipe.codec import to_mapping
from irodori.recipe.info import read_picture
from irodori.recipe.presets import find_preset
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import RANDOM_SEED, overlay
from irodori.tags.schema import Group

FALLBACK: Final = "Lanczos"
"""The upscaler that needs no file (P1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IterateRequest:
    """What a person changes.

    Args:
        reference: the parent: an id, `last`, or a file.
        add: tags to add, each with `:0.3` at its end where it has a weight.
        drop: tags to drop.
        weigh: tags with their new weights.
        add_negative: tags to add to the negative prompt.
        drop_negative: tags to drop from it.
        settings: `name=value`: `cfg_scale=4.5`, `base.steps=30`, `hires.scale=1.6`.
        seed: a seed; None keeps or draws one.
        same_seed: keep the parent's seed.
        variation: keep the seed and mix in so much of another's noise, 0 to 1.
        promote: a preset laid over the parent, such as `final`; keeps the seed.
        model: a path or name in place of the parent's model.
        count: pictures to draw.
        out: the file to write; None is the next free name.
    """

    reference: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    weigh: tuple[tuple[str, float], ...] = ()
    add_negative: tuple[str, ...] = ()
    drop_negative: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    seed: int | None = None
    same_seed: bool = False
    variation: float | None = None
    promote: str | None = None
    model: str | None = None
    count: int = 1
    out: Path | None = None


def child_request(
    request: IterateRequest, config: Config, moment: datetime, *, rank: Rank = no_rank
) -> tuple[GenerateRequest, Recipe]:
    """Return the request that draws the child, and the parent's recipe.

    Args:
        request: what is changed.
        config: has the outputs and models.
        moment: now.
        rank: tells a tag's place in a prompt, for those that are added.

    Raises:
        InputError: there is no such parent, tag, setting or preset; or its model is not here.
    """
    path, identity = locate(request.reference, config, moment)
    info = read_picture(path)
    if info.recipe is None:
        raise InputError(f"{path}: {info.warnings[-1]}")
    if not identity:
        raise InputError(
            f"'{path}' is not in the history yet; add it: irodori history rebuild, or, where it "
            f"lies elsewhere: irodori history add-folder '{path.absolute().parent}'"
        )
    parent = info.recipe
    layer = overlay(_asked(parent), _prompts(parent, request, rank))
    shelf = open_shelf(config)
    notes: tuple[str, ...] = ()
    if request.promote is not None:
        preset, notes = within_reach(find_preset(request.promote).layer, shelf)
        layer = overlay(layer, preset)
    for text in request.settings:
        layer = with_setting(layer, text)
    layer = overlay(layer, {"noise": _noise(request)})
    model = request.model or str(model_path(parent, shelf))
    child = GenerateRequest(
        recipe=layer,
        model=model,
        count=request.count,
        out=request.out,
        parent=identity,
        given=Given(pictures=tuple(sources_of(parent, path, config))),
        notes=notes,
    )
    return child, parent


def within_reach(layer: Mapping[str, Any], shelf: Shelf) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a preset without what needs files that are not here, and what was left out.

    An upscaler that is missing is replaced by Lanczos, as practice P1 allows; a detailer whose
    detector is missing is left out.
    """
    result, notes = dict(layer), []
    hires = layer.get("hires")
    if isinstance(hires, Mapping) and not shelf.has_upscaler(str(hires.get("upscaler", ""))):
        result["hires"] = {**hires, "upscaler": FALLBACK}
        notes.append(f"the upscaler '{hires['upscaler']}' is not here: {FALLBACK} enlarges")
    detailers = layer.get("detailers") or []
    found = [detailer for detailer in detailers if shelf.named(detailer["model"])]
    if len(found) < len(detailers):
        result["detailers"] = found
        lost = {detailer["model"] for detailer in detailers if detailer not in found}
        notes.append(f"the detector {', '.join(sorted(lost))} is not here: no detailer")
    return result, tuple(notes)


def rank_of(vocabulary_get: Any) -> Rank:
    """Return what tells a tag's place from a vocabulary's `get`."""
    order = {group: place for place, group in enumerate(Group)}

    def rank(name: str) -> int | None:
        tag = vocabulary_get(name)
        group = None if tag is None else tag.group
        return None if group is None else order[group]

    return rank


def _asked(parent: Recipe) -> dict[str, Any]:
    """Return what the parent asked for, without how it came to be; its speed-ups were asked for."""
    data: dict[str, Any] = to_mapping(parent)
    asked = {name: value for name, value in data.items() if name not in LEFT_TO_DRAWING}
    return asked | {"numerics": {"approximations": data["numerics"]["approximations"]}}


def _prompts(parent: Recipe, request: IterateRequest, rank: Rank) -> Mapping[str, str]:
    prompt = _edited(parent.prompt, request.add, request.drop, rank)
    for tag, weight in request.weigh:
        prompt = weigh_tag(prompt, tag, weight)
    negative = _edited(parent.negative_prompt, request.add_negative, request.drop_negative, no_rank)
    return {"prompt": prompt, "negative_prompt": negative}


def _edited(text: str, add: tuple[str, ...], drop: tuple[str, ...], rank: Rank) -> str:
    for tag in drop:
        text = drop_tag(text, tag)
    for tag in add:
        name, weight = split_weight(tag)
        text = add_tag(text, name, weight=weight, rank=rank)
    return text


def _noise(request: IterateRequest) -> dict[str, Any]:
    """Return the child's seed: the parent's where only the rest is to change, else a new one."""
    place: dict[str, Any] = {"batch_size": 1, "batch_index": 0}
    if request.seed is not None:
        return {**place, "seed": request.seed, "variation_strength": 0.0}
    if request.variation is not None:
        return {
            **place,
            "variation_seed": RANDOM_SEED,
            "variation_strength": request.variation,
        }
    if request.same_seed or request.promote is not None:
        return place
    return {**place, "seed": RANDOM_SEED, "variation_strength": 0.0}
