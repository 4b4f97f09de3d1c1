"""What holds for every sigma schedule, whatever is asked of it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from irodori.engine.model_sigmas import ModelSigmas, sdxl_sigmas
from irodori.engine.schedules import FORMULAS, sigmas
from irodori.recipe.compat import Tool, compat_of
from irodori.recipe.schedules import Schedule, schedule_info

PLAIN = sdxl_sigmas()
ZERO_SNR = sdxl_sigmas(zero_terminal_snr=True)

schedules = st.sampled_from(sorted(FORMULAS))
models = st.sampled_from([PLAIN, ZERO_SNR])
CUSTOM = (14.0, 3.0, 0.5, 0.1)


def levels(name: Schedule, steps: int, model: ModelSigmas, **asked: object) -> torch.Tensor:
    return sigmas(name.value, steps, model_sigmas=model, custom=CUSTOM, **asked)


@given(name=schedules, steps=st.integers(1, 200), model=models, discard=st.booleans())
@settings(max_examples=300, deadline=None)
def test_sigmas_descend_to_their_end(
    name: Schedule, steps: int, model: ModelSigmas, discard: bool
) -> None:
    result = levels(name, steps, model, discard_penultimate=discard)
    info = schedule_info(name)
    assert bool((result.diff() < 0).all())
    assert bool(result.isfinite().all())
    assert (float(result[-1]) == 0.0) == info.ends_at_zero
    if info.exact_count or name is Schedule.CUSTOM:
        assert len(result) == steps + 1


@given(name=schedules, steps=st.integers(1, 60), tool=st.sampled_from(sorted(Tool)), model=models)
@settings(max_examples=200, deadline=None)
def test_every_tools_schedules_descend_too(
    name: Schedule, steps: int, tool: Tool, model: ModelSigmas
) -> None:
    result = levels(name, steps, model, compat=compat_of(tool))
    assert bool((result.diff() < 0).all())


@given(
    name=st.sampled_from(
        [
            *(Schedule.KARRAS, Schedule.EXPONENTIAL, Schedule.POLYEXPONENTIAL, Schedule.COSINE),
            *(Schedule.COSINE_EXPONENTIAL, Schedule.SINUSOIDAL, Schedule.PHI, Schedule.LAPLACE),
            *(Schedule.KL_OPTIMAL_ZERO, Schedule.NORMAL, Schedule.BETA_FORGE),
        ]
    ),
    steps=st.integers(2, 100),
    low=st.floats(0.03, 0.5),
    high=st.floats(1.0, 14.0),
)
@settings(max_examples=200, deadline=None)
def test_an_overridden_range_is_met_exactly(
    name: Schedule, steps: int, low: float, high: float
) -> None:
    result = levels(name, steps, PLAIN, sigma_min=low, sigma_max=high)
    assert float(result[0]) == pytest.approx(high, rel=1e-6)
    assert float(result[-2]) == pytest.approx(low, rel=1e-6)


@given(steps=st.integers(2, 100), rho=st.floats(0.5, 20))
@settings(deadline=None)
def test_karras_at_rho_1_is_even_and_a_high_rho_nears_exponential(steps: int, rho: float) -> None:
    even = levels(Schedule.KARRAS, steps, PLAIN, rho=1.0)[:-1]
    expected = torch.linspace(PLAIN.sigma_max, PLAIN.sigma_min, steps)
    torch.testing.assert_close(even, expected)
    exponential = levels(Schedule.EXPONENTIAL, steps, PLAIN)[:-1]
    near = levels(Schedule.KARRAS, steps, PLAIN, rho=1e5)[:-1]
    torch.testing.assert_close(near, exponential, rtol=1e-3, atol=0)
    between = levels(Schedule.KARRAS, steps, PLAIN, rho=max(rho, 1.0))[:-1]
    assert bool((between <= even * 1.00001).all())
    assert bool((between >= exponential * 0.99999).all())


@given(sigma=st.floats(0.0292, 14.6), model=models)
@settings(deadline=None)
def test_time_and_sigma_are_inverse(sigma: float, model: ModelSigmas) -> None:
    given_sigma = torch.tensor(sigma, dtype=torch.float64)
    t = model.to_t(given_sigma)
    assert float(model.to_sigma(t)) == pytest.approx(sigma, rel=1e-12)
    assert abs(float(t) - float(model.nearest_t(given_sigma))) <= 0.5 + 1e-9


@given(t=st.floats(-50, 1100))
@settings(deadline=None)
def test_times_outside_the_table_are_its_ends(t: float) -> None:
    sigma = float(PLAIN.to_sigma(torch.tensor(t)))
    assert PLAIN.sigma_min <= sigma <= PLAIN.sigma_max * (1 + 1e-12)
