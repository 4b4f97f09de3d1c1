"""What may be set on a sampler beside its steps and schedule: one frozen dataclass a family.

The defaults are the papers' or, where a paper leaves them open, k-diffusion's. Every field knows
its range, so the command line can print it and `SamplerInfo.chosen` can refuse what is outside.
"""

import math
from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Final, Literal, TypeVar

T = TypeVar("T")
_INFINITY: Final = math.inf


def option(
    meaning: str,
    *,
    default: T,
    low: float = -_INFINITY,
    high: float = _INFINITY,
    choices: Sequence[str] = (),
) -> T:
    """Return a dataclass field with its meaning and range; both bounds are included."""
    metadata = {
        "default": default,
        "meaning": meaning,
        "low": low,
        "high": high,
        "choices": tuple(choices),
    }
    made: T = field(default=default, metadata=metadata)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionInfo:
    """One option as a person sees it.

    Attributes:
        name: the keyword of `Sampler.steps`.
        default: what it is when nobody sets it.
        meaning: one line.
        low: the smallest allowed number; -inf where unbounded.
        high: the largest allowed number; inf where unbounded.
        choices: the allowed words; empty for numbers and switches.
    """

    name: str
    default: bool | int | float | str
    meaning: str
    low: float
    high: float
    choices: tuple[str, ...]


def options_of(kind: type["NoOptions"]) -> tuple[OptionInfo, ...]:
    """Return the options of a family, in the order they are declared."""
    return tuple(_described(each) for each in fields(kind))


def _described(each: Field[object]) -> OptionInfo:
    return OptionInfo(name=each.name, **each.metadata)


_S_NOISE: Final = "scale of every noise added"
_ETA: Final = "share of the noise put back each step: 0 none (the ODE), 1 all"
_COMPAT: Final = "draw what A1111 and Forge draw, their deviation from the paper included"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """A sampler with nothing to set; the base of all option sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn(NoOptions):
    """Noise added before a step, Karras et al. 2022, arXiv:2206.00364, algorithm 2."""

    s_churn: float = option("total churn over the schedule", default=0.0, low=0.0)
    s_tmin: float = option("no churn below this sigma", default=0.0, low=0.0)
    s_tmax: float = option("no churn above this sigma; 0 means no limit", default=math.inf, low=0.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)
    compat: bool = option(
        "draw noise each step even where unused, as k-diffusion does", default=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestral(NoOptions):
    """Ancestral noise: step below the next level, then add noise up to it."""

    eta: float = option(_ETA, default=1.0, low=0.0, high=1.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sde(NoOptions):
    """The reverse SDE with its noise scaled by eta."""

    eta: float = option(_ETA, default=1.0, low=0.0, high=2.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglestepSde(NoOptions):
    """DPM++ SDE."""

    eta: float = option(_ETA, default=1.0, low=0.0, high=1.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)
    r: float = option("where in log sigma the middle call lies", default=0.5, low=0.1, high=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MultistepSde(Sde):
    """DPM++ 2M SDE."""

    solver: Literal["midpoint", "heun"] = option(
        "how the second-order term is weighted", default="midpoint", choices=("midpoint", "heun")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdOrderSde(Sde):
    """DPM++ 3M SDE."""

    exact: bool = option(
        "weigh the curvature by its integral: third order, but other pictures than elsewhere",
        default=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Multistep(NoOptions):
    """LMS and IPNDM."""

    order: int = option(
        "how many past slopes are used, this one included", default=4, low=1, high=4
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableMultistep(Multistep):
    """IPNDM_V."""

    compat: bool = option(_COMPAT, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deis(NoOptions):
    """DEIS."""

    order: int = option(
        "how many past slopes are used, this one included", default=3, low=1, high=4
    )
    time: Literal["vp", "log_rho"] = option(
        "in which time slopes are interpolated: VP time (tAB) or log sigma (diffusers)",
        default="vp",
        choices=("vp", "log_rho"),
    )
    compat: bool = option("coefficients as Forge's sum over 10000 points, not exact", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DpmFast(NoOptions):
    """DPM fast."""

    eta: float = option(_ETA, default=0.0, low=0.0, high=1.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)
    compat: bool = option("stop at sigma min and leave its noise, as A1111 does", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DpmAdaptive(DpmFast):
    """DPM adaptive; its step size is controlled by a PID controller."""

    order: int = option("2 for DPM-Solver-12, 3 for DPM-Solver-23", default=3, low=2, high=3)
    rtol: float = option("relative tolerance of a step", default=0.05, low=1e-8, high=1.0)
    atol: float = option("absolute tolerance of a step", default=0.0078, low=1e-10, high=1.0)
    h_init: float = option("first step in log sigma", default=0.05, low=1e-4, high=2.0)
    pcoeff: float = option("proportional coefficient", default=0.0, low=0.0, high=2.0)
    icoeff: float = option("integral coefficient", default=1.0, low=0.0, high=2.0)
    dcoeff: float = option("derivative coefficient", default=0.0, low=0.0, high=2.0)
    accept_safety: float = option(
        "accept a step above this factor", default=0.81, low=0.25, high=1.5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UniPc(NoOptions):
    """UniPC."""

    order: int = option("order of the predictor", default=3, low=1, high=3)
    variant: Literal["bh1", "bh2"] = option(
        "the function B(h)", default="bh1", choices=("bh1", "bh2")
    )
    lower_order_final: bool = option("lower the order towards the last step", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ddim(NoOptions):
    """DDIM."""

    eta: float = option("0 is DDIM, 1 is DDPM", default=0.0, low=0.0, high=1.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ddpm(NoOptions):
    """DDPM."""

    variance: Literal["small", "large"] = option(
        "variance of a step: the posterior's or beta", default="small", choices=("small", "large")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lcm(NoOptions):
    """LCM."""

    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart(NoOptions):
    """Restart; by default as A1111 chooses from the step count."""

    times: int = option(
        "how often to go back; -1: 1, or 2 from 36 steps on", default=-1, low=-1, high=10
    )
    restart_steps: int = option(
        "steps of one return; -1: 9, or a quarter", default=-1, low=-1, high=100
    )
    s_min: float = option("sigma at which to go back", default=0.1, low=0.0)
    s_max: float = option("sigma to which to go back", default=2.0, low=0.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientEstimation(NoOptions):
    """Gradient estimation."""

    gamma: float = option(
        "how far beyond the newest slope; 1 is Euler", default=2.0, low=1.0, high=5.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds2(Sde):
    """SEEDS-2; with eta 0 and r 1 the exponential Heun method."""

    r: float = option("where in log sigma the second call lies", default=0.5, low=0.1, high=1.0)
    solver: Literal["phi_1", "phi_2"] = option(
        "weight of the second call: of order 2, or exact",
        default="phi_1",
        choices=("phi_1", "phi_2"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds3(Sde):
    """SEEDS-3."""

    r1: float = option("where in log sigma the second call lies", default=1 / 3, low=0.1, high=1.0)
    r2: float = option("where in log sigma the third call lies", default=2 / 3, low=0.1, high=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErSde(NoOptions):
    """ER-SDE."""

    stage: int = option("terms of the expansion used", default=3, low=1, high=3)
    scale: Literal["er_sde", "sde", "ode"] = option(
        "the noise scale function phi", default="er_sde", choices=("er_sde", "sde", "ode")
    )
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaSolver(NoOptions):
    """SA-Solver."""

    predictor: int = option("predictions the predictor uses", default=3, low=1, high=4)
    corrector: int = option(
        "predictions the corrector uses, the arrival's included; 0: none", default=4, low=0, high=4
    )
    tau: float = option(
        "noise between s_tmin and s_tmax; 0 is the ODE", default=1.0, low=0.0, high=2.0
    )
    s_tmin: float = option("no noise below this sigma", default=0.0, low=0.0)
    s_tmax: float = option("no noise above this sigma", default=math.inf, low=0.0)
    s_noise: float = option(_S_NOISE, default=1.0, low=0.0, high=2.0)
    pece: bool = option("call the model again after each correction", default=False)
