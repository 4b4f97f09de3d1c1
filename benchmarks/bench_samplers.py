"""Sampler overhead outside the model at 4x128x128 on one CPU thread, beside k-diffusion's.

    .venv/bin/python benchmarks/bench_samplers.py

Both run in one process, interleaved, on a denoiser that costs next to nothing; the figure is the
best of the rounds of (run - its model calls alone) per step. Goal: below 0.2 ms a step.
"""

import importlib.util
import sys
import time
from types import ModuleType, SimpleNamespace

import torch

from irodori.engine.samplers import get
from irodori.recipe.samplers import SAMPLERS

STEPS, ROUNDS, GOAL_MS = 20, 9, 0.2
SHAPE = (1, 4, 128, 128)
K_DIFFUSION = {
    "Euler": "euler",
    "Euler a": "euler_ancestral",
    "Heun": "heun",
    "DPM2": "dpm_2",
    "LMS": "lms",
    "DPM++ 2S a": "dpmpp_2s_ancestral",
    "DPM++ SDE": "dpmpp_sde",
    "DPM++ 2M": "dpmpp_2m",
    "DPM++ 2M SDE": "dpmpp_2m_sde",
    "DPM++ 3M SDE": "dpmpp_3m_sde",
}


class Model:
    """Returns one tensor; counts and times nothing but its own calls."""

    def __init__(self):
        self.denoised = torch.zeros(SHAPE)
        self.spent = 0.0

    def __call__(self, x, sigma):  # noqa: ARG002  # a Denoiser's signature
        started = time.perf_counter()
        self.denoised = x * 0.5
        self.spent += time.perf_counter() - started
        return self.denoised

    def guided(self, x, sigma):
        denoised = self(x, sigma)
        return SimpleNamespace(denoised=denoised, uncond=denoised)


class Noise:
    """A ready draw: the noise source's own cost is not the sampler's."""

    def __init__(self):
        self.draw = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))

    def next(self):
        return self.draw

    def between(self, sigma, sigma_next):  # noqa: ARG002  # a NoiseSource's signature
        return self.draw


def load_k_diffusion():
    """sampling.py alone; the package's __init__ needs torchvision."""
    found = importlib.util.find_spec("k_diffusion")
    if found is None:
        return None
    stubs = {
        "torchdiffeq": {"odeint": None},
        "torchsde": {},
        "tqdm": {},
        "tqdm.auto": {"tqdm": None, "trange": lambda n, **_: range(n)},
        "k_bench": {
            "__path__": [],
            "utils": SimpleNamespace(append_dims=lambda x, n: x[(...,) + (None,) * (n - x.ndim)]),
        },
    }
    before = {name: sys.modules.get(name) for name in stubs}
    for name, attributes in stubs.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(attributes)
    path = f"{found.submodule_search_locations[0]}/sampling.py"
    spec = importlib.util.spec_from_file_location("k_bench.sampling", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, old in before.items():
        if old is None:
            del sys.modules[name]
        else:
            sys.modules[name] = old
    return module


def ours(name, x, sigmas):
    model, noise, count = Model(), Noise(), 0
    started = time.perf_counter()
    for _ in get(name).steps(model, x, sigmas, noise):
        count += 1
    return (time.perf_counter() - started - model.spent) / count * 1e3


def theirs(module, name, x, sigmas):
    model, noise = Model(), Noise()
    sample = getattr(module, f"sample_{K_DIFFUSION[name]}")
    takes_noise = "noise_sampler" in sample.__wrapped__.__code__.co_varnames
    options = {"noise_sampler": noise.between} if takes_noise else {}
    started = time.perf_counter()
    sample(model, x, sigmas, **options)
    return (time.perf_counter() - started - model.spent) / (len(sigmas) - 1) * 1e3


def main():
    torch.set_num_threads(1)
    module = load_k_diffusion()
    sigmas = torch.cat([torch.logspace(1.16, -1.5, STEPS), torch.zeros(1)])
    x = Noise().next() * sigmas[0]
    print("model calls a step multiply the work: the goal is for samplers of one call")
    print(f"{'sampler':24}{'ours ms/step':>14}{'k-diffusion':>14}")
    worst = 0.0
    for info in SAMPLERS:
        mine, other = [], []
        for _ in range(ROUNDS):
            mine.append(ours(info.name, x, sigmas))
            if module is not None and info.name in K_DIFFUSION:
                other.append(theirs(module, info.name, x, sigmas))
        best = min(mine)
        worst = max(worst, best)
        beside = f"{min(other):14.3f}" if other else f"{'':14}"
        print(f"{info.name:24}{best:14.3f}{beside}{'' if best < GOAL_MS else '  over the goal'}")
    print(f"worst {worst:.3f} ms a step; goal {GOAL_MS} ms")


if __name__ == "__main__":
    main()
