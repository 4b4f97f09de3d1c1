"""Samplers against Crowson's k-diffusion: every step, in float64, with the same noise."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from irodori.engine.samplers import get

TOLERANCE = 1e-10


class Progress:
    """tqdm's surface as far as k-diffusion uses it."""

    def __init__(self, **_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def update(self, *_):
        pass


def stub(name, **attributes):
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


@pytest.fixture(scope="module")
def k_diffusion():
    """k_diffusion/sampling.py alone: the package's own __init__ drags in torchvision and wandb."""
    found = importlib.util.find_spec("k_diffusion")
    if found is None or not found.submodule_search_locations:
        pytest.skip("k-diffusion is not installed (pip install --no-deps k-diffusion)")
    folder = found.submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("k_oracle.sampling", f"{folder}/sampling.py")
    module = importlib.util.module_from_spec(spec)
    stubs = {
        "torchdiffeq": stub("torchdiffeq", odeint=None),
        "torchsde": stub("torchsde"),
        "tqdm": stub("tqdm"),
        "tqdm.auto": stub("tqdm.auto", tqdm=Progress, trange=lambda n, **_: range(n)),
        "k_oracle": stub(
            "k_oracle",
            __path__=[],
            utils=SimpleNamespace(append_dims=lambda x, n: x[(...,) + (None,) * (n - x.ndim)]),
        ),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, each in stubs.items():
            patch.setitem(sys.modules, name, each)
        spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def float64():
    """k-diffusion makes tensors of its float arguments: without this they would be float32."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class ScriptedNoise:
    """The same draws in the same order for both sides, whichever way they are asked for."""

    def __init__(self, shape):
        generator = torch.Generator().manual_seed(7)
        self.draws = torch.randn((400, *shape), generator=generator)
        self.drawn = 0

    def next(self):
        self.drawn += 1
        return self.draws[self.drawn - 1]

    def between(self, sigma, sigma_next):
        return self.next()


SHAPE = (2, 4, 5, 6)


def nonlinear(x, sigma):
    """A denoiser with no structure to exploit: bends in x, mixes channels, depends on sigma."""
    sigma = torch.as_tensor(sigma).reshape(-1, *[1] * (x.dim() - 1))
    mixed = x.roll(1, dims=1) * 0.2 + x
    return mixed / (1 + sigma**2) + torch.tanh(1.3 * x) * sigma / (2 + sigma) + 0.1


def karras(steps, sigma_min=0.03, sigma_max=14.6, *, zero=True):
    u = torch.linspace(0, 1, steps)
    sigmas = (sigma_max ** (1 / 7) + u * (sigma_min ** (1 / 7) - sigma_max ** (1 / 7))) ** 7
    return torch.cat([sigmas, sigmas.new_zeros(1)]) if zero else sigmas


def start():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(SHAPE, generator=generator) * 14.6


CASES = [
    # our name, options | k-diffusion's function, its options (None: ours)
    ("Euler", {}, "euler", {}),
    ("Euler", {"s_churn": 8.0, "s_tmin": 0.05, "s_tmax": 9.0, "s_noise": 1.01}, "euler", None),
    ("Euler a", {}, "euler_ancestral", {}),
    ("Euler a", {"eta": 0.4, "s_noise": 0.9}, "euler_ancestral", None),
    ("Euler a", {"eta": 0.0}, "euler_ancestral", None),
    ("Heun", {}, "heun", {}),
    ("Heun", {"s_churn": 4.0}, "heun", None),
    ("DPM2", {}, "dpm_2", {}),
    ("DPM2", {"s_churn": 4.0}, "dpm_2", None),
    ("DPM2 a", {}, "dpm_2_ancestral", {}),
    ("DPM2 a", {"eta": 0.6, "s_noise": 1.02}, "dpm_2_ancestral", None),
    ("LMS", {}, "lms", {}),
    ("LMS", {"order": 2}, "lms", None),
    ("DPM++ 2S a", {}, "dpmpp_2s_ancestral", {}),
    ("DPM++ 2S a", {"eta": 0.5, "s_noise": 0.95}, "dpmpp_2s_ancestral", None),
    ("DPM++ SDE", {}, "dpmpp_sde", {}),
    ("DPM++ SDE", {"eta": 0.7, "s_noise": 1.03, "r": 0.4}, "dpmpp_sde", None),
    ("DPM++ 2M", {}, "dpmpp_2m", {}),
    ("DPM++ 2M SDE", {}, "dpmpp_2m_sde", {}),
    ("DPM++ 2M SDE", {"eta": 0.5, "s_noise": 0.9}, "dpmpp_2m_sde", None),
    ("DPM++ 2M SDE", {"eta": 0.0}, "dpmpp_2m_sde", None),
    ("DPM++ 2M SDE Heun", {}, "dpmpp_2m_sde", {"solver_type": "heun"}),
    ("DPM++ 3M SDE", {}, "dpmpp_3m_sde", {}),
    ("DPM++ 3M SDE", {"eta": 0.3, "s_noise": 1.1}, "dpmpp_3m_sde", None),
]


@pytest.mark.parametrize("zero", [True, False], ids=["to zero", "to sigma min"])
@pytest.mark.parametrize(("name", "options", "function", "upstream"), CASES)
def test_every_step_is_k_diffusions(k_diffusion, name, options, function, upstream, zero):
    sigmas = karras(12, zero=zero)
    theirs = options if upstream is None else upstream
    seen, result = by_k_diffusion(k_diffusion, function, theirs, sigmas)
    if function in {"euler", "heun", "dpm_2"}:
        options = {**options, "compat": True}
    steps = list(get(name).steps(nonlinear, start(), sigmas, ScriptedNoise(SHAPE), **options))
    assert len(steps) == len(seen) == len(sigmas) - 1
    for step, (_, denoised) in zip(steps, seen, strict=True):
        torch.testing.assert_close(step.denoised, denoised, rtol=TOLERANCE, atol=TOLERANCE)
    if not options.get("s_churn"):
        for step, (x, _) in zip(steps, seen[1:], strict=False):
            torch.testing.assert_close(step.x, x, rtol=TOLERANCE, atol=TOLERANCE)
    torch.testing.assert_close(steps[-1].x, result, rtol=TOLERANCE, atol=TOLERANCE)


def by_k_diffusion(module, function, options, sigmas):
    noise, seen = ScriptedNoise(SHAPE), []

    def remember(step):
        seen.append((step["x"].clone(), step["denoised"].clone()))

    sample = getattr(module, f"sample_{function}")
    if "noise_sampler" in sample.__wrapped__.__code__.co_varnames:
        options = {**options, "noise_sampler": noise.between}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randn_like", lambda _: noise.next())
        result = sample(nonlinear, start(), sigmas, callback=remember, **options)
    return seen, result


@pytest.mark.parametrize("eta", [0.0, 0.6])
@pytest.mark.parametrize("calls", [1, 2, 3, 4, 5, 6, 17])
def test_dpm_fast_is_k_diffusions(k_diffusion, calls, eta):
    sigmas = karras(calls + 1, zero=False)
    seen, noise = [], ScriptedNoise(SHAPE)
    result = k_diffusion.sample_dpm_fast(
        nonlinear,
        start(),
        sigmas[-1].item(),
        sigmas[0].item(),
        calls,
        callback=lambda step: seen.append(step["denoised"].clone()),
        eta=eta,
        noise_sampler=noise.between,
    )
    steps = list(get("DPM fast").steps(nonlinear, start(), sigmas, ScriptedNoise(SHAPE), eta=eta))
    for step, denoised in zip(steps, seen, strict=True):
        torch.testing.assert_close(step.denoised, denoised, rtol=TOLERANCE, atol=TOLERANCE)
    torch.testing.assert_close(steps[-1].x, result, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("eta", [0.0, 0.5])
def test_dpm_adaptive_is_k_diffusions(k_diffusion, order, eta):
    """Accepted and rejected steps alike: the last x depends on the controller's whole history."""
    control = {"rtol": 0.005, "atol": 0.001, "h_init": 1.5, "pcoeff": 0.1, "dcoeff": 0.05}
    sigmas = karras(4, zero=False)
    noise = ScriptedNoise(SHAPE)
    result, info = k_diffusion.sample_dpm_adaptive(
        nonlinear,
        start(),
        sigmas[-1].item(),
        sigmas[0].item(),
        order=order,
        eta=eta,
        noise_sampler=noise.between if eta else lambda *_: torch.zeros(SHAPE),
        return_info=True,
        **control,
    )
    steps = list(
        get("DPM adaptive").steps(
            nonlinear, start(), sigmas, ScriptedNoise(SHAPE), order=order, eta=eta, **control
        )
    )
    assert info["n_reject"] > 0
    assert len(steps) == info["n_accept"]
    torch.testing.assert_close(steps[-1].x, result, rtol=TOLERANCE, atol=TOLERANCE)
