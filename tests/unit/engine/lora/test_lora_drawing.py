"""Pictures with networks, drawn with the shipped model: the same as with weights set by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from irodori.app.models import SHIPPED
from irodori.engine.events import StepTaken
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Supplies
from irodori.errors import ModelFileError
from irodori.prompt.dialect import Dialect
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

STEPS = 5
ATTENTION = "input_blocks.7.1.transformer_blocks.0"
WEIGHTS = (
    "input_blocks.1.0.in_layers.2",
    "input_blocks.4.0.skip_connection",
    f"{ATTENTION}.attn1.to_q",
    f"{ATTENTION}.attn2.to_k",
    f"{ATTENTION}.attn2.to_v",
    f"{ATTENTION}.ff.net.2",
    "middle_block.1.proj_out",
    "output_blocks.0.1.transformer_blocks.0.attn2.to_v",
    "time_embed.2",
)
TEXTS = {
    "lora_te1_text_model_encoder_layers_0_mlp_fc1": ("text_l", "encoder.layers.0.mlp.fc1.weight"),
    "lora_te2_text_model_encoder_layers_1_mlp_fc1": (
        "text_g", "transformer.resblocks.1.mlp.c_fc.weight",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def studio():
    return open_studio(SHIPPED, device="cpu")


def factors(weight, generator, size):
    up = torch.randn(weight.shape[0], 4, generator=generator)
    down = torch.randn(4, *weight.shape[1:], generator=generator)
    scale = size * weight.norm() / (up @ down.flatten(1)).norm()
    return up * scale, down


@pytest.fixture(scope="module")
def network(studio, tmp_path_factory):
    """A file of both sides, and what it adds to each weight at strength 1."""
    generator = torch.Generator().manual_seed(5)
    tensors, deltas = {}, {}
    places = {
        f"lora_unet_{name.replace('.', '_')}": ("unet", f"{name}.weight") for name in WEIGHTS
    } | TEXTS
    for stem, (part, name) in places.items():
        weight = getattr(studio.model, part).state_dict()[name]
        up, down = factors(weight, generator, 0.5)
        tensors |= {f"{stem}.lora_up.weight": up, f"{stem}.lora_down.weight": down}
        tensors[f"{stem}.alpha"] = torch.tensor(2.0)
        deltas[part, name] = 0.5 * (up @ down.flatten(1)).view(weight.shape)
    path = tmp_path_factory.mktemp("networks") / "style.safetensors"
    save_file(tensors, path)
    return path, deltas


def recipe(prompt, **changes):
    base = Base(sampler="Euler", steps=STEPS, cfg_scale=3.0, width=64, height=64)
    made = Recipe(prompt=prompt, negative_prompt="bad quality", noise=Noise(seed=3), base=base)
    return replace(made, **changes)


def drawn(studio, *recipes, path=None, tell=lambda event: None):
    supplies = Supplies(find_network=lambda name: path if name == "style" else None)
    listener = Listener(tell=tell, cancelled=lambda: False)
    return draw(studio, recipes, listener, supplies)


def latents(studio, prompt, path=None, tell=lambda event: None, **changes):
    return drawn(studio, recipe(prompt, **changes), path=path, tell=tell)[0].latents


class ByHand:
    """Weights set by hand to `original + strength * delta`, as a schedule says, step by step."""

    def __init__(self, studio, deltas, part, strengths):
        self.places = [
            (getattr(studio.model, part).get_parameter(name), delta)
            for (own, name), delta in deltas.items()
            if own == part
        ]
        self.originals = [parameter.data.clone() for parameter, _ in self.places]
        self.strengths = strengths

    def set(self, strength):
        for (parameter, delta), original in zip(self.places, self.originals, strict=True):
            parameter.data.copy_(original + strength * delta)

    def __call__(self, event):
        if isinstance(event, StepTaken) and event.step < len(self.strengths):
            self.set(self.strengths[event.step])

    def __enter__(self):
        self.set(self.strengths[0])
        return self

    def __exit__(self, *_):
        self.set(0.0)


def state(studio):
    return {
        (part, name): value.clone()
        for part in ("unet", "text_l", "text_g")
        for name, value in getattr(studio.model, part).state_dict().items()
    }


def is_as(studio, before):
    return all(torch.equal(value, before[key]) for key, value in state(studio).items())


def test_a_schedule_equals_the_same_weights_set_by_hand_step_by_step(studio, network):
    """The by-hand prompt changes by a blank when the strength does: keys and values are new."""
    path, deltas = network
    before = state(studio)
    plain = latents(studio, "1girl, smile")
    for prompt, strengths in (
        ("1girl, smile[:<lora:style:0:0.8>:0.4]", (0.0, 0.0, 0.8, 0.8, 0.8)),
        ("1girl, smile[<lora:style:0:0.8>::0.4]", (0.8, 0.8, 0.0, 0.0, 0.0)),
    ):
        found = latents(studio, prompt, path)
        with ByHand(studio, deltas, "unet", strengths) as hand:
            wanted = latents(studio, "1girl, [smile:  smile:0.4]", tell=hand)
        torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)
        assert (found - plain).abs().max() > 0.05
        assert is_as(studio, before)


def test_a_constant_strength_equals_merged_weights(studio, network):
    path, deltas = network
    before = state(studio)
    found = latents(studio, "1girl, smile<lora:style:0:-0.6>", path)
    with ByHand(studio, deltas, "unet", (-0.6,)):
        wanted = latents(studio, "1girl, smile")
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)
    assert is_as(studio, before)


def test_texts_are_encoded_by_changed_encoders_and_cached_by_their_strengths(studio, network):
    path, deltas = network
    before = state(studio)
    plain = latents(studio, "1girl, smile")
    found = latents(studio, "1girl, smile<lora:style:0.7:0>", path)
    assert (found - plain).abs().max() > 0.01
    fresh = open_studio(SHIPPED, device="cpu")
    with ByHand(fresh, deltas, "text_l", (0.7,)), ByHand(fresh, deltas, "text_g", (0.7,)):
        wanted = latents(fresh, "1girl, smile")
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)
    encoded = studio.prompter.encoded
    assert torch.equal(latents(studio, "1girl, smile<lora:style:0.7:0>", path), found)
    assert torch.equal(latents(studio, "1girl, smile"), plain)
    assert studio.prompter.encoded == encoded, "both states of the text are remembered"
    latents(studio, "1girl, smile<lora:style:0.6:0>", path)
    assert studio.prompter.encoded == encoded + 2, "prompt and negative prompt by other weights"
    assert is_as(studio, before)


def test_a_text_is_encoded_for_each_state_that_it_is_in_force_in(studio, network):
    path, _ = network
    encoded = studio.prompter.encoded
    latents(studio, "1girl, scheduled[:<lora:style:0.7:0>:0.4]", path)
    assert studio.prompter.encoded - encoded <= 4
    early = latents(studio, "1girl, scheduled[<lora:style:0.7:0>::0.4]", path)
    late = latents(studio, "1girl, scheduled[:<lora:style:0.7:0>:0.4]", path)
    always = latents(studio, "1girl, scheduled<lora:style:0.7:0>", path)
    assert len({float(each.sum()) for each in (early, late, always)}) == 3


def test_pictures_of_a_batch_may_have_networks_of_their_own(studio, network):
    path, _ = network
    prompts = ("1girl, smile<lora:style:0.8>", "1girl, smile")
    singles = [latents(studio, prompt, path) for prompt in prompts]
    together = drawn(studio, *(recipe(prompt) for prompt in prompts), path=path)
    for single, one in zip(singles, together, strict=True):
        torch.testing.assert_close(one.latents, single, atol=1e-4, rtol=1e-4)


def test_the_a1111_dialect_applies_a_tag_at_every_step(studio, network):
    path, _ = network
    theirs = latents(studio, "1girl, [<lora:style:0:0.8>::0.4]", path, dialect=Dialect.A1111)
    plain = latents(studio, "1girl, ", path, dialect=Dialect.A1111)
    assert (theirs - plain).abs().max() > 0.05


def test_a_missing_network_is_told_with_the_picture(studio):
    picture = drawn(studio, recipe("1girl, <lora:gone:1>"))[0]
    assert picture.notes == (
        "network 'gone' is missing: no such file in the folders of the configuration",
    )
    assert np.array_equal(picture.pixels, drawn(studio, recipe("1girl, "))[0].pixels)


def test_weights_are_put_back_when_a_listener_fails(studio, network):
    path, _ = network
    before = state(studio)

    def fail(event):
        if isinstance(event, StepTaken) and event.step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        latents(studio, "1girl, smile<lora:style:0.8>", path, fail)
    assert is_as(studio, before)


def test_a_network_of_another_family_stops_before_anything_is_drawn(studio, tmp_path):
    path = tmp_path / "style.safetensors"
    save_file({"lora_unet_double_blocks_0_x.lora_up.weight": torch.ones(2, 2)}, path)
    events = []
    with pytest.raises(ModelFileError, match="for Flux"):
        drawn(studio, recipe("1girl, <lora:style:1>"), path=path, tell=events.append)
    assert events == []


def test_a_model_of_values_that_are_no_numbers_is_blamed_and_not_the_sampler():
    """Large files are mapped, so this is found out when a picture comes out bad."""
    fresh = open_studio(SHIPPED, device="cpu")
    fresh.model.unet.get_parameter("middle_block.1.proj_in.weight").data.fill_(float("nan"))
    with pytest.raises(ModelFileError, match=r"unet\.middle_block\.1\.proj_in\.weight has values"):
        latents(fresh, "1girl")
