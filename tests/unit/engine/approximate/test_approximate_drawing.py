"""Pictures drawn with speed-ups: off is off, every sampler takes them, nothing crosses pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, studio_for
from irodori.engine.residence import AtHome
from irodori.engine.studio import Supplies
from irodori.recipe.approximations import read_approximation, with_approximations
from irodori.recipe.parts import Approximation, Base, Noise, Numerics
from irodori.recipe.passes import Hires
from irodori.recipe.recipe import Recipe
from irodori.recipe.samplers import SAMPLERS

STEPS = 6
RECIPE = Recipe(
    prompt="1girl, green hair",
    negative_prompt="blurry",
    noise=Noise(seed=7),
    base=Base(sampler="Euler", steps=STEPS, cfg_scale=3.0, width=64, height=48),
)
ALL = ("skip-late-cfg=0.5", "block-cache=2", "token-merging=0.5")
NEUTRAL = ("skip-late-cfg=1", "block-cache=1", "token-merging=0")


@pytest.fixture
def studio(model):
    return studio_for(model, AtHome(model))


@pytest.fixture
def deep_calls(model):
    """Numbers the calls of the middle block by how many rows they have."""
    rows = []
    block = model.unet.middle_block[0]
    with_hook = block.register_forward_hook(lambda _, args, out: rows.append(len(args[0])))
    yield rows
    with_hook.remove()


def quick(*texts, recipe=RECIPE, **parts):
    asked = [read_approximation(text) for text in texts]
    return replace(with_approximations(recipe, asked), **parts)


def drawn(studio, *recipes, supplies=None):
    silent = Listener(tell=lambda _: None, cancelled=lambda: False)
    return draw(studio, recipes, silent, supplies or Supplies())


def one(studio, recipe, supplies=None):
    (picture,) = drawn(studio, recipe, supplies=supplies)
    return picture


def same(first, second):
    return bool(torch.equal(first.latents, second.latents))


def test_neutral_values_are_the_same_bits_and_are_not_recorded(studio):
    exact, neutral = one(studio, RECIPE), one(studio, quick(*NEUTRAL))
    assert same(exact, neutral)
    assert np.array_equal(exact.pixels, neutral.pixels)
    assert neutral.recipe == exact.recipe
    # As a recipe from elsewhere may have them.
    listed = [Approximation(name="block-cache", value=1), Approximation(name="int8", value=0)]
    foreign = one(studio, replace(RECIPE, numerics=Numerics(approximations=tuple(listed))))
    assert same(exact, foreign)
    assert foreign.recipe.numerics.approximations == ()
    assert foreign.notes == ()


@pytest.mark.parametrize("text", ALL)
def test_each_changes_the_picture_and_says_so(studio, text):
    picture = one(studio, quick(text))
    assert not same(one(studio, RECIPE), picture)
    assert picture.recipe == replace(quick(text), numerics=picture.recipe.numerics)
    listed = picture.recipe.numerics.approximations
    assert listed == quick(text).numerics.approximations
    assert same(picture, one(studio, picture.recipe))


@pytest.mark.parametrize("name", [info.name for info in SAMPLERS])
def test_every_sampler_draws_with_all_of_them(model, studio, deep_calls, name):
    calls = []
    model.unet.out.register_forward_hook(lambda *_: calls.append(None))
    base = replace(RECIPE.base, sampler=name, options=(), steps=4, width=16, height=16)
    picture = one(studio, quick(*ALL, recipe=replace(RECIPE, base=base)))
    assert bool(picture.latents.isfinite().all())
    assert 0 < len(deep_calls) < len(calls)


def test_what_is_computed(studio, deep_calls):
    def rows(recipe):
        deep_calls.clear()
        one(studio, recipe)
        return list(deep_calls)

    assert rows(RECIPE) == [2] * STEPS
    assert rows(quick("block-cache=2")) == [2, 2, 2]
    assert rows(quick("block-cache=4")) == [2, 2]
    assert rows(quick("skip-late-cfg=0.5")) == [2, 2, 2, 1, 1, 1]
    assert rows(quick("skip-late-cfg=0")) == [1] * STEPS
    # The call without the negative prompt asks other rows: it begins with a whole one.
    assert rows(quick("block-cache=4", "skip-late-cfg=0.5")) == [2, 1]
    # The prompt changes in the middle: what was kept of the other text is not used.
    assert rows(quick("block-cache=6", prompt="[1girl:1boy:0.5]")) == [2, 2]


def test_parts_of_and_share_a_call_and_end_as_their_mean(studio, deep_calls):
    recipe = quick("block-cache=2", "skip-late-cfg=0.5", prompt="1girl AND green hair :0.5")
    picture = one(studio, recipe)
    assert bool(picture.latents.isfinite().all())
    assert deep_calls == [3, 3, 2, 2]
    # Without guidance from the start, two equal parts are as one.
    alone = one(studio, quick("skip-late-cfg=0"))
    twice = one(studio, quick("skip-late-cfg=0", prompt="1girl, green hair AND 1girl, green hair"))
    torch.testing.assert_close(alone.latents, twice.latents, rtol=0, atol=1e-4)


def test_the_cache_never_crosses_pictures_and_passes(model, studio, deep_calls):
    recipe = quick(*ALL, hires=Hires(scale=2.0, upscaler="Latent", denoise=0.5, steps=STEPS))
    fresh = one(studio_for(model, AtHome(model)), recipe)
    one(studio, quick(*ALL, noise=Noise(seed=99)))
    deep_calls.clear()
    assert same(one(studio, recipe), fresh)
    assert len(deep_calls) == 2 * (2 + 2)  # either pass begins anew, and again without guidance


def test_a_batch_draws_its_pictures(studio):
    recipes = [
        quick(*ALL, noise=Noise(seed=7 + index, batch_size=2, batch_index=index))
        for index in range(2)
    ]
    for recipe, picture in zip(recipes, drawn(studio, *recipes), strict=True):
        alone = one(studio, replace(recipe, noise=Noise(seed=recipe.noise.seed)))
        torch.testing.assert_close(picture.latents, alone.latents, rtol=0, atol=1e-4)


def test_networks_by_the_step_are_never_drawn_with_old_weights(studio, deep_calls, tmp_path):
    layer = "middle_block.1.transformer_blocks.0.attn1.to_q"
    generator = torch.Generator().manual_seed(3)
    path = tmp_path / "style.safetensors"
    stem = f"lora_unet_{layer.replace('.', '_')}"
    factors = {
        f"{stem}.lora_up.weight": torch.randn(24, 2, generator=generator),
        f"{stem}.lora_down.weight": torch.randn(2, 24, generator=generator),
    }
    save_file(factors, path)
    supplies = Supplies(find_network=lambda _: path)

    def rows(prompt):
        deep_calls.clear()
        one(studio, quick("block-cache=6", prompt=prompt), supplies)
        return len(deep_calls)

    assert rows("1girl, <lora:style:1>") == 1
    assert rows("1girl, [:<lora:style:1>:0.5]") == 2
    assert rows("1girl, [<lora:style:1>::0.34]") == 2
    # Drawn by the whole call after the switch, the network is in the picture.
    late = quick("block-cache=6", prompt="1girl, [:<lora:style:1>:0.5]")
    without = quick("block-cache=6", prompt="1girl, [::0.5]")
    assert not same(one(studio, late, supplies), one(studio, without, supplies))


def test_what_is_not_done_is_told(studio):
    listed = (Approximation(name="warp", value=3), Approximation(name="int8", value=1))
    picture = one(studio, replace(RECIPE, numerics=Numerics(approximations=listed)))
    assert picture.notes == (
        "approximation 'warp' is not known here",
        "approximation 'int8' was not done: the model is open without it",
    )
    assert picture.recipe.numerics.approximations == ()
    assert same(picture, one(studio, RECIPE))
