"""What changed between two recipes: by tag for the prompts, by setting for everything else."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from irodori.recipe.codec import encode
from irodori.recipe.infotext.forms import number_text
from irodori.recipe.recipe import Recipe
from irodori.recipe.tag_diff import Change, ChangeKind, diff_prompts

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "base.sampler": "sampler",
        "base.schedule": "schedule",
        "base.steps": "steps",
        "base.cfg_scale": "CFG",
        "base.width": "width",
        "base.height": "height",
        "base.clip_skip": "clip skip",
        "noise.seed": "seed",
        "noise.kind": "noise",
        "noise.variation_seed": "variation seed",
        "noise.variation_strength": "variation strength",
        "model.file.name": "model",
        "model.file.short_hash": "model hash",
        "model.vae.name": "VAE",
        "emphasis": "emphasis",
        "dialect": "prompt dialect",
    }
)
"""What people call a setting; every other is called by its path."""

_TOLD_APART: Final = frozenset({"prompt", "negative_prompt", "networks"})
_UNTOLD: Final = frozenset(
    {"software", "notes", "model.file.sha256", "noise.batch_size", "noise.batch_index"}
)
"""Nothing a person changed, or told by another line."""

_PATHS_OF_SIZE: Final = ("base.width", "base.height")


def diff(before: Recipe, after: Recipe) -> tuple[Change, ...]:
    """Return what changed from one recipe to another, prompts first.

    Nothing is returned only where the recipes differ in nothing that a person can change.
    """
    return (
        *diff_prompts(before.prompt, after.prompt, where="prompt", dialect=after.dialect),
        *diff_prompts(
            before.negative_prompt,
            after.negative_prompt,
            where="negative prompt",
            dialect=after.dialect,
        ),
        *_settings(before, after),
        *_networks(before, after),
    )


def _settings(before: Recipe, after: Recipe) -> Iterator[Change]:
    old, new = dict(_flat(encode(before))), dict(_flat(encode(after)))
    sizes = [tuple(flat[path] for path in _PATHS_OF_SIZE) for flat in (old, new)]
    if sizes[0] != sizes[1]:
        texts = ["x".join(size) for size in sizes]
        yield Change(
            kind=ChangeKind.CHANGED, where="", name="size", before=texts[0], after=texts[1]
        )
    parts = {path for path in old.keys() ^ new.keys() if "." not in path}
    for path in dict.fromkeys((*old, *new)):
        untold = path in _UNTOLD or path.split(" ", maxsplit=1)[0] in _UNTOLD
        if untold or path in _PATHS_OF_SIZE or _owner(path) in parts - {path}:
            continue
        change = _change(path, old.get(path), new.get(path))
        if change is not None:
            yield change


def _networks(before: Recipe, after: Recipe) -> Iterator[Change]:
    """Yield networks whose file is another one; which there are, the prompts' tags tell."""
    old = {(network.kind, network.name): network.digest for network in before.networks}
    for network in after.networks:
        digest = old.get((network.kind, network.name), network.digest)
        if digest != network.digest:
            yield Change(
                kind=ChangeKind.CHANGED,
                where="",
                name=f"file of {network.name}",
                before=digest or "none",
                after=network.digest or "none",
            )


def _owner(path: str) -> str:
    return path.split(".", 1)[0]


def _change(path: str, before: str | None, after: str | None) -> Change | None:
    summed_up = before is not None and after is not None and "." not in path and path not in LABELS
    if before == after or (summed_up and path.split(" ", maxsplit=1)[0] in _SUMMARIES):
        return None
    name = _label(path)
    if before is None and after is not None:
        return Change(kind=ChangeKind.ADDED, where="", name=name, after=after)
    if after is None and before is not None:
        return Change(kind=ChangeKind.REMOVED, where="", name=name, before=before)
    return Change(
        kind=ChangeKind.CHANGED, where="", name=name, before=before or "none", after=after or "none"
    )


def _label(path: str) -> str:
    """Return what people call a setting: `hires scale`, `detailer 2 confidence`."""
    if path in LABELS:
        return LABELS[path]
    if re.fullmatch(r"detailers \d+", path):
        return "detailer"
    words = path.removeprefix("base.").replace(".own.", ".").replace("detailers ", "detailer ")
    return words.replace(".", " ").replace("_", " ")


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of every value; an optional part also yields itself, summed up."""
    if isinstance(data, Mapping):
        if path.split(" ", maxsplit=1)[0] in _SUMMARIES and "." not in path:
            yield path, _SUMMARIES[path.split(" ", maxsplit=1)[0]](data)
        for key, value in data.items():
            if path or key not in _TOLD_APART:
                yield from _flat(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for index, item in enumerate(data, start=1):
            yield from _flat(item, f"{path} {index}")
    elif data is not None:
        yield path, number_text(data) if isinstance(data, float) else str(data)


_SUMMARIES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "hires": lambda part: (
            f"{part['upscaler']} x{number_text(part['scale'])}, {part['steps']} steps, "
            f"denoise {number_text(part['denoise'])}"
        ),
        "detailers": lambda part: str(part["model"]),
        "refiner": lambda part: (
            f"{part['checkpoint']['name']} from {number_text(part['switch_at'])}"
        ),
        "img2img": lambda part: f"denoise {number_text(part['denoise'])}",
        "inpaint": lambda part: f"{part['area']}, {part['content']}",
        "upscale": lambda part: f"{part['upscaler']} x{number_text(part['scale'])}",
    }
)
