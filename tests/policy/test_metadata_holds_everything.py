"""What changes a picture changes its metadata, and what is in the metadata changes the picture.

The first half goes through every field of a recipe; the second draws on the shipped model.
"""

import math
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, get_args

import numpy as np
import pytest

from irodori.app.models import SHIPPED
from irodori.prompt.dialect import Dialect
from irodori.recipe import (
    Approximation,
    Base,
    Detailer,
    FileIdentity,
    Guidance,
    Hires,
    Img2Img,
    Inpaint,
    Model,
    Network,
    Noise,
    Overrides,
    Recipe,
    Refiner,
    SamplerOption,
    SoftInpainting,
    SourcePicture,
    Upscale,
    from_json,
    to_json,
)
from irodori.recipe.codec import type_hints
from irodori.recipe.compat import CompatFlags
from irodori.recipe.fields import Terms, terms_of
from irodori.recipe.infotext import parse, recipe_of, write
from irodori.recipe.names import (
    Emphasis,
    EmptyNegative,
    NetworkKind,
    NoiseKind,
    NoiseSchedule,
    PadConds,
    Prediction,
)
from irodori.recipe.parts import Compat, Numerics, SigmaOverrides
from irodori.recipe.schedules import Schedule
from irodori.runtime.local import LocalExecutor

FILE = FileIdentity(name="model", sha256="ab" * 32)
OWN = Overrides(
    prompt="face",
    negative_prompt="bad",
    sampler="Euler",
    schedule=Schedule.NORMAL,
    cfg_scale=4.0,
    clip_skip=1,
    checkpoint=FILE,
    vae=FILE,
)
SOURCE = SourcePicture(name="a.png", sha256="cd" * 32)
WHOLE = Recipe(
    prompt="1girl",
    negative_prompt="bad",
    template="{1girl|1boy}",
    negative_template="__bad__",
    noise=Noise(
        seed=1,
        variation_seed=2,
        variation_strength=0.5,
        resize_from_width=64,
        resize_from_height=64,
        ensd=3,
        batch_size=3,
        batch_index=1,
    ),
    base=Base(
        sampler="Euler a",
        options=(SamplerOption(name="eta", value=0.5),),
        sigmas=SigmaOverrides(minimum=0.1, maximum=10.0, rho=5.0, listed=(2.0, 1.0)),
        guidance=Guidance(start=0.1, end=0.9, minimum_sigma=0.5, rescale_phi=0.3),
    ),
    model=Model(file=FILE, vae=FILE),
    networks=(Network(kind=NetworkKind.LORA, name="x", digest="ab" * 6, sha256="ab" * 32),),
    hires=Hires(width=64, height=64, own=OWN),
    refiner=Refiner(checkpoint=FILE),
    detailers=(Detailer(classes="a", width=64, height=64, steps=5, noise_multiplier=0.9, own=OWN),),
    img2img=Img2Img(source=SOURCE),
    inpaint=Inpaint(mask=SOURCE, soft=SoftInpainting()),
    upscale=Upscale(),
    numerics=Numerics(approximations=(Approximation(name="skip", value=0.5),)),
    software="irodori 0.1.0",
    notes=("face found nothing", "the mask was stretched: 1, 2"),
)
"""A recipe with every part and no value that stands for none."""

HAND_PICKED: dict[str, Any] = {
    "base.sampler": "DPM2 a",
    "base.options.0.name": "s_noise",
    "noise.batch_index": 2,
    "notes": ("hires is missing: cancelled",),
    "own.sampler": "Heun",
}


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, Any, Terms, Any]]:
    """Yield path, type, terms and value of every field that holds no further part."""
    hints = type_hints(type(part))
    for entry in fields(part):
        value, here = getattr(part, entry.name), f"{path}{entry.name}"
        if is_dataclass(value):
            yield from leaves(value, f"{here}.")
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for index, item in enumerate(value):
                yield from leaves(item, f"{here}.{index}.")
        else:
            yield here, hints[entry.name], terms_of(entry), value


def other(path: str, kind: Any, terms: Terms, value: Any) -> Any:
    """Return another value that the field may hold."""
    for ending, picked in HAND_PICKED.items():
        if path.endswith(ending):
            return picked
    if isinstance(kind, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not types.NoneType)
    if isinstance(value, bool):
        return not value
    if isinstance(value, StrEnum):
        return next(one for one in type(value) if one is not value)
    if isinstance(value, tuple):
        return tuple(item + 8 for item in value)
    if isinstance(value, int | float):
        step = terms.multiple or (1 if isinstance(value, int) else 0.125)
        up = value + step
        return value - step if terms.high is not None and up > terms.high else up
    if terms.pattern is not None:
        return "#000000" if value.startswith("#") else value.replace("ab", "ef").replace("cd", "ef")
    return f"{value} other"


def changed(part: Any, path: list[str], value: Any) -> Any:
    """Return a part with one leaf set otherwise."""
    name, *rest = path
    if isinstance(part, tuple):
        index = int(name)
        return (*part[:index], changed(part[index], rest, value), *part[index + 1 :])
    if rest:
        value = changed(getattr(part, name), rest, value)
    if isinstance(part, FileIdentity):
        values = {entry.name: getattr(part, entry.name) for entry in fields(part)}
        if name == "sha256":
            values["short_hash"] = ""
        elif name == "short_hash":
            values["sha256"] = ""
        return FileIdentity(**{**values, name: value})
    return replace(part, **{name: value})


LEAVES = {path: rest for path, *rest in leaves(WHOLE)}


def test_the_whole_recipe_has_every_field() -> None:
    empty = [path for path, (_, _, value) in LEAVES.items() if value in ("", None, ())]
    assert [path for path in empty if not path.endswith(("pad_conds",))] == []
    assert len(LEAVES) > 120


@pytest.mark.parametrize("path", LEAVES)
def test_every_field_is_in_the_metadata(path: str) -> None:
    recipe = changed(WHOLE, path.split("."), other(path, *LEAVES[path]))
    assert recipe != WHOLE
    assert to_json(recipe) != to_json(WHOLE)
    assert from_json(to_json(recipe)) == recipe
    assert write(recipe) != write(WHOLE)
    read, warnings = recipe_of(parse(write(recipe)))
    assert read == recipe, warnings


@pytest.mark.parametrize("part", ["hires", "refiner", "detailers", "img2img", "upscale", "inpaint"])
def test_every_pass_is_in_the_metadata(part: str) -> None:
    without = {"img2img": {"img2img": None, "inpaint": None}, "detailers": {"detailers": ()}}
    recipe = replace(WHOLE, **without.get(part, {part: None}))
    assert write(recipe) != write(WHOLE)
    read, warnings = recipe_of(parse(write(recipe)))
    assert read == recipe, warnings


# --- what is in the metadata changes the picture --------------------------------------------------

PLAIN = Recipe(
    prompt="1girl, (red hair:1.4), [city:night:0.5], smile",
    noise=Noise(seed=3),
    base=Base(sampler="Euler", steps=4, cfg_scale=4.0, width=64, height=64),
)
ANCESTRAL = replace(PLAIN, base=replace(PLAIN.base, sampler="Euler a"))
NEGATIVE = replace(PLAIN, negative_prompt="bad quality")
LONG = replace(PLAIN, prompt=", ".join(["red hair and some words"] * 16), negative_prompt="bad")


def base(recipe: Recipe = PLAIN, **values: Any) -> Recipe:
    return replace(recipe, base=replace(recipe.base, **values))


def noise(recipe: Recipe = PLAIN, **values: Any) -> Recipe:
    return replace(recipe, noise=replace(recipe.noise, **values))


def compat(recipe: Recipe = PLAIN, **values: Any) -> Recipe:
    return replace(recipe, compat=replace(recipe.compat, **values))


def flags(recipe: Recipe = PLAIN, **values: Any) -> Recipe:
    return replace(recipe, compat=Compat(flags=CompatFlags(**values)))


VARIED = noise(variation_seed=5, variation_strength=0.4)
KARRAS = base(schedule=Schedule.KARRAS, sampler="DPM++ 2M")
PAIRS: dict[str, tuple[Recipe, Recipe]] = {
    "prompt": (PLAIN, replace(PLAIN, prompt="1girl, night")),
    "negative_prompt": (PLAIN, NEGATIVE),
    "dialect": (PLAIN, replace(PLAIN, dialect=Dialect.A1111)),
    "emphasis": (PLAIN, replace(PLAIN, emphasis=Emphasis.NO_NORM)),
    "empty_negative": (PLAIN, replace(PLAIN, empty_negative=EmptyNegative.ENCODED)),
    "noise.seed": (PLAIN, noise(seed=4)),
    "noise.kind": (PLAIN, noise(kind=NoiseKind.NV)),
    "noise.variation_seed": (VARIED, noise(VARIED, variation_seed=6)),
    "noise.variation_strength": (VARIED, noise(VARIED, variation_strength=0.5)),
    "noise.resize_from": (PLAIN, noise(resize_from_width=48, resize_from_height=64)),
    "noise.ensd": (ANCESTRAL, noise(ANCESTRAL, ensd=31337)),
    "base.sampler": (PLAIN, base(sampler="Heun")),
    "base.schedule": (PLAIN, base(schedule=Schedule.EXPONENTIAL)),
    "base.steps": (PLAIN, base(steps=5)),
    "base.cfg_scale": (PLAIN, base(cfg_scale=4.5)),
    "base.width": (PLAIN, base(width=72)),
    "base.height": (PLAIN, base(height=72)),
    "base.clip_skip": (PLAIN, base(clip_skip=3)),
    "base.options": (ANCESTRAL, base(ANCESTRAL, options=(SamplerOption(name="eta", value=0.5),))),
    "base.sigmas.minimum": (KARRAS, base(KARRAS, sigmas=SigmaOverrides(minimum=0.3))),
    "base.sigmas.maximum": (KARRAS, base(KARRAS, sigmas=SigmaOverrides(maximum=10.0))),
    "base.sigmas.rho": (KARRAS, base(KARRAS, sigmas=SigmaOverrides(rho=4.0))),
    "base.sigmas.discard_penultimate": (
        KARRAS,
        base(KARRAS, sigmas=SigmaOverrides(discard_penultimate=True)),
    ),
    "base.sigmas.listed": (
        base(schedule=Schedule.CUSTOM, sigmas=SigmaOverrides(listed=(14.0, 3.0, 1.0))),
        base(schedule=Schedule.CUSTOM, sigmas=SigmaOverrides(listed=(14.0, 4.0, 1.0))),
    ),
    "base.guidance.start": (PLAIN, base(guidance=Guidance(start=0.5))),
    "base.guidance.end": (PLAIN, base(guidance=Guidance(end=0.5))),
    "base.guidance.minimum_sigma": (NEGATIVE, base(NEGATIVE, guidance=Guidance(minimum_sigma=8.0))),
    "base.guidance.rescale_phi": (PLAIN, base(guidance=Guidance(rescale_phi=0.7))),
    "model.prediction": (PLAIN, replace(PLAIN, model=Model(prediction=Prediction.V))),
    "model.noise_schedule": (
        PLAIN,
        replace(PLAIN, model=Model(noise_schedule=NoiseSchedule.ZERO_TERMINAL_SNR)),
    ),
    "compat.old_karras": (KARRAS, compat(KARRAS, old_karras=True)),
    "compat.pad_conds": (LONG, compat(LONG, pad_conds=PadConds.EMPTY_CHUNKS)),
    "compat.comma_backtrack": (LONG, compat(LONG, comma_backtrack=0)),
    "compat.sgm_noise_multiplier": (PLAIN, compat(sgm_noise_multiplier=True)),
    "compat.downcast_alphas_cumprod": (PLAIN, compat(downcast_alphas_cumprod=True)),
    "compat.flags.nearest_timestep": (KARRAS, flags(KARRAS, nearest_timestep=True)),
    "compat.flags.forge_beta_schedule": (
        base(schedule=Schedule.BETA),
        flags(base(schedule=Schedule.BETA), forge_beta_schedule=True),
    ),
    "compat.flags.leading_timesteps": (
        base(sampler="DDIM"),
        flags(base(sampler="DDIM"), leading_timesteps=True),
    ),
    "compat.flags.variation_by_column": (VARIED, flags(VARIED, variation_by_column=True)),
    "compat.flags.brownian_over_schedule": (
        base(sampler="DPM++ SDE", schedule=Schedule.KARRAS, steps=3),
        flags(
            base(sampler="DPM++ SDE", schedule=Schedule.KARRAS, steps=3),
            brownian_over_schedule=True,
        ),
    ),
    "compat.flags.boundary_lcm": (
        base(sampler="LCM"),
        flags(base(sampler="LCM"), boundary_lcm=True),
    ),
}
"""By field: two recipes that differ in it alone and must give two pictures."""

ELSEWHERE: dict[str, str] = {
    "template": "what the prompt was made from; the prompt is drawn",
    "negative_template": "the same of the negative prompt",
    "software": "who drew it",
    "notes": "what went otherwise than asked, told afterwards",
    "noise.batch_size": "how it was drawn: changes low bits only",
    "noise.batch_index": "the same",
    "model.file": "which file draws is the caller's choice, by this identity",
    "model.vae": "the same",
    "networks": "identities of what the prompt names",
    "numerics": "what the engine used, told afterwards",
    "compat.old_timelines": "only the second pass tells: tests/e2e/test_passes.py",
    "compat.flags.ays_range": "only models with other noise levels tell: unit tests of schedules",
    "compat.flags.img2img_from_start": "only img2img tells: unit tests of its sigmas",
    "hires": "tests/e2e/test_passes.py",
    "refiner": "tests/e2e/test_passes.py",
    "detailers": "tests of the detailer",
    "img2img": "tests/e2e/test_passes.py",
    "inpaint": "tests/e2e/test_passes.py",
    "upscale": "tests/e2e/test_passes.py",
}
"""Fields that change no picture of the base pass, and why."""


@pytest.fixture(scope="module")
def executor() -> LocalExecutor:
    return LocalExecutor(SHIPPED, device="cpu", threads=1, tell=lambda _: None)


def test_every_field_is_accounted_for() -> None:
    told = (*PAIRS, *ELSEWHERE)
    forgotten = [
        path
        for path in LEAVES
        if not any(path == name or path.startswith((f"{name}.", f"{name}_")) for name in told)
    ]
    assert forgotten == []


@pytest.mark.parametrize("name", PAIRS)
def test_every_field_changes_the_picture(name: str, executor: LocalExecutor) -> None:
    before, after = PAIRS[name]
    first, second = (executor.draw((recipe,))[0].pixels for recipe in (before, after))
    assert write(before) != write(after)
    assert first.shape != second.shape or not np.array_equal(first, second)
    again = executor.draw((before,))[0].pixels
    assert np.array_equal(first, again)
    assert math.isfinite(float(first.mean()))
