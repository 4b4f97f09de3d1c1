"""Every deterministic sampler, and every stochastic one without its noise, shows its order."""

import math

import pytest
import torch

from irodori.engine.closed_form import GaussianMixture
from irodori.engine.samplers import get
from irodori.recipe.samplers import SAMPLERS

COUNTS = {"karras": (96, 192), "linear": (96, 192), "even": (192, 384)}

CASES = [
    # sampler, options, schedule, order
    ("DPM++ 2M", {}, "even", 2),
    ("DPM++ SDE", {"eta": 0.0}, "karras", 2),
    ("DPM++ SDE", {"eta": 0.0, "r": 1.0}, "karras", 2),
    ("DPM++ 2M SDE", {"eta": 0.0}, "even", 2),
    ("DPM++ 2M SDE Heun", {"eta": 0.0}, "even", 2),
    ("DPM++ 2S a", {"eta": 0.0}, "karras", 2),
    ("DPM++ 3M SDE", {"eta": 0.0}, "even", 2),
    ("DPM++ 3M SDE", {"eta": 0.0, "exact": True}, "even", 3),
    ("Euler", {}, "karras", 1),
    ("Euler a", {"eta": 0.0}, "karras", 1),
    ("LMS", {}, "even", 4),
    ("LMS", {"order": 3}, "even", 3),
    ("LMS", {"order": 2}, "even", 2),
    ("Heun", {}, "karras", 2),
    ("HeunPP2", {}, "karras", 1),
    ("DPM2", {}, "karras", 2),
    ("DPM2 a", {"eta": 0.0}, "karras", 2),
    ("Restart", {"times": 0}, "karras", 2),
    ("IPNDM", {}, "karras", 2),
    ("IPNDM", {}, "linear", 4),
    ("IPNDM_V", {}, "even", 4),
    ("IPNDM_V", {"order": 3}, "even", 3),
    ("IPNDM_V", {"compat": True}, "even", 1),
    ("DEIS", {}, "even", 3),
    ("DEIS", {"order": 2}, "even", 2),
    ("DEIS", {"order": 4}, "even", 4),
    ("DEIS", {"time": "log_rho"}, "even", 3),
    ("DEIS", {"compat": True}, "even", 3),
    ("DDIM", {}, "karras", 1),
    ("DDIM CFG++", {}, "karras", 1),
    ("PLMS", {}, "karras", 2),
    ("PLMS", {}, "linear", 4),
    ("UniPC", {"lower_order_final": False}, "even", 4),
    ("UniPC", {"lower_order_final": False, "order": 2}, "even", 3),
    ("UniPC", {"lower_order_final": False, "order": 1}, "even", 2),
    ("UniPC BH2", {"lower_order_final": False}, "even", 4),
    ("UniPC", {}, "karras", 2),
    ("Euler CFG++", {}, "karras", 1),
    ("Euler a CFG++", {"eta": 0.0}, "karras", 1),
    ("DPM++ 2M CFG++", {}, "even", 2),
    ("Res Multistep", {}, "even", 2),
    ("Res Multistep a", {"eta": 0.0}, "even", 2),
    ("Res Multistep CFG++", {}, "even", 2),
    ("Res Multistep a CFG++", {"eta": 0.0}, "even", 2),
    ("Gradient Estimation", {}, "karras", 1),
    ("SEEDS-2", {"eta": 0.0}, "karras", 2),
    ("SEEDS-2", {"eta": 0.0, "solver": "phi_2", "r": 0.7}, "karras", 2),
    ("SEEDS-3", {"eta": 0.0}, "karras", 3),
    ("Exponential Heun", {}, "karras", 2),
    ("Exponential Heun SDE", {"eta": 0.0}, "karras", 2),
    ("ER-SDE", {"scale": "ode"}, "even", 2),
    ("ER-SDE", {"scale": "ode", "stage": 2}, "even", 2),
    ("ER-SDE", {"scale": "ode", "stage": 1}, "even", 1),
    ("SA-Solver", {"tau": 0.0}, "even", 4),
    ("SA-Solver", {"tau": 0.0, "corrector": 0}, "even", 3),
    ("SA-Solver", {"tau": 0.0, "predictor": 2, "corrector": 2}, "even", 2),
    ("SA-Solver PECE", {"tau": 0.0}, "even", 4),
]

WITHOUT_AN_ORDER = {
    "DPM fast",  # below, on its own step counts
    "DPM adaptive",  # below, by tolerance
    "LCM",  # each step draws anew
    "DDPM",  # no eta to take its noise away
}


class NoNoise:
    """A deterministic sampler must not ask."""

    def next(self):
        pytest.fail("noise was drawn")

    def between(self, sigma, sigma_next):
        pytest.fail("noise was drawn")


def errors(name, options, data, schedules):
    found = []
    for sigmas in schedules:
        *_, last = get(name).steps(data.denoise, data.start, sigmas, NoNoise(), **options)
        found.append(data.error(last.x))
    return found


def slope(found, counts):
    return math.log(found[0] / found[-1]) / math.log(counts[-1] / counts[0])


@pytest.mark.parametrize(("name", "options", "grid", "order"), CASES)
def test_order(data, grids, name, options, grid, order):
    counts = COUNTS[grid]
    here = data["mixture in 2-D"]
    found = errors(name, options, here, [grids[grid](n) for n in counts])
    assert slope(found, counts) == pytest.approx(order, abs=0.3), found


SMALL = ["Euler", "Heun", "DPM++ 2M", "DPM2", "LMS", "DEIS", "Res Multistep", "Exponential Heun"]


@pytest.mark.parametrize("kind", ["gaussian in 2-D", "mixture in 4x16x16"])
@pytest.mark.parametrize("name", SMALL)
def test_order_does_not_depend_on_the_data(data, grids, name, kind):
    counts = (72, 144)
    found = errors(name, {}, data[kind], [grids["even"](n) for n in counts])
    assert slope(found, counts) == pytest.approx(get(name).info.order, abs=0.45), found


def test_every_sampler_is_measured():
    measured = {name for name, *_ in CASES} | WITHOUT_AN_ORDER
    assert measured == {info.name for info in SAMPLERS}


def test_metadata_tells_the_measured_order():
    """The order on its even schedule with the sampler's own options; eta and ends aside."""
    quiet = {"eta", "lower_order_final", "times", "tau", "scale"}
    best = {}
    for name, options, grid, order in CASES:
        if set(options) <= quiet and grid != "linear":
            best[name] = max(order, best.get(name, 0))
    told = {name: get(name).info.order for name in best}
    assert told == best


def test_dpm_fast_is_of_third_order_where_its_last_step_is_of_second(data, grids):
    """47 = 3 * 15 + 2: fifteen steps of order 3, then one of order 2."""
    counts = (47, 95)
    here = data["mixture in 2-D"]
    found = errors("DPM fast", {}, here, [grids["karras"](n) for n in counts])
    assert slope(found, counts) == pytest.approx(3, abs=0.3), found


@pytest.mark.parametrize("order", [2, 3])
def test_dpm_adaptive_keeps_its_tolerance(data, grids, order):
    here, found = data["mixture in 2-D"], []
    for tolerance in (1e-2, 1e-4):
        options = {"order": order, "rtol": tolerance, "atol": tolerance}
        *_, last = get("DPM adaptive").steps(
            here.denoise, here.start, grids["karras"](2), NoNoise(), **options
        )
        found.append(here.error(last.x))
        assert found[-1] < 20 * tolerance
    assert found[1] < found[0] / 30


def test_v_and_eps_models_draw_the_same():
    """The sampler sees D alone: wrapping the same D as v or as eps changes rounding only."""
    means = torch.tensor([[1.5, 0.0], [-0.8, 1.2]], dtype=torch.float64)
    generator = torch.Generator().manual_seed(2)
    exact = GaussianMixture(means=means, spread=0.5)

    def from_eps(x, sigma):
        eps = (x - exact(x, sigma)) / sigma
        return x - sigma * eps

    def from_v(x, sigma):
        root = (sigma**2 + 1).sqrt()
        v = (x / root**2 - exact(x, sigma)) * root / sigma
        return x / root**2 - v * sigma / root

    sigmas = torch.cat([torch.linspace(14.6, 0.05, 20), torch.zeros(1)]).double()
    x = torch.randn((5, 2), generator=generator, dtype=torch.float64) * 14.6
    for name in ("Euler", "DPM++ 2M", "DEIS", "UniPC", "LMS"):
        *_, by_eps = get(name).steps(from_eps, x, sigmas, NoNoise())
        *_, by_v = get(name).steps(from_v, x, sigmas, NoNoise())
        torch.testing.assert_close(by_v.x, by_eps.x, rtol=1e-9, atol=1e-9)
