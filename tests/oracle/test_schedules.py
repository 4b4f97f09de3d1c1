"""Sigma schedules, noise levels and random numbers against recorded outputs of other programs."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch

from irodori.engine.beta_quantile import beta_cdf, beta_quantile
from irodori.engine.brownian import BrownianPath
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.philox import PhiloxGenerator
from irodori.engine.schedules import sigmas
from irodori.recipe.compat import Tool, compat_of
from irodori.recipe.schedules import find_schedule, schedule_info

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDED: dict[str, Any] = json.loads(
    (FIXTURES / "sigmas" / "sigma_and_rng_vectors.json").read_text()
)
BROWNIAN: dict[str, Any] = json.loads((FIXTURES / "brownian" / "torchsde_0_2_6.json").read_text())
NAMES = list(RECORDED["schedules"]["10"])


def our_name(recorded: str) -> str:
    """Return a recorded schedule's name as a person would write it."""
    return {"Uniform(Automatic default)": "Automatic"}.get(recorded, recorded)


@pytest.mark.parametrize(("steps", "name"), list(product(RECORDED["schedules"], NAMES)))
def test_schedule_equals_the_recorded_one(steps: str, name: str) -> None:
    expected = RECORDED["schedules"][steps][name]
    ours = sigmas(our_name(name), int(steps), model_sigmas=sdxl_sigmas())
    assert ours.dtype == torch.float32
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("steps", list(RECORDED["schedules"]))
def test_every_recorded_schedule_is_known_by_its_label(steps: str) -> None:
    assert list(RECORDED["schedules"][steps]) == NAMES
    assert {find_schedule(our_name(name)) for name in NAMES} >= {
        find_schedule("Beta"),
        find_schedule("Beta (Forge)"),
    }


def test_beta_of_an_old_forge_picture_is_forges() -> None:
    forge = compat_of(Tool.FORGE)
    ours = sigmas("Beta", 28, model_sigmas=sdxl_sigmas(), compat=forge)
    expected = RECORDED["schedules"]["28"]["Beta (Forge)"]
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-7)


def test_compat_changes_no_other_schedule_on_an_ordinary_model() -> None:
    for tool, name in product((Tool.A1111, Tool.FORGE, Tool.REFORGE), NAMES):
        if name.startswith("Beta"):
            continue
        ours = sigmas(our_name(name), 28, model_sigmas=sdxl_sigmas(), compat=compat_of(tool))
        expected = RECORDED["schedules"]["28"][name]
        np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-7)


def test_only_kl_optimal_keeps_a_trace_of_noise() -> None:
    kept = [name for name in NAMES if not schedule_info(find_schedule(our_name(name))).ends_at_zero]
    recorded = [name for name in NAMES if RECORDED["schedules"]["28"][name][-1] > 0]
    assert kept == recorded == ["KL Optimal"]


def test_noise_levels_of_sdxl() -> None:
    model = sdxl_sigmas()
    for index, sigma in RECORDED["sigma_index_samples"].items():
        assert float(model.table[int(index)]) == pytest.approx(sigma, rel=1e-9)
    assert model.sigma_min == pytest.approx(RECORDED["sigma_min"], rel=1e-6)
    assert model.sigma_max == pytest.approx(RECORDED["sigma_max"], rel=1e-6)


def test_noise_levels_at_zero_terminal_snr() -> None:
    model = sdxl_sigmas(zero_terminal_snr=True)
    recorded = RECORDED["ztsnr"]
    for index, sigma in recorded["samples"].items():
        assert float(model.table[int(index)]) == pytest.approx(sigma, rel=1e-9)
    assert model.sigma_max == pytest.approx(recorded["sigma_max"], rel=1e-12)
    assert model.sigma_min == pytest.approx(recorded["sigma_min"], rel=1e-12)
    assert float(model.table[998]) == pytest.approx(recorded["sigma_998"], rel=1e-12)


@pytest.mark.parametrize("case", RECORDED["philox_nv"], ids=lambda case: str(case["seed"]))
def test_philox_draws_what_cuda_draws(case: dict[str, Any]) -> None:
    generator = PhiloxGenerator(case["seed"])
    np.testing.assert_allclose(generator.normal((3, 4)), case["first_3x4"], atol=1e-6, rtol=0)
    np.testing.assert_allclose(generator.normal((4,)), case["second_call_4"], atol=1e-6, rtol=0)


@pytest.mark.parametrize("image", BROWNIAN["images"], ids=lambda image: str(image["seed"]))
def test_brownian_path_is_torchsdes(image: dict[str, Any]) -> None:
    shape = tuple(BROWNIAN["shape"])

    def draw(seed: int) -> torch.Tensor:
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    # As the sampler holds them: levels are float32.
    levels = torch.tensor(BROWNIAN["levels"]).tolist()
    path = BrownianPath(seed=image["seed"], low=levels[-1], high=levels[0], draw=draw)
    for (above, below), expected in zip(image["pairs"], image["increments"], strict=True):
        start, end = torch.tensor([above, below]).tolist()
        ours = path.increment(start, end).flatten().numpy()
        np.testing.assert_allclose(ours, expected, atol=5e-6, rtol=0)


@pytest.mark.parametrize(("alpha", "beta"), [(0.6, 0.6), (0.5, 2.0), (3.0, 5.5), (1.0, 1.0)])
def test_beta_quantile_is_scipys(alpha: float, beta: float) -> None:
    for probability in np.linspace(0, 1, 101):
        expected = scipy.stats.beta.ppf(probability, alpha, beta)
        ours = beta_quantile(float(probability), alpha, beta)
        assert ours == pytest.approx(expected, abs=1e-12)
        assert beta_cdf(ours, alpha, beta) == pytest.approx(probability, abs=1e-12)
