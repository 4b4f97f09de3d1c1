import pytest
import torch
from torch import nn

from irodori.engine.modules.layers import Conv2d, GroupNorm, Linear, Pointwise, channels_last


def randn(*shape, seed=3):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def gradients(norm, x, target):
    x = x.detach().requires_grad_()
    norm.zero_grad()
    y = norm(x)
    (y.float() * target).sum().backward()
    return [y.detach(), x.grad, norm.weight.grad, norm.bias.grad]


@pytest.mark.parametrize("shape", [(2, 16, 96, 64), (1, 24, 75, 73)], ids=["even", "odd"])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_the_group_norm_of_large_tensors_is_torchs(shape, layout):
    ours, theirs = GroupNorm(8, shape[1]), nn.GroupNorm(8, shape[1])
    with torch.no_grad():
        ours.weight.copy_(1 + 0.3 * randn(shape[1]))
        ours.bias.copy_(randn(shape[1], seed=4))
    theirs.load_state_dict(ours.state_dict())
    x = (3 * randn(*shape) + 2).contiguous(memory_format=layout)
    target = randn(*shape, seed=5)
    for found, expected in zip(
        gradients(ours, x, target), gradients(theirs, x, target), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-3)


def test_the_group_norms_gradient_is_the_numerical_one():
    x = channels_last(randn(1, 8, 128, 129)).double().requires_grad_()
    norm = GroupNorm(2, 8).double()
    target = randn(1, 8, 128, 129, seed=5).double()
    (norm(x) * target).sum().backward()
    step = torch.zeros_like(x)
    step[0, 3, 7, 11] = 1e-4
    with torch.no_grad():
        slope = ((norm(x + step) - norm(x - step)) * target).sum() / 2e-4
    torch.testing.assert_close(x.grad[0, 3, 7, 11], slope, rtol=1e-5, atol=1e-7)


def test_the_group_norm_keeps_bfloat16_close_to_float32():
    norm = GroupNorm(4, 32)
    x, target = channels_last(randn(2, 32, 64, 64)), randn(2, 32, 64, 64, seed=5)
    exact = gradients(norm, x, target)
    rounded = gradients(norm, x.bfloat16(), target)
    assert rounded[1].dtype == torch.bfloat16
    for found, expected in zip(rounded, exact, strict=True):
        assert (found.float() - expected).norm() <= 0.02 * expected.norm()


def test_a_pointwise_convolution_is_a_convolution():
    ours, theirs = Pointwise(6, 10), nn.Conv2d(6, 10, 1)
    ours.load_state_dict(theirs.state_dict())
    x = channels_last(randn(2, 6, 5, 7))
    out = ours(x)
    torch.testing.assert_close(out, theirs(x))
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_construction_draws_no_numbers():
    before = torch.get_rng_state()
    Linear(8, 8)
    Conv2d(4, 4, 3)
    assert torch.equal(torch.get_rng_state(), before)
