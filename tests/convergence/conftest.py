"""Closed-form data, its exact end points, and the step counts to compare."""

import math

import pytest
import torch
from scipy.integrate import solve_ivp

from irodori.engine.closed_form import GaussianMixture

SIGMA_MAX, SIGMA_MIN = 10.0, 0.2
GROWING_STEPS = 10


def even(steps):
    """Equal steps in log sigma, the first ten doubling from h / 1024."""
    doubling = 2.0 ** torch.arange(-GROWING_STEPS, 0, dtype=torch.float64)
    widths = torch.cat([doubling, torch.ones(steps - GROWING_STEPS, dtype=torch.float64)])
    share = torch.cat([widths.new_zeros(1), widths.cumsum(0)]) / widths.sum()
    return SIGMA_MAX * (SIGMA_MIN / SIGMA_MAX) ** share


def linear(steps):
    return torch.linspace(SIGMA_MAX, SIGMA_MIN, steps + 1, dtype=torch.float64)


def karras(steps):
    u = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    return (SIGMA_MAX ** (1 / 7) + u * (SIGMA_MIN ** (1 / 7) - SIGMA_MAX ** (1 / 7))) ** 7


GRIDS = {"even": even, "linear": linear, "karras": karras}


class Data:
    """A mixture, starting points at SIGMA_MAX and where the exact ODE takes them."""

    def __init__(self, means, spread, count):
        generator = torch.Generator().manual_seed(5)
        self.denoise = GaussianMixture(means=means, spread=spread)
        shape = (count, *means.shape[1:])
        self.start = torch.randn(shape, generator=generator, dtype=torch.float64) * SIGMA_MAX
        self.end = solved(self.denoise, self.start)

    def error(self, x):
        return float((x - self.end).square().mean().sqrt())


def solved(denoise, start):
    if len(denoise.means) == 1:
        return denoise.transported(start, SIGMA_MAX, SIGMA_MIN)

    def slope(log_sigma, x):
        x = torch.from_numpy(x).reshape(start.shape)
        sigma = torch.tensor(math.exp(log_sigma), dtype=torch.float64)
        return (x - denoise(x, sigma)).flatten().numpy()

    ends = (math.log(SIGMA_MAX), math.log(SIGMA_MIN))
    path = solve_ivp(slope, ends, start.flatten().numpy(), method="DOP853", rtol=1e-12, atol=1e-12)
    return torch.from_numpy(path.y[:, -1]).reshape(start.shape)


@pytest.fixture(scope="session")
def data():
    """Every kind of data, by name."""
    generator = torch.Generator().manual_seed(8)
    triangle = torch.tensor([[1.5, 0.0], [-0.8, 1.2], [-0.5, -1.4]], dtype=torch.float64)
    images = torch.randn((3, 4, 16, 16), generator=generator, dtype=torch.float64)
    return {
        "gaussian in 2-D": Data(triangle[:1], 0.6, 6),
        "mixture in 2-D": Data(triangle, 0.6, 6),
        "mixture in 4x16x16": Data(images * 0.1, 0.6, 2),
    }


@pytest.fixture(scope="session")
def grids():
    return GRIDS
