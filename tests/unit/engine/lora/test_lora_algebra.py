"""Every kind of network against the formula of its paper, written out plainly."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from irodori.engine.lora.build import PeftScale, bias_layer, weight_layer
from irodori.engine.lora.layers.base import moved

OUT, IN, RANK = 12, 10, 4


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def delta(pieces, weight, stated=None):
    layer = weight_layer(pieces, tuple(weight.shape), stated)
    assert layer is not None
    assert layer.fits(tuple(weight.shape))
    before = weight.clone()
    found = layer.delta(weight)
    assert torch.equal(weight, before), "the weight itself must not change"
    assert found.shape == weight.shape
    return found


sizes = st.integers(1, 7)


@given(
    out=sizes,
    inner=sizes,
    rank=sizes,
    alpha=st.none() | st.floats(0.5, 32),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_lora_is_up_times_down_times_alpha_over_rank(out, inner, rank, alpha, seed):
    up, down = numbers(out, rank, seed=seed), numbers(rank, inner, seed=seed + 1)
    pieces = {"up": up, "down": down} | ({} if alpha is None else {"alpha": torch.tensor(alpha)})
    scale = 1.0 if alpha is None else alpha / rank
    wanted = scale * torch.einsum("or,ri->oi", up, down)
    assert_close(delta(pieces, numbers(out, inner)), wanted)


def test_lora_on_a_convolution_and_its_two_dimensional_spellings():
    up, down = numbers(OUT, RANK, 1, 1), numbers(RANK, IN, 3, 3)
    wanted = torch.einsum("or,rihw->oihw", up[:, :, 0, 0], down)
    assert_close(delta({"up": up, "down": down}, numbers(OUT, IN, 3, 3)), wanted)
    pointwise = numbers(RANK, IN, 1, 1)
    flat = torch.einsum("or,ri->oi", up[:, :, 0, 0], pointwise[:, :, 0, 0])
    assert_close(delta({"up": up, "down": pointwise}, numbers(OUT, IN)), flat)
    assert_close(
        delta({"up": up[:, :, 0, 0], "down": pointwise[:, :, 0, 0]}, numbers(OUT, IN, 1, 1)),
        flat[:, :, None, None],
    )


def test_locon_with_a_core_is_three_convolutions_one_after_the_other():
    up, mid, down = numbers(OUT, RANK, 1, 1), numbers(RANK, RANK, 3, 3), numbers(RANK, IN, 1, 1)
    pieces = {"up": up, "mid": mid, "down": down, "alpha": torch.tensor(2.0)}
    weight, x = numbers(OUT, IN, 3, 3), numbers(2, IN, 6, 5)
    conv = torch.nn.functional.conv2d
    wanted = conv(conv(conv(x, down), mid, padding=1), up) * (2.0 / RANK)
    assert_close(conv(x, delta(pieces, weight), padding=1), wanted, atol=1e-4, rtol=1e-4)
    layer = weight_layer(pieces, tuple(weight.shape))
    up_whole, down_whole = layer.factors()
    folded = torch.einsum("or,rihw->oihw", up_whole, down_whole) * layer.scale
    assert_close(folded, delta(pieces, weight))


def test_peft_states_alpha_in_the_metadata():
    up, down, weight = numbers(OUT, RANK), numbers(RANK, IN), numbers(OUT, IN)
    pieces = {"up": up, "down": down}
    assert_close(delta(pieces, weight, PeftScale(alpha=8)), 2 * up @ down)
    assert_close(delta(pieces, weight, PeftScale(alpha=8, rank_stabilised=True)), 4 * up @ down)
    own = pieces | {"alpha": torch.tensor(4.0)}
    assert_close(delta(own, weight, PeftScale(alpha=8)), up @ down)


def test_loha_is_an_elementwise_product():
    a1, b1, a2, b2 = (
        numbers(OUT, RANK), numbers(RANK, IN), numbers(OUT, RANK, seed=1), numbers(RANK, IN, seed=1)
    )  # fmt: skip
    pieces = {"hada_w1_a": a1, "hada_w1_b": b1, "hada_w2_a": a2, "hada_w2_b": b2}
    wanted = torch.einsum("or,ri->oi", a1, b1) * torch.einsum("or,ri->oi", a2, b2)
    assert_close(delta(pieces, numbers(OUT, IN)), wanted)
    half = pieces | {"alpha": torch.tensor(RANK / 2)}
    assert_close(delta(half, numbers(OUT, IN)), wanted / 2)


def test_loha_in_tucker_form_and_flattened_on_convolutions():
    t1, t2 = numbers(RANK, RANK, 3, 3), numbers(RANK, RANK, 3, 3, seed=1)
    a1, b1, a2, b2 = (
        numbers(RANK, OUT), numbers(RANK, IN), numbers(RANK, OUT, seed=1), numbers(RANK, IN, seed=1)
    )  # fmt: skip
    pieces = {
        "hada_w1_a": a1, "hada_w1_b": b1, "hada_w2_a": a2, "hada_w2_b": b2,
        "hada_t1": t1, "hada_t2": t2, "alpha": torch.tensor(1.0),
    }  # fmt: skip
    rebuilt = [
        torch.einsum("pqhw,po,qi->oihw", t, a, b) for t, a, b in ((t1, a1, b1), (t2, a2, b2))
    ]
    wanted = rebuilt[0] * rebuilt[1] / RANK
    assert_close(delta(pieces, numbers(OUT, IN, 3, 3)), wanted, atol=1e-5, rtol=1e-4)
    flat = {
        "hada_w1_a": numbers(OUT, RANK), "hada_w1_b": numbers(RANK, IN * 9),
        "hada_w2_a": numbers(OUT, RANK, seed=3), "hada_w2_b": numbers(RANK, IN * 9, seed=3),
    }  # fmt: skip
    product = (flat["hada_w1_a"] @ flat["hada_w1_b"]) * (flat["hada_w2_a"] @ flat["hada_w2_b"])
    assert_close(delta(flat, numbers(OUT, IN, 3, 3)), product.view(OUT, IN, 3, 3))


@pytest.mark.parametrize("low_first", [False, True])
@pytest.mark.parametrize("low_second", [False, True])
def test_lokr_is_a_kronecker_product(low_first, low_second):
    a1, b1, a2, b2 = numbers(3, 2), numbers(2, 5), numbers(4, 2), numbers(2, 2, seed=5)
    first = {"lokr_w1_a": a1, "lokr_w1_b": b1} if low_first else {"lokr_w1": a1 @ b1}
    second = {"lokr_w2_a": a2, "lokr_w2_b": b2} if low_second else {"lokr_w2": a2 @ b2}
    pieces = first | second | {"alpha": torch.tensor(3.0)}
    scale = 3.0 / 2 if low_first or low_second else 1.0  # two whole factors have no rank
    wanted = scale * torch.kron(a1 @ b1, a2 @ b2)
    assert_close(delta(pieces, numbers(OUT, IN)), wanted)


def test_lokr_takes_its_rank_from_the_fine_factor():
    pieces = {
        "lokr_w1_a": numbers(3, 2), "lokr_w1_b": numbers(2, 5),
        "lokr_w2_a": numbers(4, 3), "lokr_w2_b": numbers(3, 2), "alpha": torch.tensor(6.0),
    }  # fmt: skip
    wanted = 2.0 * torch.kron(numbers(3, 2) @ numbers(2, 5), numbers(4, 3) @ numbers(3, 2))
    assert_close(delta(pieces, numbers(OUT, IN)), wanted)


def test_lokr_on_convolutions():
    w1, w2 = numbers(3, 5), numbers(4, 2, 3, 3)
    wanted = torch.einsum("ab,cdhw->acbdhw", w1, w2).reshape(OUT, IN, 3, 3)
    assert_close(delta({"lokr_w1": w1, "lokr_w2": w2}, numbers(OUT, IN, 3, 3)), wanted)
    flat = {"lokr_w1": w1, "lokr_w2": w2.flatten(1)}
    assert_close(delta(flat, numbers(OUT, IN, 3, 3)), wanted)
    core, a, b = numbers(RANK, RANK, 3, 3), numbers(RANK, 4), numbers(RANK, 2)
    tucker = {"lokr_w1": w1, "lokr_t2": core, "lokr_w2_a": a, "lokr_w2_b": b}
    fine = torch.einsum("pqhw,po,qi->oihw", core, a, b)
    wanted = torch.einsum("ab,cdhw->acbdhw", w1, fine).reshape(OUT, IN, 3, 3)
    assert_close(delta(tucker, numbers(OUT, IN, 3, 3)), wanted, atol=1e-5, rtol=1e-5)


def test_glora_in_both_layouts():
    weight = numbers(OUT, IN)
    a_out, a_in, b_out, b_in = (
        numbers(IN, RANK), numbers(RANK, IN), numbers(OUT, RANK), numbers(RANK, IN, seed=1)
    )  # fmt: skip
    wanted = 0.5 * (weight @ a_out @ a_in + b_out @ b_in)
    alpha = torch.tensor(RANK / 2)
    newer = {"a1": a_out, "a2": a_in, "b1": b_out, "b2": b_in, "alpha": alpha}
    older = {"a1": a_in, "a2": a_out, "b1": b_in, "b2": b_out, "alpha": alpha}
    assert_close(delta(newer, weight), wanted)
    assert_close(delta(older, weight), wanted)


def test_glora_mixes_the_input_channels_of_a_convolution():
    weight = numbers(OUT, IN, 3, 3)
    a_out, a_in, b_out, b_in = (
        numbers(IN, RANK), numbers(RANK, IN), numbers(OUT, RANK), numbers(RANK, IN, 3, 3)
    )  # fmt: skip
    pieces = {"a1": a_out[..., None, None], "a2": a_in[..., None, None], "b1": b_out, "b2": b_in}
    wanted = torch.einsum("oihw,ir,rj->ojhw", weight, a_out, a_in)
    wanted = wanted + torch.einsum("or,rihw->oihw", b_out, b_in)
    assert_close(delta(pieces, weight), wanted, atol=1e-5, rtol=1e-5)


INNER = {
    "lora": {"up": numbers(OUT, RANK), "down": numbers(RANK, IN), "alpha": torch.tensor(2.0)},
    "loha": {
        "hada_w1_a": numbers(OUT, RANK), "hada_w1_b": numbers(RANK, IN),
        "hada_w2_a": numbers(OUT, RANK, seed=2), "hada_w2_b": numbers(RANK, IN, seed=2),
    },
    "lokr": {"lokr_w1": numbers(3, 5), "lokr_w2": numbers(4, 2)},
    "glora": {
        "a1": numbers(IN, RANK), "a2": numbers(RANK, IN),
        "b1": numbers(OUT, RANK), "b2": numbers(RANK, IN, seed=1),
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", INNER)
@pytest.mark.parametrize("shape", [(OUT, 1), (OUT,), (1, IN)])
@pytest.mark.parametrize("strength", [-0.5, 0.0, 0.3, 1.0, 1.7])
def test_dora_at_every_strength(kind, shape, strength):
    """W(s) = W + s * (m (W + D) / ||W + D|| - W), over output rows or input columns."""
    weight, magnitude = numbers(OUT, IN), numbers(*shape).abs() + 0.5
    inner = weight_layer(INNER[kind], (OUT, IN))
    layer = weight_layer(INNER[kind] | {"dora_scale": magnitude}, (OUT, IN))
    merged = weight + inner.delta(weight)
    if shape[0] == OUT:
        norm, m = torch.linalg.vector_norm(merged, dim=1)[:, None], magnitude.view(OUT, 1)
    else:
        norm, m = torch.linalg.vector_norm(merged, dim=0)[None], magnitude.view(1, IN)
    wanted = weight + strength * (m * merged / norm - weight)
    assert_close(layer.changed(weight, strength), wanted, atol=1e-5, rtol=1e-5)


def test_dora_on_a_convolution_norms_over_channels_and_kernel():
    weight = numbers(OUT, IN, 3, 3)
    pieces = {"up": numbers(OUT, RANK, 1, 1), "down": numbers(RANK, IN, 3, 3)}
    merged = weight + delta(pieces, weight)
    by_input = numbers(1, IN, 1, 1).abs()
    norm = merged.transpose(0, 1).flatten(1).norm(dim=1).view(1, IN, 1, 1)
    found = delta(pieces | {"dora_scale": by_input}, weight)
    assert_close(found, by_input * merged / norm - weight, atol=1e-5, rtol=1e-5)
    by_output = numbers(OUT, 1, 1, 1).abs()
    norm = merged.flatten(1).norm(dim=1).view(OUT, 1, 1, 1)
    found = delta(pieces | {"dora_scale": by_output}, weight)
    assert_close(found, by_output * merged / norm - weight, atol=1e-5, rtol=1e-5)


def test_ia3_scales_outputs_or_inputs():
    weight, kernel = numbers(OUT, IN), numbers(OUT, IN, 3, 3)
    out, inner = numbers(OUT), numbers(IN)
    on, off = torch.tensor(1), torch.tensor(0)
    assert_close(delta({"weight": out, "on_input": off}, weight), weight * out[:, None])
    assert_close(delta({"weight": inner, "on_input": on}, weight), weight * inner)
    on_kernel = {"weight": out.view(1, OUT, 1, 1), "on_input": off}
    assert_close(delta(on_kernel, kernel), kernel * out.view(OUT, 1, 1, 1))


def cayley(q):
    skew, identity = q - q.transpose(-1, -2), torch.eye(q.shape[-1])
    return (identity + skew) @ torch.linalg.inv(identity - skew)


def test_oft_rotates_blocks_of_output_channels():
    weight, q, rescale = numbers(OUT, IN), numbers(3, 4, 4) * 0.2, numbers(OUT, 1)
    rotation = torch.block_diag(*cayley(q))
    assert_close(rotation @ rotation.T, torch.eye(OUT), atol=1e-5, rtol=0)
    assert_close(delta({"oft_blocks": q}, weight), rotation.T @ weight - weight)
    scaled = delta({"oft_blocks": q, "rescale": rescale}, weight)
    assert_close(scaled, rescale * (rotation.T @ weight) - weight)
    assert_close(delta({"oft_diag": cayley(q)}, weight), rotation.T @ weight - weight)
    kernel = numbers(OUT, IN, 3, 3)
    wanted = torch.einsum("pq,pihw->qihw", rotation, kernel) - kernel
    assert_close(delta({"oft_blocks": q}, kernel), wanted, atol=1e-5, rtol=1e-5)


def test_oft_is_held_back_by_its_constraint():
    weight, q = numbers(OUT, IN), numbers(3, 4, 4)
    skew = q - q.transpose(1, 2)
    limit = 0.05 * OUT
    assert skew.norm() > limit
    rotation = torch.block_diag(*cayley(q * (limit / skew.norm())))
    found = delta({"oft_blocks": q, "alpha": torch.tensor(0.05)}, weight)
    assert_close(found, rotation.T @ weight - weight)


def test_boft_is_a_product_of_permuted_block_rotations():
    out, stages, blocks, size = 16, 3, 4, 4
    weight, q = numbers(out, IN), numbers(stages, blocks, size, size) * 0.3
    whole = torch.eye(out)
    for i, rotation in enumerate(cayley(q)):
        reach = 2**i * size // 2
        # position -> channel: (c, k, 2) -> (c, 2, k)
        order = torch.arange(out).view(-1, 2, reach).transpose(1, 2).flatten()
        permutation = torch.eye(out)[order]
        whole = permutation.T @ torch.block_diag(*rotation) @ permutation @ whole
    found = delta({"oft_blocks": q}, weight)
    assert_close(found, whole @ weight - weight, atol=1e-5, rtol=1e-5)
    assert_close(whole @ whole.T, torch.eye(out), atol=1e-5, rtol=0)


def test_differences_norms_and_replaced_weights():
    weight, other, bias = numbers(OUT, IN), numbers(OUT, IN, seed=9), numbers(OUT)
    assert torch.equal(delta({"diff": other, "alpha": torch.tensor(1.0)}, weight), other)
    assert torch.equal(delta({"w_norm": bias}, numbers(OUT)), bias)
    assert torch.equal(bias_layer({"diff_b": bias}).delta(numbers(OUT)), bias)
    assert torch.equal(bias_layer({"w_norm": bias, "b_norm": bias}).delta(numbers(OUT)), bias)
    replaced = weight_layer({"set_weight": other}, (OUT, IN))
    assert torch.equal(replaced.changed(weight, 0.3), other)
    assert replaced.changed(weight, 0.0) is weight


@pytest.mark.parametrize("kind", INNER)
def test_other_shapes_do_not_fit(kind):
    layer = weight_layer(INNER[kind], (OUT, IN))
    assert layer.fits((OUT, IN))
    assert not layer.fits((OUT + 1, IN))
    assert not layer.fits((OUT, IN + 1))
    assert not layer.fits((OUT, IN, 3, 3))


def test_half_of_a_pair_is_nothing():
    assert weight_layer({"up": numbers(OUT, RANK)}, (OUT, IN)) is None
    assert weight_layer({"lokr_w1": numbers(3, 5)}, (OUT, IN)) is None
    assert weight_layer({"alpha": torch.tensor(1.0)}, (OUT, IN)) is None


@pytest.mark.parametrize("kind", INNER)
def test_layers_move_to_a_weights_device_with_all_they_hold(kind):
    """The meta device stands for a GPU: what stayed behind would fail to compute with it."""
    layer = weight_layer(INNER[kind] | {"dora_scale": numbers(OUT, 1)}, (OUT, IN))
    assert moved(layer, torch.device("cpu")) is layer
    away = moved(layer, torch.device("meta"))
    changed = away.changed(torch.empty(OUT, IN, device="meta"), 0.5)
    assert changed.device.type == "meta"
    assert changed.shape == (OUT, IN)
