"""Stochastic samplers draw from the data: mean, covariance and modes within Monte-Carlo error."""

import math

import pytest
import torch

from irodori.engine.closed_form import GaussianMixture
from irodori.engine.samplers import get
from irodori.recipe.samplers import SAMPLERS

SIGMA_MAX = 30.0
STANDARD_ERRORS = 4.0

# sampler, options, steps: as many as make its bias smaller than the Monte-Carlo error
CASES = [
    ("Euler a", {}, 400),
    ("Euler a", {"eta": 0.5}, 400),
    ("DPM2 a", {}, 80),
    ("DPM++ 2S a", {}, 80),
    ("DPM++ SDE", {}, 200),
    ("DPM++ 2M SDE", {}, 100),
    ("DPM++ 2M SDE", {"eta": 0.5}, 100),
    ("DPM++ 2M SDE Heun", {}, 100),
    ("DPM++ 3M SDE", {}, 100),
    ("DPM++ 3M SDE", {"exact": True}, 100),
    ("DPM fast", {"eta": 0.7}, 300),
    ("DPM adaptive", {"eta": 0.7, "rtol": 0.002, "atol": 0.001}, 20),
    ("DDIM", {"eta": 1.0}, 400),
    ("DDIM CFG++", {"eta": 1.0}, 400),
    ("DDPM", {}, 400),
    ("DDPM", {"variance": "large"}, 400),
    ("Euler", {"s_churn": 30.0}, 400),
    ("Heun", {"s_churn": 30.0}, 80),
    ("DPM2", {"s_churn": 30.0}, 80),
    ("Restart", {}, 60),
    ("Euler a CFG++", {}, 400),
    ("Res Multistep a", {}, 100),
    ("Res Multistep a CFG++", {}, 100),
    ("SEEDS-2", {}, 60),
    ("SEEDS-2", {"eta": 0.5, "r": 0.7}, 60),
    ("SEEDS-3", {}, 40),
    ("Exponential Heun SDE", {}, 60),
    ("ER-SDE", {}, 100),
    ("ER-SDE", {"scale": "sde"}, 100),
    ("SA-Solver", {}, 60),
    ("SA-Solver", {"tau": 0.6, "s_tmin": 0.3, "s_tmax": 8.0}, 60),
    ("SA-Solver PECE", {}, 60),
]


class PathNoise:
    """Independent draws, and increments of one Brownian path wherever they are asked for.

    A question about an interval already divided is answered from its parts, and the first half of
    one not yet divided by a Brownian bridge's rule: enough for samplers that ask for [a, b] after
    [a, m], or before [m, b].
    """

    def __init__(self, shape):
        self.generator = torch.Generator().manual_seed(13)
        self.shape = shape
        self.known = {}

    def next(self):
        return torch.randn(self.shape, generator=self.generator, dtype=torch.float64)

    def between(self, sigma, sigma_next):
        start, end = float(sigma), float(sigma_next)
        part = next((key for key in self.known if key[0] == start and key[1] > end), None)
        increment = self.next() * math.sqrt(start - end if part is None else part[1] - end)
        if part is not None:
            increment = increment + self.known[part]
        self.known = {(start, end): increment}
        return increment / math.sqrt(start - end)


def karras(steps, sigma_min=0.02):
    u = torch.linspace(0, 1, steps, dtype=torch.float64)
    sigmas = (SIGMA_MAX ** (1 / 7) + u * (sigma_min ** (1 / 7) - SIGMA_MAX ** (1 / 7))) ** 7
    return torch.cat([sigmas, sigmas.new_zeros(1)])


def drawn(name, options, denoise, steps, start):
    noise = PathNoise(start.shape)
    *_, last = get(name).steps(denoise, start, karras(steps), noise, **options)
    return last.x


def noised(denoise, count):
    """Samples at SIGMA_MAX: data with noise, so that no bias comes from the start."""
    generator = torch.Generator().manual_seed(21)
    clean = denoise.drawn(count, generator)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    return clean + noise * SIGMA_MAX


@pytest.fixture(scope="module")
def gaussian():
    return GaussianMixture(means=torch.tensor([[0.7, -0.4]], dtype=torch.float64), spread=0.8)


@pytest.fixture(scope="module")
def modes():
    means = torch.tensor([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], dtype=torch.float64)
    return GaussianMixture(means=means, spread=0.4)


@pytest.mark.parametrize(("name", "options", "steps"), CASES)
def test_mean_and_covariance(gaussian, name, options, steps):
    count, spread = 8000, gaussian.spread
    x = drawn(name, options, gaussian, steps, noised(gaussian, count))
    assert_mean_and_covariance(x, gaussian.means[0], spread)


def assert_mean_and_covariance(x, mean, spread):
    """Standard errors: mean s / sqrt(n), variance s^2 sqrt(2 / n), covariance s^2 / sqrt(n)."""
    count = len(x)
    tolerance = STANDARD_ERRORS / math.sqrt(count)
    assert (x.mean(0) - mean).abs().max() < tolerance * spread
    covariance = torch.cov(x.T) / spread**2
    assert (covariance.diagonal() - 1).abs().max() < tolerance * math.sqrt(2)
    assert covariance.tril(-1).abs().max() < tolerance


@pytest.mark.parametrize(("name", "options", "steps"), CASES)
def test_modes_keep_their_shares_and_widths(modes, name, options, steps):
    count = 3000
    x = drawn(name, options, modes, steps, noised(modes, count))
    nearest = torch.cdist(x, modes.means).argmin(1)
    for k, mean in enumerate(modes.means):
        own = x[nearest == k]
        share = len(own) / count
        assert abs(share - 1 / 3) < STANDARD_ERRORS * math.sqrt(2 / 9 / count)
        assert_mean_and_covariance(own, mean, modes.spread)


@pytest.mark.parametrize("name", ["Euler a", "DPM++ 2M SDE", "SEEDS-2", "ER-SDE", "SA-Solver"])
def test_variance_of_latents(name):
    """4x16x16: 24 images of 1024 cells, all of one variance around their own mean."""
    generator = torch.Generator().manual_seed(4)
    means = torch.randn((1, 4, 16, 16), generator=generator, dtype=torch.float64)
    data = GaussianMixture(means=means, spread=0.8)
    steps = 300 if name == "Euler a" else 60
    x = drawn(name, {}, data, steps, noised(data, 24)) - means
    cells = x.numel()
    assert abs(x.mean()) < STANDARD_ERRORS * 0.8 / math.sqrt(cells)
    assert abs(x.var() / 0.64 - 1) < STANDARD_ERRORS * math.sqrt(2 / cells)


def test_lcm_with_a_consistency_model(gaussian):
    """LCM jumps: with the exact consistency function of a Gaussian every step count is right."""

    def consistent(x, sigma):
        return gaussian.transported(x, float(sigma), 0.0)

    for steps in (1, 2, 5):
        x = drawn("LCM", {}, consistent, steps, noised(gaussian, 8000))
        assert_mean_and_covariance(x, gaussian.means[0], gaussian.spread)


def test_every_stochastic_sampler_is_measured():
    stochastic = {info.name for info in SAMPLERS if info.stochastic}
    assert stochastic <= {name for name, *_ in CASES} | {"LCM"}
