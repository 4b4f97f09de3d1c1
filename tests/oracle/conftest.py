"""What the comparisons share: one generator, random weights, one measure of difference."""

import pytest
import torch


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(2026)


@pytest.fixture
def relative_error():
    """||found - expected|| / ||expected||, in float64."""

    def measure(found, expected):
        found, expected = found.detach().double(), expected.detach().double()
        assert found.shape == expected.shape
        return ((found - expected).norm() / expected.norm()).item()

    return measure


@pytest.fixture
def random_values(generator):
    """Values for every key of a module built on `meta`; no part is zero or the identity."""

    def make(module, dtype=torch.float32):
        values = {}
        for name, value in module.state_dict().items():
            drawn = torch.empty(value.shape).normal_(generator=generator)
            if value.dim() > 1:
                # Rows of tables stay of size one; everything else keeps the variance of its input.
                table = "embedding" in name
                drawn = drawn if table else drawn.mul_(value[0].numel() ** -0.5)
            else:
                drawn = drawn.mul_(0.1).add_(1.0 if name.endswith("weight") else 0.0)
            values[name] = drawn.to(dtype)
        return values

    return make
