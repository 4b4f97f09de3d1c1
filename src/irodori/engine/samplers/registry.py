"""Samplers by name: the mathematics of the engine joined with `irodori.recipe.samplers`' facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from torch import Tensor

from irodori.engine.samplers import (
    ddim,
    ddpm,
    deis,
    dpm2,
    dpm_solver,
    dpmpp,
    dpmpp_sde,
    er_sde,
    euler,
    gradient_estimation,
    heun,
    ipndm,
    lcm,
    lms,
    res_multistep,
    restart,
    sa_solver,
    seeds,
    unipc,
)
from irodori.engine.samplers.base import Denoiser, Method, NoiseSource, Step, levels_of
from irodori.errors import RecipeError
from irodori.recipe.samplers import SamplerInfo, find_sampler

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "DPM++ 2M": dpmpp.dpmpp_2m,
        "DPM++ SDE": dpmpp_sde.dpmpp_sde,
        "DPM++ 2M SDE": dpmpp_sde.dpmpp_2m_sde,
        "DPM++ 2M SDE Heun": dpmpp_sde.dpmpp_2m_sde,
        "DPM++ 2S a": dpmpp.dpmpp_2s_ancestral,
        "DPM++ 3M SDE": dpmpp_sde.dpmpp_3m_sde,
        "Euler a": euler.euler_ancestral,
        "Euler": euler.euler,
        "LMS": lms.lms,
        "Heun": heun.heun,
        "HeunPP2": heun.heunpp2,
        "DPM2": dpm2.dpm_2,
        "DPM2 a": dpm2.dpm_2_ancestral,
        "DPM fast": dpm_solver.dpm_fast,
        "DPM adaptive": dpm_solver.dpm_adaptive,
        "Restart": restart.restart,
        "IPNDM": ipndm.ipndm,
        "IPNDM_V": ipndm.ipndm_v,
        "DEIS": deis.deis,
        "DDIM": ddim.ddim,
        "DDIM CFG++": ddim.ddim_cfg_pp,
        "PLMS": ddim.plms,
        "UniPC": unipc.unipc,
        "UniPC BH2": unipc.unipc,
        "LCM": lcm.lcm,
        "DDPM": ddpm.ddpm,
        "Euler CFG++": euler.euler_cfg_pp,
        "Euler a CFG++": euler.euler_ancestral_cfg_pp,
        "DPM++ 2M CFG++": dpmpp.dpmpp_2m_cfg_pp,
        "Res Multistep": res_multistep.res_multistep,
        "Res Multistep a": res_multistep.res_multistep,
        "Res Multistep CFG++": res_multistep.res_multistep_cfg_pp,
        "Res Multistep a CFG++": res_multistep.res_multistep_cfg_pp,
        "Gradient Estimation": gradient_estimation.gradient_estimation,
        "SEEDS-2": seeds.seeds_2,
        "SEEDS-3": seeds.seeds_3,
        "Exponential Heun": seeds.seeds_2,
        "Exponential Heun SDE": seeds.seeds_2,
        "ER-SDE": er_sde.er_sde,
        "SA-Solver": sa_solver.sa_solver,
        "SA-Solver PECE": sa_solver.sa_solver,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """A sampler ready to run.

    Attributes:
        info: names, defaults, cost, source.
        method: the generator of the paper's steps.
    """

    info: SamplerInfo
    method: Method

    def steps(
        self, denoise: Denoiser, x: Tensor, sigmas: Tensor, noise: NoiseSource, **options: object
    ) -> Iterator[Step]:
        """Return the steps from x down the sigma schedule; nothing runs before the first is taken.

        Args:
            denoise: D(x; sigma); for a CFG++ sampler a GuidedDenoiser.
            x: float [B, 4, H/8, W/8], latents at noise level sigmas[0].
            sigmas: float32 or float64 [n + 1], n at least 1, strictly descending; the last is 0,
                or the level at which to stop.
            noise: the job's noise.
            options: by name, as `info.option_infos` lists them; defaults for the rest.

        Returns:
            An iterator of `Step`; the last `Step.x` is the result. Stop iterating to cancel.

        Raises:
            RecipeError: the schedule does not descend, or an option is out of its range.
            UnknownNameError: an option the sampler does not have.
        """
        chosen = self.info.chosen(options)
        _refuse_unfit(self.info, levels_of(sigmas))
        return self.method(denoise, x, sigmas, noise, chosen)


def get(name: str) -> Sampler:
    """Return the sampler a name or alias of A1111, ComfyUI or diffusers means.

    Raises:
        UnknownNameError: no sampler is called that; carries the nearest name.
    """
    info = find_sampler(name)
    return Sampler(info=info, method=METHODS[info.name])


def _refuse_unfit(info: SamplerInfo, levels: list[float]) -> None:
    if len(levels) < 2:
        raise RecipeError(
            f"the sigma schedule for {info.name} has {len(levels)} level(s); a step needs two"
        )
    for above, below in pairwise(levels):
        if not above > below >= 0:
            raise RecipeError(
                f"the sigma schedule for {info.name} goes from {above:.6g} to {below:.6g}; it must"
                " descend at every step and not pass 0"
            )
