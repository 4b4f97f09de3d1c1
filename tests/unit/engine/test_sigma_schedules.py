"""Sigma schedules: names, refusals, deviations from upstream, timestep grids, pass plans."""

import itertools

import pytest
import torch

from irodori.engine.model_sigmas import ModelSigmas, sdxl_sigmas
from irodori.engine.schedules import FORMULAS, sigmas
from irodori.engine.sigma_plan import SigmaRequest, plan_sigmas
from irodori.engine.timesteps import Grid, ddim_timesteps, grid_sigmas, lcm_levels
from irodori.errors import RecipeError, UnknownNameError
from irodori.recipe.compat import OUR_BEHAVIOUR, Tool, compat_of
from irodori.recipe.parts import SigmaOverrides
from irodori.recipe.samplers import SAMPLERS, find_sampler
from irodori.recipe.schedules import SCHEDULES, Schedule, find_schedule

PLAIN = sdxl_sigmas()
ZERO_SNR = sdxl_sigmas(zero_terminal_snr=True)
A1111 = compat_of(Tool.A1111)


def test_every_schedule_has_a_formula_and_every_alias_one_meaning() -> None:
    assert set(FORMULAS) == set(Schedule) - {Schedule.AUTOMATIC}
    assert {info.schedule for info in SCHEDULES} == set(Schedule)
    for info in SCHEDULES:
        for name in (info.name, *info.aliases, info.name.upper()):
            assert find_schedule(name) is info.schedule


def test_unknown_schedule_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        sigmas("Karas", 10, model_sigmas=PLAIN)
    assert caught.value.nearest == "Karras"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"steps": 0}, "at least 1"),
        ({"rho": -1.0}, "rho"),
        ({"sigma_min": 20.0}, "below sigma max"),
        ({"name": "Custom"}, "needs its sigmas"),
        ({"name": "Custom", "custom": (1.0, 2.0)}, "descend"),
        ({"name": "Custom", "custom": (2.0, -1.0)}, "positive"),
        ({"name": "Custom", "custom": (float("inf"), 1.0)}, "positive"),
    ],
)
def test_what_makes_no_schedule_is_refused(asked: dict[str, object], told: str) -> None:
    arguments = {"name": "Karras", "steps": 10, "model_sigmas": PLAIN, **asked}
    name, steps = arguments.pop("name"), arguments.pop("steps")
    with pytest.raises(RecipeError, match=told):
        sigmas(name, steps, **arguments)


def test_a_table_that_is_no_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        ModelSigmas(table=torch.tensor([2.0, 1.0], dtype=torch.float64))
    with pytest.raises(ValueError, match="float64"):
        ModelSigmas(table=torch.tensor([1.0, 2.0]))


def test_discarding_asks_for_one_more_and_drops_the_last_but_one() -> None:
    plain = sigmas("Karras", 11, model_sigmas=PLAIN)
    discarded = sigmas("Karras", 10, model_sigmas=PLAIN, discard_penultimate=True)
    torch.testing.assert_close(discarded, torch.cat([plain[:-2], plain[-1:]]))


def test_align_your_steps_reaches_pure_noise_at_zero_terminal_snr() -> None:
    ours = sigmas("AYS", 10, model_sigmas=ZERO_SNR)
    assert float(ours[0]) == pytest.approx(ZERO_SNR.sigma_max)
    assert float(ours[-2]) == pytest.approx(0.029)
    literal = sigmas("AYS", 10, model_sigmas=ZERO_SNR, compat=compat_of(Tool.FORGE))
    assert float(literal[0]) == pytest.approx(14.615)
    ratio = sigmas("AYS", 11, model_sigmas=ZERO_SNR, compat=compat_of(Tool.REFORGE))
    assert float(ratio[-2]) == pytest.approx(0.029 * ZERO_SNR.sigma_max / 14.615, rel=1e-5)


def test_align_your_steps_keeps_within_an_overridden_range() -> None:
    ours = sigmas("AYS", 10, model_sigmas=PLAIN, sigma_min=0.2, sigma_max=5.0)
    assert float(ours[0]) == pytest.approx(5.0)
    assert float(ours[-2]) == pytest.approx(0.2)


def test_custom_list_is_used_as_it_is_or_drawn_between() -> None:
    given = (10.0, 1.0, 0.1, 0.0)
    assert sigmas("custom", 3, model_sigmas=PLAIN, custom=given).tolist() == pytest.approx(given)
    between = sigmas("custom", 5, model_sigmas=PLAIN, custom=given)
    assert between.tolist() == pytest.approx([10, 10**0.5, 1, 10**-0.5, 0.1, 0], rel=1e-6)


def test_linear_quadratic_spends_half_its_steps_on_the_first_fortieth() -> None:
    levels = sigmas("linear_quadratic", 20, model_sigmas=PLAIN) / PLAIN.sigma_max
    assert float(levels[10]) == pytest.approx(1 - 0.025, rel=1e-6)
    slopes = -levels.diff()
    assert slopes[:10].tolist() == pytest.approx([0.0025] * 10, rel=1e-4)
    assert bool((slopes[10:].diff() > 0).all())


def test_laplace_is_densest_at_sigma_one() -> None:
    levels = sigmas("laplace", 101, model_sigmas=PLAIN)[:-1].log()
    gaps = -levels.diff()
    densest = levels[int(gaps.argmin())]
    assert abs(float(densest)) < 0.1


def test_downcast_noise_levels_differ_a_little() -> None:
    old = sdxl_sigmas(downcast_abar=True)
    assert float(old.table[0]) != PLAIN.sigma_min
    torch.testing.assert_close(old.table[10:], PLAIN.table[10:], rtol=0.02, atol=0)


def test_ddim_timesteps_are_upstreams() -> None:
    assert ddim_timesteps(20, 999).tolist() == list(range(1, 1000, 50))
    assert len(ddim_timesteps(28, 999)) == 29
    assert ddim_timesteps(3, 999).tolist() == [1, 334, 667, 999]
    assert ddim_timesteps(1000, 999)[-1] == 999


@pytest.mark.parametrize(("steps", "calls"), [(20, 19), (28, 28), (10, 9)])
def test_upstreams_ddim_stops_one_call_short(steps: int, calls: int) -> None:
    levels = grid_sigmas(Grid.DDIM, steps, model_sigmas=PLAIN, compat=A1111)
    assert len(levels) - 1 == calls
    assert float(levels[-1]) == pytest.approx(float(PLAIN.table[1]))


@pytest.mark.parametrize("grid", list(Grid))
@pytest.mark.parametrize("steps", [1, 2, 3, 20, 28, 60])
def test_our_grids_take_the_steps_asked_from_noise_to_zero(grid: Grid, steps: int) -> None:
    levels = grid_sigmas(grid, steps, model_sigmas=PLAIN, compat=OUR_BEHAVIOUR)
    assert len(levels) == steps + 1
    assert float(levels[0]) == pytest.approx(PLAIN.sigma_max)
    assert float(levels[-1]) == 0.0
    assert bool((levels.diff() < 0).all())


def test_upstreams_unipc_is_even_in_time_and_stops_at_sigma_min() -> None:
    levels = grid_sigmas(Grid.UNIPC, 999, model_sigmas=PLAIN, compat=A1111)
    torch.testing.assert_close(levels.double(), PLAIN.table.flip(0), rtol=1e-6, atol=0)


def test_grids_refuse_what_has_no_interval() -> None:
    with pytest.raises(RecipeError, match="at least 2"):
        grid_sigmas(Grid.DDIM, 1, model_sigmas=PLAIN, compat=A1111)
    with pytest.raises(RecipeError, match="at least 1"):
        grid_sigmas(Grid.UNIPC, 0, model_sigmas=PLAIN, compat=OUR_BEHAVIOUR)


def test_lcm_levels_are_every_twentieth_from_the_top() -> None:
    levels = lcm_levels(PLAIN)
    assert len(levels.table) == 50
    assert float(levels.table[-1]) == PLAIN.sigma_max
    assert float(levels.table[0]) == float(PLAIN.table[19])


def request(sampler: str, **asked: object) -> SigmaRequest:
    defaults: dict[str, object] = {"schedule": Schedule.AUTOMATIC, "steps": 20}
    return SigmaRequest(sampler=find_sampler(sampler), model_sigmas=PLAIN, **{**defaults, **asked})


def test_automatic_is_the_samplers_own() -> None:
    plan = plan_sigmas(request("DPM++ 2M"))
    torch.testing.assert_close(plan.run, sigmas("Karras", 20, model_sigmas=PLAIN))
    ddim = plan_sigmas(request("DDIM")).run
    torch.testing.assert_close(ddim, sigmas("SGM Uniform", 20, model_sigmas=PLAIN))


def test_a_schedule_that_was_asked_for_is_used_even_by_ddim_except_upstream() -> None:
    ours = plan_sigmas(request("DDIM", schedule=Schedule.KARRAS))
    torch.testing.assert_close(ours.run, sigmas("Karras", 20, model_sigmas=PLAIN))
    upstream = plan_sigmas(request("DDIM", schedule=Schedule.KARRAS, compat=A1111))
    assert upstream.steps == 19


def test_upstreams_lcm_has_a_table_of_its_own() -> None:
    upstream = plan_sigmas(request("LCM", steps=5, compat=A1111))
    assert float(upstream.run[-2]) == pytest.approx(float(PLAIN.table[19]), rel=1e-6)
    chosen = plan_sigmas(request("LCM", steps=5, schedule=Schedule.SGM_UNIFORM, compat=A1111))
    torch.testing.assert_close(chosen.run, sigmas("SGM Uniform", 5, model_sigmas=PLAIN))


def test_samplers_and_overrides_discard_the_penultimate() -> None:
    expected = sigmas("Exponential", 20, model_sigmas=PLAIN, discard_penultimate=True)
    torch.testing.assert_close(plan_sigmas(request("DPM++ 3M SDE")).run, expected)
    overrides = SigmaOverrides(discard_penultimate=True)
    plan = plan_sigmas(request("Euler", schedule=Schedule.EXPONENTIAL, overrides=overrides))
    torch.testing.assert_close(plan.run, expected)


def test_old_karras_goes_from_ten_to_a_tenth() -> None:
    plan = plan_sigmas(request("Euler", schedule=Schedule.KARRAS, old_karras=True))
    assert float(plan.run[0]) == pytest.approx(10.0)
    assert float(plan.run[-2]) == pytest.approx(0.1)


def test_calls_count_what_a_step_costs() -> None:
    assert plan_sigmas(request("Heun")).calls == 40
    assert plan_sigmas(request("Euler")).calls == 20


def test_every_sampler_has_a_plan_at_every_schedule() -> None:
    overrides = SigmaOverrides(listed=(14.0, 1.0, 0.1))
    for info, schedule, steps in itertools.product(SAMPLERS, Schedule, (1, 5, 28)):
        asked = SigmaRequest(
            sampler=info,
            schedule=schedule,
            steps=steps,
            model_sigmas=PLAIN,
            overrides=overrides,
        )
        assert bool((plan_sigmas(asked).run.diff() < 0).all())


def test_upstreams_timestep_samplers_start_from_noise_of_their_own_scale() -> None:
    assert plan_sigmas(request("DDIM", compat=A1111)).unit_variance
    assert not plan_sigmas(request("DDIM")).unit_variance
    assert not plan_sigmas(request("Euler", compat=A1111)).unit_variance
