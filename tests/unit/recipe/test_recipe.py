"""Recipes: what they refuse, how they are resolved, what stands in their JSON and schema."""

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from irodori.errors import InputError, RecipeError, UnknownNameError
from irodori.recipe import (
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
    SigmaOverrides,
    from_json,
    from_mapping,
    to_json,
    to_mapping,
)
from irodori.recipe.codec import type_hints
from irodori.recipe.fields import terms_of
from irodori.recipe.names import NetworkKind
from irodori.recipe.presets import (
    PRESETS,
    PROFILES,
    QUALITY,
    find_preset,
    find_profile,
    find_quality,
    with_quality,
)
from irodori.recipe.resolve import RANDOM_SEED_LIMIT, overlay, resolve
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schema import recipe_schema

ROOT = Path(__file__).parents[3]
SIMPLE = Recipe(prompt="1girl", noise=Noise(seed=1))


def test_defaults_are_the_practices_baseline() -> None:
    base = Base()
    assert (base.sampler, base.schedule, base.steps, base.cfg_scale) == (
        "DPM++ 2M",
        "Karras",
        28,
        5,
    )
    assert (base.width, base.height, base.clip_skip) == (832, 1216, 2)
    hires = Hires()
    assert hires.upscaler == "R-ESRGAN 4x+ Anime6B"
    assert 1.5 <= hires.scale <= 1.65
    assert 20 <= hires.steps <= 22
    assert 0.39 <= hires.denoise <= 0.43
    face = Detailer()
    assert (face.model, face.confidence, face.dilate_erode) == ("face_yolov8n.pt", 0.3, 4)
    assert (face.mask_blur, face.denoise, face.only_masked, face.padding) == (4, 0.4, True, 32)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Base(width=833), "nearest are 832 and 840"),
        (lambda: Base(steps=0), "below the allowed range 1 to 1000"),
        (lambda: Base(cfg_scale=float("nan")), "not a finite number"),
        (lambda: Base(sampler="DPM++ 3M"), "nearest is 'DPM"),
        (lambda: Base(options=(SamplerOption(name="eta", value=1.0),)), "eta"),
        (
            lambda: Base(sampler="Euler a", options=(SamplerOption(name="eta", value=0.5),) * 2),
            "twice",
        ),
        (lambda: SigmaOverrides(minimum=2.0, maximum=1.0), "not above minimum"),
        (lambda: Guidance(start=0.7, end=0.2), "after end"),
        (lambda: Noise(seed=-1), "below"),
        (lambda: Noise(seed=1, resize_from_width=64), "together"),
        (lambda: Noise(seed=1, batch_index=1), "outside a batch of 1"),
        (lambda: FileIdentity(name="a", sha256="xyz"), "form"),
        (lambda: FileIdentity(sha256="0" * 64, short_hash="1234567890"), "leave it out"),
        (lambda: Overrides(checkpoint=FileIdentity()), "no name"),
        (lambda: Overrides(sampler="nope"), "unknown sampler"),
        (lambda: Refiner(checkpoint=FileIdentity()), "no name"),
        (lambda: Detailer(min_ratio=0.5, max_ratio=0.1), "above max_ratio"),
        (lambda: Detailer(width=512), "together"),
        (lambda: Network(kind=NetworkKind.LORA, name=" "), "empty"),
        (lambda: replace(SIMPLE, inpaint=Inpaint()), "img2img"),
        (lambda: replace(SIMPLE, prompt="a\0b"), "character 2"),
        (lambda: replace(SIMPLE, prompt="\ud800"), "cannot be stored"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(make, told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("[]", "expected an object"),
        ("{", "must be JSON"),
        ("[" * 5000, "must be JSON"),
        ('{"prompt": "a"}', "field 'noise' is missing"),
        ('{"prompt": 3, "noise": {"seed": 1}}', "recipe.prompt: expected a text, found 3"),
        ('{"prompt": "a", "noise": {"seed": true}}', "a whole number"),
        ('{"prompt": "a", "noise": {"seed": 1}, "base": {"stepz": 3}}', "nearest is 'steps'"),
        ('{"prompt": "a", "noise": {"seed": 1, "kind": "gpu"}}', "one of 'cpu'"),
        ('{"prompt": "a", "noise": {"seed": 1}, "detailers": {}}', "a list"),
        ('{"prompt": "a", "noise": {"seed": 1}, "format": 9}', "format 9 is not 1"),
        (
            '{"prompt": "a", "noise": {"seed": 1}, "img2img": {}, "inpaint": {"extend": [1]}}',
            "4 values",
        ),
        (
            '{"prompt":"","noise":{"seed":1},"base":{"options":[{"name":"e","value":[]}]}}',
            "a number, a text",
        ),
    ],
)
def test_json_is_read_strictly(data: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        from_json(data)


def test_whole_numbers_serve_as_fractions() -> None:
    data = {**to_mapping(SIMPLE), "base": {"cfg_scale": 7}}
    assert from_mapping(data).base.cfg_scale == 7.0


def test_hash_follows_from_the_whole_hash() -> None:
    file = FileIdentity(name="m", sha256="0842c2a1d8" + "f" * 54)
    assert file.short_hash == "0842c2a1d8"
    assert file.title == "m [0842c2a1d8]"
    assert FileIdentity(name="m").title == "m"


def test_a_pass_takes_what_it_does_not_say_from_the_base() -> None:
    eta = SamplerOption(name="eta", value=0.5)
    own = Overrides(prompt="face", sampler="k_euler", cfg_scale=3.0)
    recipe = replace(
        SIMPLE,
        base=Base(sampler="Euler a", options=(eta,)),
        model=Model(file=FileIdentity(name="m")),
        hires=Hires(own=own),
    )
    base, hires = recipe.settings(), recipe.settings(own)
    assert (base.prompt, base.sampler, base.options) == ("1girl", "Euler a", (eta,))
    assert (hires.prompt, hires.sampler, hires.options) == ("face", "Euler", ())
    assert (hires.cfg_scale, hires.checkpoint.name, hires.negative_prompt) == (3.0, "m", "")


def test_resolve_lays_request_over_preset_over_profile() -> None:
    recipe = resolve(
        {"prompt": "1girl", "base": {"steps": 9}},
        draw_seed=lambda limit: limit - 1,
        preset={"base": {"steps": 12, "schedule": "align_your_steps"}, "hires": {"scale": 2}},
        profile={"base": {"steps": 28, "width": 128, "cfg_scale": 3.5}, "negative_prompt": "bad"},
    )
    assert (recipe.base.steps, recipe.base.schedule) == (9, "Align Your Steps")
    assert (recipe.base.width, recipe.base.cfg_scale, recipe.base.height) == (128, 3.5, 1216)
    assert recipe.negative_prompt == "bad"
    assert recipe.hires == Hires(scale=2.0)
    assert recipe.noise.seed == RANDOM_SEED_LIMIT - 1


def test_resolve_draws_only_what_is_not_given() -> None:
    def never(_limit: int) -> int:
        raise AssertionError

    request: dict[str, Any] = {"prompt": "x", "noise": {"seed": 0, "variation_seed": 0}}
    assert resolve(request, draw_seed=never).noise.seed == 0
    drawn = resolve(
        {"prompt": "x", "noise": {"seed": -1, "variation_strength": 0.2}}, draw_seed=lambda _: 5
    )
    assert (drawn.noise.seed, drawn.noise.variation_seed) == (5, 5)
    still = resolve({"prompt": "x", "noise": {"seed": 3}}, draw_seed=never)
    assert still.noise.variation_seed == 0


def test_null_takes_a_part_away_and_lists_replace() -> None:
    below = {"hires": {"scale": 2.0}, "detailers": [{}, {}]}
    merged = overlay(below, {"hires": None, "detailers": [{"model": "x"}]})
    assert merged == {"hires": None, "detailers": [{"model": "x"}]}


def test_a_samplers_name_may_end_in_a_schedule() -> None:
    recipe = resolve(
        {"prompt": "x", "base": {"sampler": "dpm++ 2m sde karras"}}, draw_seed=lambda _: 1
    )
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M SDE", "Karras")
    given = {"sampler": "Euler SGM Uniform", "schedule": "normal"}
    recipe = resolve({"prompt": "x", "base": given}, draw_seed=lambda _: 1)
    assert (recipe.base.sampler, recipe.base.schedule) == ("Euler", "Normal")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_stay_within_the_practices_bounds(preset) -> None:
    recipe = resolve({"prompt": "x"}, draw_seed=lambda _: 1, preset=preset.layer)
    base = recipe.base
    for row in find_sampler(base.sampler).practice:
        if base.schedule in row.schedules:
            assert row.low <= base.steps <= row.high
            break
    else:
        assert preset.name.startswith("v-pred")
    assert set(preset.layer) <= {"base", "hires", "refiner", "detailers"}
    assert not {"width", "height"} & set(preset.layer.get("base", {}))
    assert find_preset(preset.name.upper()) is preset


def test_profiles_and_quality_tags() -> None:
    for profile in PROFILES:
        assert resolve({"prompt": "x"}, draw_seed=lambda _: 1, profile=profile.layer)
        assert find_profile(profile.name) is profile
    assert with_quality("1girl, ", "", find_quality("lean")) == (
        "1girl, ",
        "worst quality, worst detail, bad quality, simple background, sketch, censor",
    )
    assert with_quality("1girl,", "x", find_quality("standard"))[0].startswith("1girl, masterpiece")
    assert with_quality("a", "b", find_quality("none")) == ("a", "b")
    assert {preset.name for preset in QUALITY} >= {"lean", "standard", "catch-all"}
    for find in (find_preset, find_profile, find_quality):
        with pytest.raises(UnknownNameError):
            find("stendard")


def parts_of(kind: Any, seen: set[Any]) -> set[Any]:
    if is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        for hint in type_hints(kind).values():
            for inner in (hint, *getattr(hint, "__args__", ())):
                parts_of(inner, seen)
    return seen


def test_every_field_says_what_it_is() -> None:
    parts = parts_of(Recipe, set())
    assert {Img2Img, Hires, Detailer} <= parts
    silent = [
        f"{part.__name__}.{entry.name}"
        for part in parts
        if part.__module__ != "irodori.recipe.compat"
        for entry in fields(part)
        if not terms_of(entry).doc
    ]
    assert silent == []


def test_published_schema_is_current() -> None:
    published = ROOT / "docs" / "reference" / "recipe.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == json.loads(
        json.dumps(recipe_schema())
    ), "run: irodori recipe schema > docs/reference/recipe.schema.json"


def accepts(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    """Judge the part of JSON schema that ours uses."""
    if "$ref" in schema:
        return accepts(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, root)
    if "anyOf" in schema:
        return any(accepts(choice, value, root) for choice in schema["anyOf"])
    if "const" in schema:
        return bool(value == schema["const"])
    kinds = {
        "object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
        "number": (int, float), "null": type(None),
    }  # fmt: skip
    if not isinstance(value, kinds[schema["type"]]):
        return False
    if schema["type"] == "object":
        known = schema["properties"]
        return set(schema["required"]) <= set(value) <= set(known) and all(
            accepts(known[key], item, root) for key, item in value.items()
        )
    if schema["type"] == "array":
        return all(accepts(schema["items"], item, root) for item in value)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if schema["type"] not in ("integer", "number"):
        return True
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def test_schema_takes_what_is_written() -> None:
    schema = recipe_schema()
    full = replace(
        SIMPLE,
        hires=Hires(own=Overrides(prompt="x")),
        detailers=(Detailer(),),
        img2img=Img2Img(),
        inpaint=Inpaint(),
        base=Base(sampler="Euler a", options=(SamplerOption(name="eta", value=0.5),)),
    )
    data = json.loads(to_json(full))
    assert accepts(schema, data, schema)
    data["base"]["steps"] = 0
    assert not accepts(schema, data, schema)
