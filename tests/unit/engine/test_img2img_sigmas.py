"""Where a pass over a picture enters the schedule: compat 4.6's counts."""

import pytest
import torch

from irodori.engine.img2img_sigmas import img2img_steps
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.schedules import sigmas
from irodori.engine.sigma_plan import SigmaRequest, plan_sigmas
from irodori.errors import RecipeError
from irodori.recipe.compat import OUR_BEHAVIOUR, Tool, compat_of
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schedules import Schedule

PLAIN = sdxl_sigmas()
A1111 = compat_of(Tool.A1111)


@pytest.mark.parametrize(
    ("denoise", "run"), [(0.75, 16), (0.4, 9), (1.0, 20), (0.05, 2), (0.01, 1)]
)
def test_a_share_of_the_steps_is_run(denoise: float, run: int) -> None:
    partial = img2img_steps(20, denoise, compat=OUR_BEHAVIOUR)
    assert (partial.schedule_steps, partial.run) == (20, run)
    levels = sigmas("Karras", 20, model_sigmas=PLAIN)
    assert partial.cut(levels).tolist() == levels[20 - run :].tolist()
    upstream = img2img_steps(20, denoise, compat=A1111)
    assert upstream.cut(levels).tolist() == levels[20 - run :].tolist()


@pytest.mark.parametrize(("denoise", "total"), [(0.4, 50), (0.3, 66), (1.0, 20), (0.75, 26)])
def test_hires_runs_exactly_its_steps(denoise: float, total: int) -> None:
    partial = img2img_steps(20, denoise, exact=True, compat=OUR_BEHAVIOUR)
    assert partial.schedule_steps == total
    levels = sigmas("Karras", total, model_sigmas=PLAIN)
    assert len(partial.cut(levels)) == 21
    assert partial.cut(levels)[-1] == 0


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("schedule", sorted(set(Schedule) - {Schedule.CUSTOM}))
def test_denoise_zero_runs_nothing_on_any_schedule(schedule: Schedule, exact: bool) -> None:
    plan = plan_sigmas(
        SigmaRequest(
            sampler=find_sampler("DPM++ 3M SDE"),
            schedule=schedule,
            steps=20,
            model_sigmas=PLAIN,
            denoise=0.0,
            exact=exact,
        )
    )
    assert (plan.steps, plan.calls) == (0, 0)


def test_upstream_takes_one_step_at_denoise_zero() -> None:
    assert img2img_steps(20, 0.0, compat=A1111).run == 1
    assert img2img_steps(20, 0.0, exact=True, compat=A1111).run == 0


def test_a_schedule_that_returns_more_than_asked_is_cut_from_its_end() -> None:
    levels = sigmas("DDIM", 28, model_sigmas=PLAIN)
    assert len(levels) == 30
    ours = img2img_steps(28, 0.5, compat=OUR_BEHAVIOUR)
    assert len(ours.cut(levels)) - 1 == ours.run == 15
    assert len(img2img_steps(28, 0.5, compat=A1111).cut(levels)) - 1 == 16


def test_the_brownian_range_is_that_of_the_whole_schedule() -> None:
    plan = plan_sigmas(
        SigmaRequest(
            sampler=find_sampler("DPM++ 2M SDE"),
            schedule=Schedule.AUTOMATIC,
            steps=20,
            model_sigmas=PLAIN,
            denoise=0.4,
        )
    )
    assert float(plan.whole[0]) == pytest.approx(PLAIN.sigma_max)
    assert float(plan.run[0]) < 1.0
    assert torch.equal(plan.whole[-len(plan.run) :], plan.run)


@pytest.mark.parametrize(("steps", "denoise"), [(20, -0.1), (20, 1.1), (0, 0.5)])
def test_what_makes_no_pass_is_refused(steps: int, denoise: float) -> None:
    with pytest.raises(RecipeError):
        img2img_steps(steps, denoise, compat=OUR_BEHAVIOUR)
