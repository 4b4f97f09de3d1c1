"""Networks on a model: both ways give the same numbers, and the model is put back bit for bit."""

import pytest
import torch
from torch.testing import assert_close

from irodori.engine.lora.apply import Share, applied
from irodori.engine.lora.keys import KeyTable, Target
from irodori.engine.lora.layers.dora import Dora
from irodori.engine.lora.layers.full import Full, Overwrite
from irodori.engine.lora.layers.ia3 import Ia3
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.network import Change

GENERATOR = torch.Generator()


def low_rank(shape, rank, seed, *, mid=False):
    generator = torch.Generator().manual_seed(seed)

    def numbers(*sizes):
        return torch.randn(*sizes, generator=generator) * 0.3

    if mid and len(shape) == 4 and shape[2] > 1:
        core = numbers(rank, rank, *shape[2:])
        return Lora(up=numbers(shape[0], rank, 1, 1), down=numbers(rank, shape[1], 1, 1), mid=core)
    return Lora(up=numbers(shape[0], rank), down=numbers(rank, *shape[1:]), scale=0.5)


def network(parts, rank, seed, *, part="unet", mid=False):
    """A LoRA on every weight of a part that has an input side."""
    return [
        Share(
            change=Change(
                target=Target(part=part, parameter=name),
                layer=low_rank(tuple(value.shape), rank, seed + i, mid=mid),
            )
        )
        for i, (name, value) in enumerate(getattr(parts, part).named_parameters())
        if name.endswith("weight") and value.dim() > 1
    ]


def drawn(parts):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(2, 4, 8, 12, generator=generator)
    vector = torch.randn(2, 40, generator=generator)
    context = torch.randn(2, 7, 20, generator=generator)
    with torch.no_grad():
        return parts.unet(x, torch.tensor([9.0, 500.0]), vector, context)


def state(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def assert_as_before(module, before, places):
    now = module.state_dict()
    assert all(torch.equal(now[name], value) for name, value in before.items())
    assert {name: value.data_ptr() for name, value in now.items()} == places
    assert not any(each._forward_hooks for each in module.modules())


@pytest.mark.parametrize("mid", [False, True])
def test_a_side_branch_equals_a_merged_weight(parts, mid):
    networks = [network(parts, 3, 11, mid=mid), network(parts, 2, 500)]
    strengths = (0.7, -0.4)
    plain = drawn(parts)
    results = []
    for branches in (True, False):
        with applied({"unet": parts.unet}, networks, branches=branches) as switch:
            assert torch.equal(drawn(parts), plain), "all strengths begin at 0"
            switch.to(strengths)
            results.append(drawn(parts))
            switch.to((0.0, 0.0))
            assert torch.equal(drawn(parts), plain)
    assert_close(results[0], results[1], atol=1e-5, rtol=1e-5)
    assert (results[0] - plain).abs().max() > 0.01
    by_hand = dict(parts.unet.named_parameters())
    for shares, strength in zip(networks, strengths, strict=True):
        for each in shares:
            weight = by_hand[each.change.target.parameter]
            weight += strength * each.change.layer.delta(weight)
    assert_close(drawn(parts), results[0], atol=1e-5, rtol=1e-5)


def draw_and_fail(parts, networks, *, branches):
    with applied({"unet": parts.unet}, networks, branches=branches) as switch:
        switch.to((0.7,))
        drawn(parts)
        raise ZeroDivisionError


@pytest.mark.parametrize("branches", [True, False])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_everything_is_put_back_after_an_exception(parts, branches, layout):
    parts.unet.to(memory_format=layout)
    before = state(parts.unet)
    places = {name: value.data_ptr() for name, value in parts.unet.state_dict().items()}
    networks = [network(parts, 3, 11)]
    with pytest.raises(ZeroDivisionError):
        draw_and_fail(parts, networks, branches=branches)
    assert_as_before(parts.unet, before, places)


class Breaking(Lora):
    def changed(self, weight, strength):
        raise MemoryError


def test_an_exception_within_a_switch_leaves_nothing_behind(parts):
    before = state(parts.unet)
    places = {name: value.data_ptr() for name, value in parts.unet.state_dict().items()}
    shares = network(parts, 3, 11)
    last = shares[-1].change
    broken = Breaking(up=last.layer.up, down=last.layer.down)
    shares[-1] = Share(change=Change(target=last.target, layer=broken))
    with (
        pytest.raises(MemoryError),
        applied({"unet": parts.unet}, [shares], branches=False) as switch,
    ):
        switch.to((1.0,))
    assert_as_before(parts.unet, before, places)


def test_half_precision_is_rounded_once_and_restored_exactly(parts):
    parts.unet.to(torch.bfloat16)
    before = state(parts.unet)
    target = "input_blocks.4.1.proj_in.weight"
    shape = tuple(before[target].shape)
    layers = [low_rank(shape, 2, seed) for seed in (1, 2)]
    networks = [
        [Share(change=Change(target=Target(part="unet", parameter=target), layer=layer))]
        for layer in layers
    ]
    original = before[target].float()
    with applied({"unet": parts.unet}, networks, branches=False) as switch:
        for strengths in ((0.7, 0.2), (0.1, 1.0), (0.7, 0.2)):
            switch.to(strengths)
            wanted = original + strengths[0] * layers[0].delta(original)
            wanted = wanted + strengths[1] * layers[1].delta(wanted)
            assert torch.equal(parts.unet.state_dict()[target], wanted.bfloat16())
    assert torch.equal(parts.unet.state_dict()[target], before[target])


def test_order_matters_where_a_kind_looks_at_the_weight(parts):
    """DoRA after a LoRA decomposes what the LoRA made, in the order of the prompt."""
    name = "middle_block.1.proj_in.weight"
    weight = parts.unet.state_dict()[name].clone()
    shape = tuple(weight.shape)
    plain, inner = low_rank(shape, 2, 1), low_rank(shape, 2, 2)
    dora = Dora(inner=inner, magnitude=torch.full((shape[0], 1), 0.7))

    def share(layer):
        return [Share(change=Change(target=Target(part="unet", parameter=name), layer=layer))]

    found = {}
    for order in ((plain, dora), (dora, plain)):
        networks = [share(layer) for layer in order]
        with applied({"unet": parts.unet}, networks, branches=True) as switch:
            switch.to((0.5, 0.8))
            found[order] = parts.unet.state_dict()[name].clone()
        by_hand = weight
        for layer, strength in zip(order, (0.5, 0.8), strict=True):
            by_hand = by_hand + strength * layer.delta(by_hand)
        assert_close(found[order], by_hand)
    assert not torch.allclose(*found.values(), atol=1e-3)


def test_block_shares_multiply_the_strength(parts):
    shares = network(parts, 3, 11)
    halved = [Share(change=each.change, share=0.5) for each in shares]
    with applied({"unet": parts.unet}, [shares], branches=True) as switch:
        switch.to((0.4,))
        whole = drawn(parts)
    with applied({"unet": parts.unet}, [halved], branches=True) as switch:
        switch.to((0.8,))
        assert_close(drawn(parts), whole, atol=1e-6, rtol=1e-6)


def test_biases_norms_and_rows_of_joint_parameters(parts):
    table = KeyTable(parts)
    width = parts.configs.text_g.width
    keys = table.find("lora_te2_text_model_encoder_layers_1_self_attn_k_proj")
    norm = table.find("lora_te2_text_model_encoder_layers_0_layer_norm1")
    projection = table.find("lora_te2_text_projection")
    lora = low_rank((width, width), 2, 5)
    shares = [
        Share(change=Change(target=keys, layer=lora)),
        Share(change=Change(target=keys.bias(), layer=Full(difference=torch.ones(width)))),
        Share(change=Change(target=norm, layer=Ia3(vector=torch.ones(width), on_input=False))),
        Share(change=Change(target=projection, layer=lora)),
        Share(change=Change(target=norm.bias(), layer=Overwrite(value=torch.full((width,), 4.0)))),
    ]
    before = state(parts.text_g)
    with applied({"text_g": parts.text_g}, [shares], branches=True) as switch:
        switch.to((0.5,))
        after = state(parts.text_g)
    difference = 0.5 * lora.delta(torch.zeros(width, width))
    rows = slice(width, 2 * width)
    name = "transformer.resblocks.1.attn.in_proj_{}"
    weight, bias = name.format("weight"), name.format("bias")
    assert_close(after[weight][rows], before[weight][rows] + difference)
    assert torch.equal(after[weight][:width], before[weight][:width])
    assert torch.equal(after[weight][2 * width :], before[weight][2 * width :])
    assert_close(after[bias][rows], before[bias][rows] + 0.5)
    assert_close(after["text_projection"], before["text_projection"] + difference.T)
    assert_close(
        after["transformer.resblocks.0.ln_1.weight"],
        before["transformer.resblocks.0.ln_1.weight"] * 1.5,
    )
    assert torch.equal(after["transformer.resblocks.0.ln_1.bias"], torch.full((width,), 4.0))
    now = state(parts.text_g)
    assert all(torch.equal(now[name], value) for name, value in before.items())
