"""Any recipe comes back from its JSON, its infotext and the pictures that hold it."""

from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from irodori.errors import InputError
from irodori.recipe import Base, Recipe, from_json, to_json
from irodori.recipe.codec import type_hints
from irodori.recipe.compat import CompatFlags, Tool, compat_of
from irodori.recipe.embed import FORMATS, encode_picture
from irodori.recipe.fields import is_required, terms_of
from irodori.recipe.info import read_picture, read_text
from irodori.recipe.infotext import exact, parse, recipe_of, unquote, write
from irodori.recipe.infotext.scan import scan
from irodori.recipe.parts import SamplerOption
from irodori.recipe.samplers import SAMPLERS

NASTY = (
    "1girl, solo",
    "a, b: c",
    'she said "hi"',
    '"quoted"',
    "line one\nline two",
    "Negative prompt: not really",
    "x\nNegative prompt: inside",
    "y, Negative prompt: here",
    "Steps: 3, Sampler: Euler, Seed: 4",
    "tail\nSteps: 3, Sampler: Euler, Seed: 4",
    '{"a": [1, 2, {"b": "c"}]}',
    "[a:b:0.5], (c:1.2), \\(d\\)",
    "  spaces  ",
    "\ttab\r\n",
    "日本語、絵文字 😀🎨",
    "Tiling",
    ",,,",
    "name [abc123]",
    "\x85\u2028\x0b\x1c",
)
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=40)).filter(lambda t: "\0" not in t)


def values_of(kind: Any, terms: Any) -> st.SearchStrategy[Any]:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        choices = [c for c in get_args(kind) if c is not NoneType]
        strategies = [values_of(choice, terms) for choice in choices]
        return st.one_of(*([st.none()] if NoneType in get_args(kind) else []), *strategies)
    if origin is tuple:
        arguments = get_args(kind)
        if arguments[-1] is Ellipsis:
            return st.lists(values_of(arguments[0], terms), max_size=3).map(tuple)
        return st.tuples(*(values_of(argument, terms) for argument in arguments))
    if kind is Base:
        return parts(Base, skip=("sampler", "options")).flatmap(with_sampler)
    if is_dataclass(kind):
        return parts(kind)
    if issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    if kind is bool:
        return st.booleans()
    if kind is int:
        low, high = int(terms.low if terms.low is not None else -99), int(terms.high or 99)
        step = terms.multiple or 1
        return st.integers(-(-low // step), high // step).map(lambda n: n * step)
    if kind is float:
        return st.floats(terms.low, terms.high, allow_nan=False, allow_infinity=False)
    if terms.pattern is not None:
        return st.from_regex(terms.pattern, fullmatch=True)
    return TEXTS.filter(lambda t: t.strip()) if terms.low else TEXTS


SAMPLER_NAMES = st.sampled_from([info.name for info in SAMPLERS])


@st.composite
def parts(draw: st.DrawFn, kind: Any, skip: tuple[str, ...] = ()) -> Any:
    """Draw a part with some of its fields set; values that do not fit together are given up."""
    hints = type_hints(kind)
    given_fields = {}
    for entry in fields(kind):
        if entry.name in skip or not (is_required(entry) or draw(st.booleans())):
            continue
        strategy = values_of(hints[entry.name], terms_of(entry))
        if entry.name == "sampler":
            strategy = st.one_of(st.none(), SAMPLER_NAMES)
        if entry.name == "flags":
            strategy = st.sampled_from([compat_of(tool) for tool in Tool] + [CompatFlags()])
        given_fields[entry.name] = draw(strategy)
    try:
        return kind(**given_fields)
    except InputError:
        assume(False)


@st.composite
def with_sampler(draw: st.DrawFn, base: Base) -> Base:
    info = draw(st.sampled_from(SAMPLERS))
    options = []
    for option in info.option_infos:
        if draw(st.booleans()):
            continue
        if option.choices:
            value: Any = draw(st.sampled_from(option.choices))
        elif isinstance(option.default, bool):
            value = draw(st.booleans())
        elif isinstance(option.default, int):
            value = draw(st.integers(int(option.low), int(option.high)))
        else:
            value = draw(st.floats(max(option.low, 0.0), min(option.high, 1e3)))
        options.append(SamplerOption(name=option.name, value=value))
    kept = {e.name: getattr(base, e.name) for e in fields(Base)}
    return Base(**{**kept, "sampler": info.name, "options": tuple(options)})


RECIPES = parts(Recipe)
PATIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


@PATIENT
@given(RECIPES)
def test_json_brings_a_recipe_back(recipe: Recipe) -> None:
    assert from_json(to_json(recipe)) == recipe


@PATIENT
@given(RECIPES)
def test_infotext_brings_a_recipe_back(recipe: Recipe) -> None:
    text = write(recipe)
    infotext = parse(text)
    found, warnings = recipe_of(infotext)
    assert found == recipe
    assert (infotext.prompt, infotext.negative_prompt) == (recipe.prompt, recipe.negative_prompt)
    assert warnings == ()


@settings(PATIENT, max_examples=15)
@given(RECIPES, st.sampled_from(sorted(FORMATS)))
def test_pictures_bring_a_recipe_back(recipe: Recipe, suffix: str) -> None:
    data = encode_picture(Image.new("RGB", (16, 16), "teal"), suffix, recipe)
    assert read_picture(data).recipe == recipe


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_exact_values_read_back(text: str) -> None:
    (pair,) = scan(f"Key: {exact(text)}").pairs
    assert pair == ("Key", text)


@settings(max_examples=500, deadline=None)
@given(st.one_of(TEXTS, st.lists(TEXTS, max_size=6).map("".join)))
def test_any_text_is_read(text: str) -> None:
    info = read_text(text)
    assert isinstance(info.parameters, type(parse("").parameters))
    assert unquote(text) is not None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Steps", "Seed", "Size", "Sampler", "CFG scale", "Hires upscale", "Lora hashes",
                 "ADetailer model", "Clip skip", "Version", "Networks", "Sampler options", "Eta",
                 "Approximations", "Mask blur", "Hires resize", "Model hash", "Compat flags"]
            ),
            st.one_of(
                st.sampled_from(
                    ["", "-1", "1e999", "nan", "x" * 50, "[[1]]", '{"a":', "99999999999999999999",
                     "0x0", "1x", "True", "None", "v1.5.0", "f2.0.1v1.10.1", '"', "[[[[[[", "ÿ"]
                ),
                st.text(max_size=12),
            ),
        ),
        min_size=3,
        max_size=10,
    )
)  # fmt: skip
def test_any_parameters_give_a_recipe_or_say_why(pairs: list[tuple[str, str]]) -> None:
    text = "1girl\nSteps: 20, Seed: 1, Size: 64x64, " + ", ".join(f"{k}: {v}" for k, v in pairs)
    info = read_text(text)
    assert info.recipe is not None or info.warnings


@pytest.mark.parametrize(
    "text",
    [
        "a " * 200_000,
        "a-" * 200_000 + ":",
        "Steps: 1, " + "key: [" * 100_000,
        "Steps: 1, " + 'key: "' * 100_000,
        "," * 400_000 + "Negative prompt",
        "[" * 400_000,
        '{"a":' * 50,
        ("x: {" * 1000 + "\n") * 20,
        "Steps: 3, Sampler: x, Seed: 1, " + "(" * 300_000,
    ],
)
def test_long_hostile_texts_take_linear_time(text: str) -> None:
    read_text(text)
