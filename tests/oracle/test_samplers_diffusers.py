"""Samplers against diffusers' schedulers where both define the same thing, in float64.

diffusers steps y = x / sqrt(1 + sigma^2) and asks for eps; the adapter below does nothing else.
"""

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    LCMScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)

from irodori.engine.samplers import get

# diffusers 0.42 under NumPy 2 hands tensors to np.array without `copy`.
pytestmark = pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")

DPM_TOLERANCE = 1e-5
"""DPMSolverMultistepScheduler casts every state to float32."""

SHAPE = (2, 4, 5, 6)
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


class SeededNoise:
    """Draws as diffusers' randn_tensor does from the same generator."""

    def __init__(self, dtype=torch.float64):
        self.generator = torch.Generator().manual_seed(11)
        self.dtype = dtype

    def next(self):
        return torch.randn(SHAPE, generator=self.generator, dtype=self.dtype)

    def between(self, sigma, sigma_next):
        return self.next()


def nonlinear(x, sigma):
    mixed = x.roll(1, dims=1) * 0.2 + x
    return mixed / (1 + sigma**2) + torch.tanh(1.3 * x) * sigma / (2 + sigma) + 0.1


def start(sigma):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(SHAPE, generator=generator, dtype=torch.float64) * sigma


def karras(steps, sigma_min=0.03, sigma_max=14.6):
    u = torch.linspace(0, 1, steps, dtype=torch.float64)
    return (sigma_max ** (1 / 7) + u * (sigma_min ** (1 / 7) - sigma_max ** (1 / 7))) ** 7


def by_diffusers(scheduler, sigmas, denoise=nonlinear, **options):
    """The state after every call of the scheduler, in our coordinates.

    `sigmas` has one entry a call and the last level; scheduler.timesteps may repeat.
    """
    sigma = sigmas[0]
    x, states = start(sigma), []
    y = x / (1 + sigma**2).sqrt()
    for t, sigma, sigma_next in zip(scheduler.timesteps, sigmas[:-1], sigmas[1:], strict=True):
        x = y * (1 + sigma**2).sqrt()
        eps = (x - denoise(x, sigma)) / sigma
        y = scheduler.step(eps, t, y, return_dict=False, **options)[0]
        states.append(y * (1 + sigma_next**2).sqrt())
    return states


def ours(name, sigmas, denoise=nonlinear, noise=None, **options):
    steps = get(name).steps(denoise, start(sigmas[0]), sigmas, noise or SeededNoise(), **options)
    return [step.x for step in steps]


def assert_equal(found, expected, tolerance=1e-9):
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def on_sigmas(kind, sigmas, **config):
    """A scheduler that runs on our levels, whatever it would have chosen."""
    scheduler = kind(**BETAS, **config)
    scheduler.set_timesteps(len(sigmas) - 1)
    scheduler.sigmas = sigmas
    return scheduler


def on_timesteps(kind, steps, **config):
    """A scheduler on its own timesteps with a float64 table, and the levels it visits."""
    scheduler = kind(**BETAS, **config)
    scheduler.set_timesteps(steps)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    scheduler.alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    scheduler.final_alpha_cumprod = torch.tensor(1.0, dtype=torch.float64)
    table = (1 / scheduler.alphas_cumprod - 1).sqrt()
    return scheduler, torch.cat([table[scheduler.timesteps], table.new_zeros(1)])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_deis_in_log_rho_is_diffusers(order):
    sigmas = karras(19)
    scheduler = on_sigmas(DEISMultistepScheduler, sigmas, solver_order=order)
    expected = by_diffusers(scheduler, sigmas)
    assert_equal(ours("DEIS", sigmas, order=order, time="log_rho"), expected)


@pytest.mark.parametrize("variant", ["bh1", "bh2"])
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("lower_order_final", [True, False])
def test_unipc_is_diffusers(order, variant, lower_order_final):
    sigmas = karras(13)
    config = {"solver_order": order, "lower_order_final": lower_order_final}
    scheduler = on_sigmas(UniPCMultistepScheduler, sigmas, solver_type=variant, **config)
    options = {"order": order, "variant": variant, "lower_order_final": lower_order_final}
    assert_equal(ours("UniPC", sigmas, **options), by_diffusers(scheduler, sigmas))


def test_unipc_to_zero_is_diffusers():
    """diffusers' bh1 is not finite there (inf * 0); bh2 is, and both end in the same D."""
    sigmas = torch.cat([karras(12), torch.zeros(1, dtype=torch.float64)])
    scheduler = on_sigmas(UniPCMultistepScheduler, sigmas, solver_order=3, solver_type="bh2")
    assert_equal(ours("UniPC BH2", sigmas), by_diffusers(scheduler, sigmas))


@pytest.mark.parametrize(
    ("name", "order", "solver"), [("DPM++ 2M", 2, "midpoint"), ("DPM++ 3M SDE", 3, "heun")]
)
def test_dpmpp_multistep_is_diffusers(name, order, solver):
    """3M SDE without noise is diffusers' 3M; its second step is of the kind called heun."""
    sigmas = karras(19)
    config = {"solver_order": order, "solver_type": solver, "final_sigmas_type": "sigma_min"}
    scheduler = on_sigmas(DPMSolverMultistepScheduler, sigmas, **config)
    options = {"eta": 0.0} if order == 3 else {}
    expected = by_diffusers(scheduler, sigmas)
    assert_equal(ours(name, sigmas, **options), expected, tolerance=DPM_TOLERANCE)


@pytest.mark.parametrize("solver", ["midpoint", "heun"])
def test_dpmpp_2m_sde_is_diffusers(solver):
    sigmas = karras(19)
    config = {"solver_type": solver, "final_sigmas_type": "sigma_min"}
    config |= {"algorithm_type": "sde-dpmsolver++"}
    scheduler = on_sigmas(DPMSolverMultistepScheduler, sigmas, **config)
    expected = by_diffusers(scheduler, sigmas, generator=SeededNoise().generator)
    noise = SeededNoise(torch.float32)
    found = ours("DPM++ 2M SDE", sigmas, noise=noise, solver=solver)
    assert_equal(found, expected, tolerance=DPM_TOLERANCE)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_ddim_is_diffusers(eta):
    scheduler, sigmas = on_timesteps(DDIMScheduler, 20, clip_sample=False, steps_offset=1)
    expected = by_diffusers(scheduler, sigmas, eta=eta, generator=SeededNoise().generator)
    assert_equal(ours("DDIM", sigmas, eta=eta), expected)


def test_ddpm_is_diffusers():
    """diffusers clamps the variance at 1e-20 and scales as we do in the paper's variables."""
    scheduler, sigmas = on_timesteps(DDPMScheduler, 20, clip_sample=False, steps_offset=1)
    scheduler.one = torch.tensor(1.0, dtype=torch.float64)
    expected = by_diffusers(scheduler, sigmas, generator=SeededNoise().generator)
    assert_equal(ours("DDPM", sigmas)[:-1], expected[:-1])


def test_plms_is_diffusers():
    """diffusers lists the second timestep twice; the state after the extra call is not a step."""
    config = {"skip_prk_steps": True, "steps_offset": 1, "set_alpha_to_one": True}
    scheduler, calls = on_timesteps(PNDMScheduler, 20, **config)
    expected = by_diffusers(scheduler, calls)
    sigmas = torch.cat([calls[:1], calls[2:]])
    assert_equal(ours("PLMS", sigmas), expected[1:])


def test_lcm_is_diffusers_after_its_boundary_scaling():
    scheduler, sigmas = on_timesteps(LCMScheduler, 5)
    scale = scheduler.config.timestep_scaling
    at = dict(zip(sigmas[:-1].tolist(), scheduler.timesteps.tolist(), strict=True))

    def bounded(x, sigma):
        t = at[sigma.item()] * scale
        c_skip, c_out = 0.25 / (t**2 + 0.25), t / (t**2 + 0.25) ** 0.5
        return nonlinear(x, sigma) * c_out + x / (1 + sigma**2).sqrt() * c_skip

    expected = by_diffusers(scheduler, sigmas, generator=SeededNoise().generator)
    # diffusers computes the two scalings in float32
    assert_equal(ours("LCM", sigmas, denoise=bounded), expected, tolerance=1e-7)
