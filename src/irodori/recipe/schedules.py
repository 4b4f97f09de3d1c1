"""The sigma schedules there are: names, aliases, sources. The mathematics is the engine's.

A sigma schedule is the list of noise levels a sampler visits. Practice P16 and P18 say which one
goes with which sampler; `irodori sigmas` prints and plots them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from irodori.errors import UnknownNameError


class Schedule(StrEnum):
    """Every sigma schedule, by the name A1111's infotext writes in `Schedule type`."""

    AUTOMATIC = "Automatic"
    UNIFORM = "Uniform"
    KARRAS = "Karras"
    EXPONENTIAL = "Exponential"
    POLYEXPONENTIAL = "Polyexponential"
    SGM_UNIFORM = "SGM Uniform"
    NORMAL = "Normal"
    SIMPLE = "Simple"
    DDIM = "DDIM"
    ALIGN_YOUR_STEPS = "Align Your Steps"
    ALIGN_YOUR_STEPS_32 = "Align Your Steps 32"
    ALIGN_YOUR_STEPS_GITS = "Align Your Steps GITS"
    KL_OPTIMAL = "KL Optimal"
    KL_OPTIMAL_ZERO = "KL Optimal (ComfyUI)"
    BETA = "Beta"
    BETA_FORGE = "Beta (Forge)"
    TURBO = "Turbo"
    LINEAR_QUADRATIC = "Linear Quadratic"
    COSINE = "Cosine"
    COSINE_EXPONENTIAL = "Cosine-exponential Blend"
    SINUSOIDAL = "Sinusoidal SF"
    PHI = "Phi"
    LAPLACE = "Laplace"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleInfo:
    """What is known of a sigma schedule without computing it.

    Attributes:
        schedule: its name, the label of A1111 and Forge.
        aliases: other names: A1111's and ComfyUI's ids, diffusers' scheduler options.
        source: the paper and equation, or the program that defined it.
        note: what a person should know before choosing it.
        default_rho: the curve's exponent where it has one, else None.
        ends_at_zero: False where the last sigma is sigma_min, so that a trace of noise stays.
        exact_count: False where `steps` may give another number of steps.
        v_prediction: whether it suits v-prediction models (P18: Karras does not).
    """

    schedule: Schedule
    aliases: tuple[str, ...]
    source: str
    note: str = ""
    default_rho: float | None = None
    ends_at_zero: bool = True
    exact_count: bool = True
    v_prediction: bool = True

    @property
    def name(self) -> str:
        """The label, as written in infotext."""
        return self.schedule.value


_K_DIFFUSION = "Karras et al. 2022, arXiv:2206.00364"
_AYS = "Sabour et al. 2024, arXiv:2404.14507"
_OWN = "own definition (the name is reForge's, the formula is not)"

SCHEDULES: Final[tuple[ScheduleInfo, ...]] = (
    ScheduleInfo(
        schedule=Schedule.AUTOMATIC,
        aliases=("automatic", "auto"),
        source="A1111",
        note="the sampler's own schedule: Karras, Exponential or Uniform",
    ),
    ScheduleInfo(
        schedule=Schedule.UNIFORM,
        aliases=("uniform", "linspace"),
        source="Crowson, k-diffusion, DiscreteSchedule",
        note="evenly spaced timesteps, both ends included",
    ),
    ScheduleInfo(
        schedule=Schedule.KARRAS,
        aliases=("karras", "use_karras_sigmas"),
        source=f"{_K_DIFFUSION}, equation 5",
        note="many steps at low noise; burns v-prediction pictures (P18)",
        default_rho=7.0,
        v_prediction=False,
    ),
    ScheduleInfo(
        schedule=Schedule.EXPONENTIAL,
        aliases=("exponential", "use_exponential_sigmas"),
        source="Crowson, k-diffusion",
        note="evenly spaced log sigma; DPM++ 3M SDE's (P16)",
    ),
    ScheduleInfo(
        schedule=Schedule.POLYEXPONENTIAL,
        aliases=("polyexponential",),
        source="Crowson, k-diffusion",
        note="a power of evenly spaced log sigma; rho 1 is Exponential",
        default_rho=1.0,
    ),
    ScheduleInfo(
        schedule=Schedule.SGM_UNIFORM,
        aliases=("sgm_uniform", "SGMUniform", "trailing"),
        source="Podell et al. 2023, arXiv:2307.01952, generative-models' discretization",
        note="evenly spaced timesteps without the last; DEIS and v-prediction (P16, P18)",
    ),
    ScheduleInfo(
        schedule=Schedule.NORMAL,
        aliases=("normal",),
        source="ComfyUI",
        note="Uniform between the timesteps of sigma max and sigma min",
    ),
    ScheduleInfo(
        schedule=Schedule.SIMPLE,
        aliases=("simple",),
        source="ComfyUI",
        note="every (1000 / steps)th trained sigma from the top",
    ),
    ScheduleInfo(
        schedule=Schedule.DDIM,
        aliases=("ddim", "ddim_uniform", "DDIM Uniform", "leading"),
        source="Song et al. 2020, arXiv:2010.02502, section 4.2, as ComfyUI spaces it",
        note="starts below sigma max; one step more where steps do not divide 1000 evenly",
        exact_count=False,
    ),
    ScheduleInfo(
        schedule=Schedule.ALIGN_YOUR_STEPS,
        aliases=("align_your_steps", "align_your_steps_11", "Align Your Steps 11", "AYS"),
        source=f"{_AYS}, SDXL list of 11",
        note="10-12 steps look like 28 (P16); merges hands in crowded pictures",
    ),
    ScheduleInfo(
        schedule=Schedule.ALIGN_YOUR_STEPS_32,
        aliases=("align_your_steps_32", "AYS 32"),
        source=f"{_AYS}, list of 32",
        note="goes to sigma 0.015, below what SDXL was trained on",
    ),
    ScheduleInfo(
        schedule=Schedule.ALIGN_YOUR_STEPS_GITS,
        aliases=("align_your_steps_gits", "align_your_steps_GITS", "AYS GITS", "GITS"),
        source="Chen et al. 2024, arXiv:2405.11326, list of 11",
        note="for few steps, like Align Your Steps",
    ),
    ScheduleInfo(
        schedule=Schedule.KL_OPTIMAL,
        aliases=("kl_optimal",),
        source=f"{_AYS}, appendix (Gaussian data, KL bound), as A1111 runs it",
        note="ends at sigma min: a trace of noise stays in the picture",
        ends_at_zero=False,
    ),
    ScheduleInfo(
        schedule=Schedule.KL_OPTIMAL_ZERO,
        aliases=("kl_optimal_zero", "kl_optimal_comfyui"),
        source=f"{_AYS}, appendix, as ComfyUI runs it",
        note="KL Optimal over steps - 1 intervals, then zero",
    ),
    ScheduleInfo(
        schedule=Schedule.BETA,
        aliases=("beta", "Beta (reForge/ComfyUI)", "Beta (ComfyUI)", "Beta (reForge)"),
        source="Lee et al. 2024, arXiv:2407.12173, Beta(0.6, 0.6) over timesteps",
        note="many steps at both ends; equal timesteps are dropped at high step counts",
        exact_count=False,
    ),
    ScheduleInfo(
        schedule=Schedule.BETA_FORGE,
        aliases=("beta_forge",),
        source="Forge",
        note="Beta(0.6, 0.6) over sigma itself: nearly all steps at high noise; for old pictures",
    ),
    ScheduleInfo(
        schedule=Schedule.TURBO,
        aliases=("turbo", "sd_turbo"),
        source="Sauer et al. 2023, arXiv:2311.17042, SD-Turbo's timesteps",
        note="for distilled models of 1-10 steps",
    ),
    ScheduleInfo(
        schedule=Schedule.LINEAR_QUADRATIC,
        aliases=("linear_quadratic",),
        source="Genmo, Mochi 1 (2024), threshold 0.025",
        note="half the steps in the top 2.5 % of sigma; meant for video models",
    ),
    ScheduleInfo(
        schedule=Schedule.COSINE,
        aliases=("cosine",),
        source=_OWN,
        note="half a cosine from sigma max to sigma min",
    ),
    ScheduleInfo(
        schedule=Schedule.COSINE_EXPONENTIAL,
        aliases=("cosine_exponential_blend", "cosexpblend", "Cosine-Exponential Blend"),
        source=_OWN,
        note="Cosine at first, Exponential at last",
    ),
    ScheduleInfo(
        schedule=Schedule.SINUSOIDAL,
        aliases=("sinusoidal_sf", "Sinusoidal"),
        source=_OWN,
        note="a power of a sine from sigma max to sigma min",
        default_rho=3.5,
    ),
    ScheduleInfo(
        schedule=Schedule.PHI,
        aliases=("phi", "golden"),
        source=_OWN,
        note="a ramp to the power of the golden ratio squared, 2.618",
    ),
    ScheduleInfo(
        schedule=Schedule.LAPLACE,
        aliases=("laplace",),
        source="Hang et al. 2024, arXiv:2407.03297, table 1; mu 0, b 0.5",
        note="most steps around sigma 1, where the picture is decided",
    ),
    ScheduleInfo(
        schedule=Schedule.CUSTOM,
        aliases=("custom", "AYS Custom", "ays_custom"),
        source="your own list",
        note="sigmas you give, interpolated in log sigma to the step count",
        exact_count=False,
    ),
)


def schedule_info(schedule: Schedule) -> ScheduleInfo:
    """Return the metadata of a schedule."""
    return _INFO[schedule]


def find_schedule(name: str) -> Schedule:
    """Return the schedule a name or alias means, whatever its case, spaces and dashes.

    Raises:
        UnknownNameError: no schedule is called that; carries the nearest name.
    """
    schedule = _BY_NAME.get(_folded(name))
    if schedule is None:
        raise UnknownNameError(
            "schedule", name, [info.name for info in SCHEDULES], see="irodori samplers"
        )
    return schedule


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


_INFO: Final[Mapping[Schedule, ScheduleInfo]] = MappingProxyType(
    {info.schedule: info for info in SCHEDULES}
)
_BY_NAME: Final[Mapping[str, Schedule]] = MappingProxyType(
    {_folded(name): info.schedule for info in SCHEDULES for name in (info.name, *info.aliases)}
)
