"""The loop of a pass: results, cancelling, nothing to do, no gradients; the refiner's switch."""

import pytest
import torch
from torch import Tensor

from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.refiner_switch import RefinerSwitch
from irodori.engine.samplers import get
from irodori.engine.sampling import Pass, finished, noised, sample
from irodori.engine.schedules import sigmas
from irodori.recipe.names import RefinerRule
from irodori.recipe.parts import Noise

PLAIN = sdxl_sigmas()
SHAPE = (4, 4, 4)
LEVELS = sigmas("Karras", 8, model_sigmas=PLAIN)


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    """The denoiser of N(0, 1) data."""
    return x / (1 + sigma.square())


def a_pass(name: str = "Euler a", levels: Tensor = LEVELS, **options: object) -> Pass:
    noise = ImageNoise([Noise(seed=4)], NoiseSetting(shape=SHAPE, sigmas=LEVELS))
    return Pass(sampler=get(name), sigmas=levels, noise=noise, options=options)


def start() -> Tensor:
    noise = ImageNoise([Noise(seed=4)], NoiseSetting(shape=SHAPE, sigmas=LEVELS))
    return noised(noise.initial, LEVELS[0])


def test_steps_come_in_order_and_the_last_is_the_result() -> None:
    steps = list(sample(a_pass(), gaussian, start()))
    assert [step.i for step in steps] == list(range(8))
    assert [float(step.sigma) for step in steps] == LEVELS[:-1].tolist()
    assert torch.equal(finished(sample(a_pass(), gaussian, start()), start()), steps[-1].x)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_cancelling_ends_after_the_steps_taken(after: int) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(len(asked))
        return len(asked) > after

    steps = sample(a_pass(), gaussian, start(), cancelled=cancelled)
    assert [step.i for step in steps] == list(range(after))


def test_stopping_to_iterate_is_a_cancel_too() -> None:
    steps = sample(a_pass(), gaussian, start())
    whole = list(sample(a_pass(), gaussian, start()))
    assert torch.equal(next(steps).x, whole[0].x)
    steps.close()


def test_nothing_to_run_returns_the_picture() -> None:
    picture = torch.ones((1, *SHAPE))
    run = a_pass(levels=LEVELS[-1:])
    assert finished(sample(run, gaussian, picture), picture) is picture


def test_no_gradient_is_kept_in_steps_or_outside_of_them() -> None:
    weight = torch.ones((), requires_grad=True)
    steps = sample(a_pass(), lambda x, sigma: gaussian(x, sigma) * weight, start())
    for step in steps:
        assert not step.x.requires_grad
        assert not step.denoised.requires_grad
        assert torch.is_grad_enabled()


def test_options_reach_the_sampler() -> None:
    without = finished(sample(a_pass(eta=0.0), gaussian, start()), start())
    plain = finished(sample(a_pass("Euler"), gaussian, start()), start())
    torch.testing.assert_close(without, plain)


def test_a_pass_starts_from_noise_or_from_a_picture_with_noise() -> None:
    initial, picture = torch.full((1, *SHAPE), 0.5), torch.ones((1, *SHAPE))
    sigma = torch.tensor(3.0)
    assert torch.equal(noised(initial, sigma), initial * 3)
    assert torch.equal(noised(initial, sigma, picture), picture + 1.5)
    torch.testing.assert_close(noised(initial, sigma, unit_variance=True), initial * 10**0.5)


@pytest.mark.parametrize(("at", "first"), [(0.0, 0), (0.5, 10), (0.8, 16), (0.81, 17), (1.0, None)])
def test_refiner_takes_over_by_the_share_of_calls(at: float, first: int | None) -> None:
    switch = RefinerSwitch(at=at, rule=RefinerRule.STEPS, model_sigmas=PLAIN)
    due = [call for call in range(20) if switch.due(call, 20, 1.0)]
    assert due == ([] if first is None else list(range(first, 20)))


def test_refiner_takes_over_by_the_noise_left() -> None:
    switch = RefinerSwitch(at=0.8, rule=RefinerRule.SIGMA, model_sigmas=PLAIN)
    below = float(PLAIN.to_sigma(torch.tensor(199.0)))
    above = float(PLAIN.to_sigma(torch.tensor(200.0)))
    assert switch.due(0, 20, below)
    assert not switch.due(19, 20, above)
    never = RefinerSwitch(at=1.0, rule=RefinerRule.SIGMA, model_sigmas=PLAIN)
    assert not never.due(19, 20, PLAIN.sigma_min)
