"""Every sampler on every schedule at every step count: finite, none refused."""

import pytest
import torch

from irodori.engine.closed_form import GaussianMixture
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.samplers import get
from irodori.engine.schedules import sigmas
from irodori.recipe.samplers import SAMPLERS
from irodori.recipe.schedules import SCHEDULES, Schedule

STEPS = (1, 2, 3, 5, 28, 60)
SHAPE = (2, 4, 4, 4)
USUAL = {
    Schedule.AUTOMATIC,
    Schedule.KARRAS,
    Schedule.EXPONENTIAL,
    Schedule.SGM_UNIFORM,
    Schedule.NORMAL,
    Schedule.SIMPLE,
    Schedule.BETA,
    Schedule.ALIGN_YOUR_STEPS,
}
"""Schedules people draw with: there the result must also look like the data. On the others a
multistep method of high order may overshoot (SA-Solver on Laplace, whose last step in log sigma
is five times the one before), which is its mathematics."""


class CheapNoise:
    def __init__(self):
        self.generator = torch.Generator().manual_seed(1)

    def next(self):
        return torch.randn(SHAPE, generator=self.generator)

    def between(self, sigma, sigma_next):
        assert sigma > sigma_next > 0
        return self.next()


@pytest.fixture(scope="module")
def denoise():
    """Float32 data of the latents' size: a mixture, so that far from the data D still bends."""
    generator = torch.Generator().manual_seed(6)
    return GaussianMixture(means=torch.randn((3, *SHAPE[1:]), generator=generator), spread=0.5)


def result(info, levels, denoise):
    generator = torch.Generator().manual_seed(9)
    x = torch.randn(SHAPE, generator=generator) * levels[0]
    steps = list(get(info.name).steps(denoise, x, levels, CheapNoise()))
    assert [step.i for step in steps] == list(range(len(steps)))
    return steps[-1].x


@pytest.mark.parametrize("ztsnr", [False, True], ids=["eps", "zero terminal SNR"])
@pytest.mark.parametrize("info", SAMPLERS, ids=lambda info: info.name)
def test_every_schedule_and_step_count(denoise, info, ztsnr):
    model = sdxl_sigmas(zero_terminal_snr=ztsnr)
    for schedule in (each.schedule for each in SCHEDULES):
        for count in STEPS if not ztsnr else (1, 5, 28):
            levels = sigmas(
                schedule,
                count,
                model_sigmas=model,
                discard_penultimate=info.discard_penultimate,
                automatic=info.schedule,
                custom=(14.6, 5.0, 1.0, 0.2) if schedule is Schedule.CUSTOM else (),
            )
            where = f"{info.name}, {schedule}, {count} steps"
            x = result(info, levels, denoise)
            assert x.dtype == torch.float32, where
            assert torch.isfinite(x).all(), where
            if count >= 28 and schedule in USUAL and not ztsnr:
                assert x.abs().max() < 8, where
