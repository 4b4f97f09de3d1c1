"""8-bit integer products: how far they are off, and that networks on the weights are seen."""

from dataclasses import replace

import pytest
import torch

from irodori.engine.approximate.int8 import (
    Int8Linear,
    can_multiply_in_int8,
    distance,
    multiply_in_int8,
    probe,
)
from irodori.engine.approximate.of_model import sped_up
from irodori.engine.listener import Listener
from irodori.engine.lora.apply import Share, applied
from irodori.engine.lora.keys import Target
from irodori.engine.lora.layers.full import Full
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.network import Change
from irodori.engine.memory_plan import MemoryWishes
from irodori.engine.modules.attention import fused
from irodori.engine.modules.layers import Linear
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.residence import AtHome
from irodori.recipe.approximations import INT8
from irodori.recipe.parts import Approximation, Base, Noise
from irodori.recipe.recipe import Recipe

pytestmark = pytest.mark.skipif(
    not can_multiply_in_int8(torch.device("cpu")), reason="this torch has no oneDNN"
)
SITE = "middle_block.1.transformer_blocks.0.attn1.to_q"


def layer(inputs=64, outputs=96, *, bias=True, dtype=torch.float32):
    made, generator = Linear(inputs, outputs, bias=bias), torch.Generator().manual_seed(1)
    for parameter in made.parameters():
        parameter.data.normal_(0, inputs**-0.5, generator=generator)
    return made.to(dtype).requires_grad_(requires_grad=False)


def given(*shape, dtype=torch.float32):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(2)).to(dtype)
    x[..., 3] *= 8  # one channel that is larger than the rest, as transformers have
    return x


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 64), (2, 5, 64), (300, 64)])
def test_a_layer_errs_by_about_a_hundredth(shape, bias, dtype):
    exact = layer(bias=bias, dtype=dtype)
    x = given(*shape, dtype=dtype)
    found, expected = Int8Linear(exact)(x), exact(x)
    assert found.shape == expected.shape
    assert found.dtype is dtype
    assert distance(found.float(), expected.float()) < 0.025


def test_no_input_overflows():
    exact = layer()
    for x in (torch.zeros(2, 64), torch.full((2, 64), 1e30), torch.full((2, 64), -7.0)):
        found = Int8Linear(exact)(x)
        assert bool(found.isfinite().all())
        torch.testing.assert_close(found, exact(x), rtol=0.05, atol=float(x.abs().max()) * 0.02)


def test_tokens_do_not_disturb_one_another():
    made, x = Int8Linear(layer()), given(2, 64)
    alone = made(x[:1])
    x[1] *= 1000
    torch.testing.assert_close(made(x)[:1], alone)


def test_another_weight_is_packed_anew_and_the_old_one_again():
    exact = layer()
    made, x = Int8Linear(exact), given(4, 64)
    first, original = made(x), exact.weight.data
    for factor in (2.0, 3.0):  # the second may lie where the first was
        exact.weight.data = original * factor
        assert distance(made(x), exact(x)) < 0.03
    exact.weight.data = original
    assert torch.equal(made(x), first)


def test_which_layers_of_a_unet(model):
    names = [name for name, each in model.unet.named_modules() if isinstance(each, Linear)]
    parameters = {name: value.data_ptr() for name, value in model.unet.named_parameters()}
    exact = probe(model.unet, torch.float32, fused)
    count = multiply_in_int8(model.unet)
    changed = [name for name, each in model.unet.named_modules() if isinstance(each, Int8Linear)]
    expected = [
        name
        for name in names
        if ("transformer_blocks" in name or "proj_" in name)
        and not name.endswith(("attn2.to_k", "attn2.to_v"))
    ]
    assert changed == expected
    assert count == len(changed) > 20
    assert {n: v.data_ptr() for n, v in model.unet.named_parameters()} == parameters
    assert 1e-4 < distance(probe(model.unet, torch.float32, fused), exact) < 0.1


@pytest.mark.parametrize("kind", ["branch", "merged"])
def test_networks_act_on_them(model, kind):
    weight = model.unet.get_parameter(f"{SITE}.weight")
    generator = torch.Generator().manual_seed(3)
    up, down = torch.randn(24, 2, generator=generator), torch.randn(2, 24, generator=generator)
    change = Lora(up=up, down=down) if kind == "branch" else Full(difference=up @ down)
    worn = [
        [Share(change=Change(target=Target(part="unet", parameter=f"{SITE}.weight"), layer=change))]
    ]
    multiply_in_int8(model.unet)
    plain, x = probe(model.unet, torch.float32, fused), given(1, 4, 24)
    made = model.unet.get_submodule(SITE)
    expected = torch.nn.functional.linear(x, weight.data + 0.7 * up @ down)
    with applied({"unet": model.unet}, worn, branches=True) as switch:
        switch.to([0.7])
        assert distance(made(x), expected) < 0.03
        assert not torch.equal(probe(model.unet, torch.float32, fused), plain)
    assert torch.equal(probe(model.unet, torch.float32, fused), plain)


def test_a_picture_says_so_with_the_error(small_model_file):
    recipe = Recipe(prompt="1girl", noise=Noise(seed=1), base=Base(steps=2, width=64, height=64))
    silent = Listener(tell=lambda _: None, cancelled=lambda: False)
    pictures = {}
    for int8 in (False, True):
        studio = open_studio(small_model_file, device="cpu", wishes=MemoryWishes(int8=int8))
        (pictures[int8],) = draw(studio, [recipe], silent)
    exact, picture = pictures[False], pictures[True]
    assert exact.recipe.numerics.approximations == ()
    assert exact.notes == ()
    assert picture.recipe.numerics.approximations == (Approximation(name=INT8, value=1),)
    assert not torch.equal(picture.latents, exact.latents)
    (note,) = picture.notes
    assert note.startswith("int8: ")
    assert 0 < float(note.split("differs by ")[1].removesuffix("%")) < 10
    assert picture.recipe.notes == picture.notes


def test_a_card_computes_as_it_did(model):
    on_a_card = replace(model, policy=replace(model.policy, device=torch.device("cuda")))
    found = sped_up(on_a_card, AtHome(model), MemoryWishes(int8=True))
    assert not found.is_int8
    assert found.listed(is_fp8=False) == ()
    assert not any(isinstance(each, Int8Linear) for each in model.unet.modules())
