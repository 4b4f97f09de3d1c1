"""What every sampler promises, and what samplers are to each other."""

import inspect
import json
import math
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from irodori.engine.closed_form import GaussianMixture
from irodori.engine.samplers import Guided, GuidedDenoiser, get
from irodori.engine.samplers.deis import deis_weights
from irodori.engine.samplers.ipndm import upstream_weights, variable_step_weights
from irodori.engine.samplers.lagrange import lagrange_integrals
from irodori.engine.samplers.registry import METHODS
from irodori.engine.samplers.restart import restart_plan
from irodori.errors import IrodoriError, RecipeError, UnknownNameError
from irodori.recipe.sampler_options import Deis, Restart
from irodori.recipe.samplers import SAMPLERS

SHAPE = (2, 4, 3, 3)
UPSTREAM = Path(__file__).parents[2] / "fixtures" / "adams_bashforth_upstream" / "weights.json"
every_sampler = pytest.mark.parametrize("info", SAMPLERS, ids=lambda info: info.name)


class CountedNoise:
    """Independent draws a picture, counted."""

    def __init__(self, seeds=(1, 2)):
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.drawn = 0
        self.increments = 0

    def next(self):
        self.drawn += 1
        each = [torch.randn(SHAPE[1:], generator=g, dtype=torch.float64) for g in self.generators]
        return torch.stack(each)

    def between(self, sigma, sigma_next):
        assert sigma > sigma_next > 0
        self.increments += 1
        return self.next()


class CountingDenoiser:
    """Bends in x, mixes channels, keeps pictures apart; knows a negative prompt of its own."""

    def __init__(self):
        self.levels = []

    def __call__(self, x, sigma):
        assert sigma.dim() == 0
        assert sigma > 0
        assert not torch.is_grad_enabled()
        self.levels.append(float(sigma))
        mixed = x.roll(1, dims=1) * 0.2 + x
        return mixed / (1 + sigma**2) + torch.tanh(1.3 * x) * sigma / (2 + sigma) + 0.1

    def guided(self, x, sigma):
        denoised = self(x, sigma)
        return Guided(denoised, denoised * 0.8 - 0.1)


def levels(steps=8, *, zero=True):
    sigmas = torch.logspace(math.log10(14.6), math.log10(0.05), steps, dtype=torch.float64)
    return torch.cat([sigmas, sigmas.new_zeros(1)]) if zero else sigmas


def start(count=2):
    generator = torch.Generator().manual_seed(4)
    return torch.randn((2, *SHAPE[1:]), generator=generator, dtype=torch.float64)[:count] * 14.6


def run(name, denoise=None, sigmas=None, noise=None, **options):
    return list(
        get(name).steps(
            denoise or CountingDenoiser(),
            start(),
            levels() if sigmas is None else sigmas,
            noise or CountedNoise(),
            **options,
        )
    )


def result(name, **given):
    return run(name, **given)[-1].x


# --- the contract ------------------------------------------------------------------------------


def test_every_described_sampler_has_its_mathematics():
    assert set(METHODS) == {info.name for info in SAMPLERS}


@every_sampler
def test_options_are_those_of_the_generator(info):
    """The generator's own annotation names the option set that the metadata names."""
    annotated = inspect.signature(METHODS[info.name]).parameters["options"].annotation
    assert issubclass(info.options, annotated)
    assert {each.name for each in info.option_infos} == {each.name for each in fields(info.options)}


@every_sampler
def test_steps_are_numbered_and_keep_shape_and_precision(info):
    x = start().float()
    noise = CountedNoise()
    noise.next = lambda: torch.ones(SHAPE)
    noise.between = lambda *_: torch.ones(SHAPE)
    steps = list(get(info.name).steps(CountingDenoiser(), x, levels().float(), noise))
    assert [step.i for step in steps] == list(range(len(steps)))
    for step in steps:
        assert step.x.shape == step.denoised.shape == x.shape
        assert step.x.dtype == step.denoised.dtype == torch.float32
        assert step.sigma.dim() == 0
        assert step.sigma > 0
    assert not info.own_schedule or len(steps) >= 2


@every_sampler
def test_no_gradient_is_recorded_and_none_is_switched_off_for_the_caller(info):
    x = start().requires_grad_()
    steps = get(info.name).steps(CountingDenoiser(), x, levels(), CountedNoise())
    for step in steps:
        assert not step.x.requires_grad
        assert torch.is_grad_enabled()


@every_sampler
def test_nothing_runs_before_the_first_step_and_stopping_is_clean(info):
    denoise = CountingDenoiser()
    steps = get(info.name).steps(denoise, start(), levels(), CountedNoise())
    assert denoise.levels == []
    next(steps)
    called = len(denoise.levels)
    steps.close()
    assert len(denoise.levels) == called > 0


@every_sampler
def test_input_latents_and_schedule_are_left_alone(info):
    x, sigmas = start(), levels()
    before, schedule = x.clone(), sigmas.clone()
    list(get(info.name).steps(CountingDenoiser(), x, sigmas, CountedNoise()))
    assert torch.equal(x, before)
    assert torch.equal(sigmas, schedule)


@every_sampler
def test_a_picture_is_the_same_alone(info):
    """Bit for bit, unless the metadata says that the batch is coupled."""
    together = result(info.name)[:1]
    noise = CountedNoise(seeds=(1,))
    *_, last = get(info.name).steps(CountingDenoiser(), start(1), levels(), noise)
    assert torch.equal(last.x, together) != info.couples_batch


@every_sampler
def test_noise_is_drawn_where_the_metadata_says(info):
    noise = CountedNoise()
    run(info.name, sigmas=levels(24), noise=noise)
    assert (noise.drawn > 0) == info.stochastic
    if info.stochastic:
        assert (noise.increments > 0) == info.brownian


@every_sampler
def test_model_calls_are_those_of_the_metadata(info):
    if info.own_schedule:
        pytest.skip("chooses its own steps")
    denoise = CountingDenoiser()
    steps = run(info.name, denoise=denoise, sigmas=levels(16))
    expected = info.calls_per_step * len(steps)
    ends = 3 * info.calls_per_step  # first and last steps may take fewer or one more
    assert expected - ends <= len(denoise.levels) <= expected + 1


@every_sampler
def test_cfg_plus_plus_is_what_the_metadata_says(info):
    def plain(x, sigma):
        return x / (1 + sigma**2)

    if info.cfg_plus_plus:
        with pytest.raises(RecipeError, match="negative prompt"):
            run(info.name, denoise=plain)
    else:
        assert len(run(info.name, denoise=plain)) > 0


def test_guided_denoisers_are_known_by_their_method():
    assert isinstance(CountingDenoiser(), GuidedDenoiser)
    assert not isinstance(lambda x, sigma: x, GuidedDenoiser)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sigmas", "reason"),
    [
        ([14.6], "needs two"),
        ([1.0, 2.0, 0.0], "descend"),
        ([2.0, 1.0, 1.0, 0.0], "descend"),
        ([2.0, 0.0, 0.0], "descend"),
        ([2.0, 1.0, -0.1], "descend"),
        ([2.0, math.nan, 0.0], "descend"),
    ],
)
def test_schedules_that_do_not_descend_are_refused(sigmas, reason):
    with pytest.raises(RecipeError, match=reason):
        get("Euler").steps(CountingDenoiser(), start(), torch.tensor(sigmas), CountedNoise())


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("Euler a", {"eta": 1.5}, "from 0 to 1"),
        ("Euler a", {"eta": "much"}, "a number"),
        ("Euler a", {"eta": True}, "a number"),
        ("Euler a", {"eta": math.nan}, "from 0 to 1"),
        ("LMS", {"order": 2.5}, "whole number"),
        ("LMS", {"order": 5}, "from 1 to 4"),
        ("DPM++ 2M SDE", {"solver": "euler"}, "midpoint, heun"),
        ("IPNDM_V", {"compat": 1}, "switch"),
    ],
)
def test_options_out_of_range_are_refused(name, options, reason):
    with pytest.raises(RecipeError, match=reason):
        run(name, **options)


def test_unknown_options_are_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="nearest is 's_noise'"):
        run("Euler a", snoise=1.0)
    with pytest.raises(UnknownNameError, match="option of sampler DPM\\+\\+ 2M 'eta'"):
        run("DPM++ 2M", eta=1.0)


def test_adaptive_steps_end_with_a_reason_when_the_model_overflows():
    def overflowing(x, sigma):
        return x * math.nan

    with pytest.raises(IrodoriError, match="not finite"):
        run("DPM adaptive", denoise=overflowing)


# --- what samplers are to each other -----------------------------------------------------------

SAME = [
    # one, its options | the other, its options: equal by their papers' own remarks
    ("DDIM", {}, "Euler", {}),
    ("DDIM", {"eta": 1.0}, "DDPM", {}),
    ("DDIM", {"eta": 0.4}, "Euler a", {"eta": 0.4}),
    ("Euler a", {"eta": 0.0}, "Euler", {}),
    ("DPM2 a", {"eta": 0.0}, "DPM2", {}),
    ("DPM2", {"s_churn": 0.0}, "DPM2", {"s_churn": 5.0, "s_tmin": 100.0}),
    ("DDIM CFG++", {}, "Euler CFG++", {}),
    ("DDIM CFG++", {"eta": 1.0}, "Euler a CFG++", {}),
    ("IPNDM_V", {}, "LMS", {}),
    ("IPNDM_V", {"order": 2, "compat": True}, "LMS", {"order": 2}),
    ("LMS", {"order": 1}, "Euler", {}),
    ("DEIS", {"order": 1}, "Euler", {}),
    ("Gradient Estimation", {"gamma": 1.0}, "Euler", {}),
    ("Gradient Estimation", {"gamma": 1.5}, "IPNDM", {"order": 2}),
    ("Restart", {"times": 0}, "Heun", {}),
    ("Res Multistep a", {"eta": 0.0}, "Res Multistep", {}),
    ("DPM++ 2M SDE Heun", {"eta": 0.0}, "Res Multistep", {}),
    ("DPM++ 2M SDE", {"eta": 0.0}, "DPM++ 2M", {}),
    ("SEEDS-2", {"eta": 0.0}, "DPM++ 2S a", {"eta": 0.0}),
    ("SEEDS-2", {"eta": 0.0, "r": 1.0, "solver": "phi_2"}, "Exponential Heun", {}),
    ("Exponential Heun SDE", {"eta": 0.0}, "Exponential Heun", {}),
    ("ER-SDE", {"scale": "ode", "stage": 1}, "Euler", {}),
    ("SA-Solver", {"tau": 0.0, "predictor": 1, "corrector": 0}, "Euler", {}),
    ("SA-Solver", {"tau": 0.0, "predictor": 2, "corrector": 0}, "Res Multistep", {}),
    ("UniPC", {"variant": "bh2"}, "UniPC BH2", {}),
]


@pytest.mark.parametrize(("one", "options", "other", "others"), SAME)
def test_samplers_that_are_one_method_draw_one_picture(one, options, other, others):
    found, expected = result(one, **options), result(other, **others)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("plus", "base"),
    [
        ("Euler CFG++", "Euler"),
        ("Euler a CFG++", "Euler a"),
        ("DDIM CFG++", "DDIM"),
        ("DPM++ 2M CFG++", "DPM++ 2M"),
        ("Res Multistep CFG++", "Res Multistep"),
        ("Res Multistep a CFG++", "Res Multistep a"),
    ],
)
def test_cfg_plus_plus_without_guidance_is_the_plain_sampler(plus, base):
    data = GaussianMixture(means=torch.ones((1, *SHAPE[1:]), dtype=torch.float64), spread=0.5)
    torch.testing.assert_close(result(plus, denoise=data), result(base, denoise=data))
    assert not torch.allclose(result(plus), result(base))


def test_cfg_plus_plus_steps_from_the_guided_estimate_along_the_negative_noise():
    """Chung et al., algorithm 2, written out for one step."""
    denoise, x, sigmas = CountingDenoiser(), start(), torch.tensor([10.0, 4.0]).double()
    with torch.no_grad():
        guided = denoise.guided(x, sigmas[0])
    expected = guided.denoised + (x - guided.uncond) / 10.0 * 4.0
    torch.testing.assert_close(run("Euler CFG++", sigmas=sigmas)[-1].x, expected)
    torch.testing.assert_close(run("DPM++ 2M CFG++", sigmas=sigmas)[-1].x, expected)


def test_lcm_is_the_estimate_with_new_noise():
    noise = CountedNoise()
    steps = run("LCM", noise=noise)
    assert torch.equal(steps[-1].x, steps[-1].denoised)
    first = CountedNoise().next() * levels()[1]
    torch.testing.assert_close(steps[0].x - steps[0].denoised, first)


# --- compatibility -----------------------------------------------------------------------------


def test_unused_draws_are_taken_only_for_compatibility():
    for name in ("Euler", "Heun", "DPM2", "HeunPP2"):
        noise = CountedNoise()
        run(name, noise=noise, compat=True)
        assert noise.drawn == 8
        noise = CountedNoise()
        run(name, noise=noise)
        assert noise.drawn == 0


def test_heunpp2_weighs_slopes_by_sigma():
    """One inner step written out: w_k = sigma_k / (3 sigma_0), the first slope has the rest."""
    sigmas = torch.tensor([10.0, 6.0, 3.0, 1.0], dtype=torch.float64)
    denoise, x = CountingDenoiser(), start()
    with torch.no_grad():
        d = (x - denoise(x, sigmas[0])) / 10
        x_2 = x + d * (6 - 10)
        d_2 = (x_2 - denoise(x_2, sigmas[1])) / 6
        x_3 = x_2 + d_2 * (3 - 6)
        d_3 = (x_3 - denoise(x_3, sigmas[2])) / 3
    w_2, w_3 = 6 / 30, 3 / 30
    expected = x + (d * (1 - w_2 - w_3) + d_2 * w_2 + d_3 * w_3) * (6 - 10)
    torch.testing.assert_close(run("HeunPP2", sigmas=sigmas)[0].x, expected)


def recorded():
    return json.loads(UPSTREAM.read_text())


def test_upstream_weights_of_ipndm_v():
    told = recorded()
    for i, expected in enumerate(told["ipndm_v_4"]):
        past, following = told["levels"][i::-1][:4], told["levels"][i + 1]
        assert upstream_weights(past, following) == pytest.approx(expected, rel=1e-9)
        exact = variable_step_weights(past, following)
        assert sum(exact) == pytest.approx(following - past[0])
        if i == 3:
            assert sum(expected) != pytest.approx(following - past[0], rel=0.01)


def test_upstream_weights_of_deis():
    told = recorded()
    for i, expected in enumerate(told["deis_tab_3"]):
        past, following = told["levels"][i::-1][:3], told["levels"][i + 1]
        if not expected:
            assert deis_weights(past, following, Deis()) == [following - past[0]]
            continue
        found = deis_weights(past, following, Deis(compat=True))
        assert found == pytest.approx(expected, rel=1e-9)
        exact = deis_weights(past, following, Deis())
        assert sum(exact) == pytest.approx(following - past[0], rel=1e-12)
        assert exact == pytest.approx(expected, rel=1e-3)
        assert exact != pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("end", [0.3, 5.0])
def test_lagrange_integrals_are_exact_for_polynomials(end):
    nodes = [3.0, 4.0, 6.0, 7.5]
    weights = lagrange_integrals(nodes, 2.0, end)
    for power in range(4):
        found = sum(w * node**power for w, node in zip(weights, nodes, strict=True))
        exact = (end ** (power + 1) - 2.0 ** (power + 1)) / (power + 1)
        assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("steps", "returns", "taken"), [(12, 0, 12), (19, 0, 19), (20, 1, 20), (35, 1, 35), (36, 2, 36)]
)
def test_restart_takes_as_many_steps_as_asked(steps, returns, taken):
    plan = restart_plan(levels(steps).tolist(), Restart())
    ups = [b.sigma for a, b in pairwise(plan) if b.sigma > a.sigma_next]
    assert len(ups) == returns
    assert len(plan) == taken
    assert plan[-1].sigma_next == 0
    for level in ups:
        assert level == pytest.approx(2.0, abs=0.6)


def test_dpm_fast_makes_the_calls_it_was_asked_for():
    for steps in range(1, 12):
        denoise = CountingDenoiser()
        run("DPM fast", denoise=denoise, sigmas=levels(steps))
        assert len(denoise.levels) == steps
        assert denoise.levels[-1] == pytest.approx(levels(steps)[-2].item())


def test_dpm_fast_leaves_the_last_noise_only_for_compatibility():
    data = GaussianMixture(means=torch.zeros((1, *SHAPE[1:]), dtype=torch.float64), spread=1e-6)
    sigmas = torch.tensor([14.0, 3.0, 1.0, 0.5, 0.2, 0.0], dtype=torch.float64)
    left = result("DPM fast", denoise=data, sigmas=sigmas, compat=True)
    assert left.std().item() == pytest.approx(0.2, rel=0.3)
    assert result("DPM fast", denoise=data, sigmas=sigmas).abs().max() < 1e-6


def test_third_order_is_exact_only_when_asked():
    assert not torch.allclose(
        result("DPM++ 3M SDE", eta=0.0), result("DPM++ 3M SDE", eta=0.0, exact=True)
    )
