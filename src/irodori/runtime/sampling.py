"""Sigma schedules for people: what a sampler, a schedule and a step count come to."""

from dataclasses import dataclass

from irodori.engine import sigma_plan
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.recipe.compat import OUR_BEHAVIOUR, CompatFlags
from irodori.recipe.names import Prediction
from irodori.recipe.parts import SigmaOverrides
from irodori.recipe.sampler_info import SamplerInfo
from irodori.recipe.samplers import split_sampler
from irodori.recipe.schedules import Schedule, find_schedule, schedule_info

_NO_OVERRIDES = SigmaOverrides()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmaQuestion:
    """What a person asks for.

    Attributes:
        sampler: a name or alias; may end in a schedule's name.
        schedule: a name or alias; None is the sampler's, or what its name ends in.
        steps: at least 1.
        prediction: eps or v; v-prediction draws remarks from practice P18.
        zero_terminal_snr: the model's noise levels reach sigma 4518.
        overrides: range, rho, penultimate discard, a list.
        denoise: of img2img; None starts from noise.
        exact: run exactly `steps` at any denoise, as hires does.
        compat: which upstream behaviours are reproduced.
    """

    sampler: str
    schedule: str | None
    steps: int
    prediction: Prediction = Prediction.EPS
    zero_terminal_snr: bool = False
    overrides: SigmaOverrides = _NO_OVERRIDES
    denoise: float | None = None
    exact: bool = False
    compat: CompatFlags = OUR_BEHAVIOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmaReport:
    """The levels a pass visits.

    Attributes:
        sampler: its display name.
        schedule: its display name; what Automatic came to.
        sigmas: descending, [steps + 1].
        timesteps: the model's time at each but the last, where the model is called.
        calls: model calls.
        remarks: what a person should know.
    """

    sampler: str
    schedule: str
    sigmas: tuple[float, ...]
    timesteps: tuple[float, ...]
    calls: int
    remarks: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Steps that are run."""
        return len(self.sigmas) - 1


def report_sigmas(question: SigmaQuestion) -> SigmaReport:
    """Return the levels a pass visits.

    Raises:
        UnknownNameError: no such sampler or schedule.
        RecipeError: what was asked makes no schedule.
    """
    info, ending = split_sampler(question.sampler)
    if question.schedule is not None:
        schedule = find_schedule(question.schedule)
    else:
        schedule = ending or Schedule.AUTOMATIC
    model = sdxl_sigmas(zero_terminal_snr=question.zero_terminal_snr)
    plan = sigma_plan.plan_sigmas(
        sigma_plan.SigmaRequest(
            sampler=info,
            schedule=schedule,
            steps=question.steps,
            model_sigmas=model,
            overrides=question.overrides,
            denoise=question.denoise,
            exact=question.exact,
            compat=question.compat,
        )
    )
    visited = plan.run[:-1]
    return SigmaReport(
        sampler=info.name,
        schedule=_schedule_name(info, schedule),
        sigmas=tuple(plan.run.tolist()),
        timesteps=tuple(round(t, 3) for t in model.to_t(visited).tolist()),
        calls=plan.calls,
        remarks=tuple(_remarks(question, info, schedule, plan.steps)),
    )


def _schedule_name(info: SamplerInfo, schedule: Schedule) -> str:
    if schedule is not Schedule.AUTOMATIC:
        return schedule.value
    own = "its own timesteps" if info.timesteps else info.schedule.value
    return f"Automatic ({own})"


def _remarks(
    question: SigmaQuestion, info: SamplerInfo, schedule: Schedule, steps: int
) -> list[str]:
    resolved = info.schedule if schedule is Schedule.AUTOMATIC else schedule
    remarks = []
    if question.denoise is None and steps != question.steps:
        remarks.append(f"{question.steps} steps asked, {steps} come of it")
    if info.own_schedule:
        remarks.append(f"{info.name} takes only the ends of the schedule and chooses its levels")
    if not schedule_info(resolved).ends_at_zero:
        remarks.append(f"{resolved.value} ends at sigma min: a trace of noise stays")
    if question.prediction is Prediction.V:
        if resolved in info.v_prediction_fails or not schedule_info(resolved).v_prediction:
            better = ", ".join(each.value for each in info.v_prediction) or "SGM Uniform"
            remarks.append(
                f"{resolved.value} is reported to fail on v-prediction models; try {better} (P18)"
            )
        elif resolved in info.v_prediction:
            remarks.append(f"{info.name} with {resolved.value} is known to suit v-prediction (P18)")
    elif question.zero_terminal_snr:
        remarks.append("eps cannot see at zero-terminal SNR: such models predict v")
    return remarks
