"""What is known of a sampler without drawing: names, cost, noise, practice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from irodori.errors import RecipeError, UnknownNameError
from irodori.recipe.sampler_options import NoOptions, OptionInfo, options_of
from irodori.recipe.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One row of practice P16: a schedule and step range that people found to work.

    Attributes:
        schedules: any of these.
        low: fewest steps.
        high: most steps.
        best: the favourite count.
        note: what else to know. One community's experience, not a proof.
    """

    schedules: tuple[Schedule, ...]
    low: int
    high: int
    best: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerInfo:
    """What is known of a sampler without drawing.

    Attributes:
        name: the display name, A1111's spelling where A1111 has it.
        aliases: other names: A1111's ids (k_euler_a) and ComfyUI's (euler_ancestral).
        diffusers: the scheduler classes of diffusers with the same update rule.
        schedule: what `Automatic` means for it.
        order: order of convergence in the step count on an even schedule, eta 0 where it has an
            eta, of the steps between its start and its end, which are of lower order.
        calls_per_step: model calls of an ordinary step.
        options: the option set of `irodori.recipe.sampler_options`.
        presets: options whose default differs from the option set's.
        stochastic: noise enters at the defaults, so the picture never settles with more steps.
        discard_penultimate: the schedule is asked for one level more, and the last but one is
            left out (compat 4.5).
        uses_ensd: its noise is drawn from seed + ENSD in A1111 (compat 4.2).
        brownian: its noise is a Brownian path in sigma, the same at every step count.
        own_schedule: it takes only the ends of the schedule and chooses the levels itself.
        timesteps: A1111 runs it on its own timesteps and ignores the schedule (compat 4.3).
        couples_batch: its steps depend on every picture of a batch: draw them one by one.
        cfg_plus_plus: it calls `GuidedDenoiser.guided`; cfg scale is CFG++'s lambda.
        guidance_factor: A1111 multiplies the cfg scale with this for the sampler.
        practice: rows of P16.
        v_prediction: schedules with which P18 reports it to work on v-prediction models.
        v_prediction_fails: schedules with which P18 reports it not to.
        source: paper and equation.
    """

    name: str
    source: str
    aliases: tuple[str, ...] = ()
    diffusers: tuple[str, ...] = ()
    schedule: Schedule = Schedule.UNIFORM
    order: int = 1
    calls_per_step: int = 1
    options: type[NoOptions] = NoOptions
    presets: tuple[tuple[str, float | str], ...] = ()
    stochastic: bool = False
    discard_penultimate: bool = False
    uses_ensd: bool = False
    brownian: bool = False
    own_schedule: bool = False
    timesteps: bool = False
    couples_batch: bool = False
    cfg_plus_plus: bool = False
    guidance_factor: float = 1.0
    practice: tuple[Practice, ...] = ()
    v_prediction: tuple[Schedule, ...] = ()
    v_prediction_fails: tuple[Schedule, ...] = ()

    @property
    def option_infos(self) -> tuple[OptionInfo, ...]:
        """Its options with their defaults for this sampler, meaning and range."""
        presets = dict(self.presets)
        return tuple(
            replace(info, default=presets.get(info.name, info.default))
            for info in options_of(self.options)
        )

    def chosen(self, given: Mapping[str, object]) -> NoOptions:
        """Return the option set with `given` in place of the defaults.

        Raises:
            UnknownNameError: an option the sampler does not have.
            RecipeError: a value outside the option's range, or of another type.
        """
        known = {info.name: info for info in self.option_infos}
        for name, value in given.items():
            if name not in known:
                raise UnknownNameError(f"option of sampler {self.name}", name, list(known))
            _refuse_unfit(self.name, known[name], value)
        return self.options(**{**dict(self.presets), **given})


def _refuse_unfit(sampler: str, info: OptionInfo, value: object) -> None:
    told = f"option {info.name} of sampler {sampler} is {value!r}"
    if info.choices:
        if value not in info.choices:
            raise RecipeError(f"{told}; choose one of {', '.join(info.choices)}")
    elif isinstance(info.default, bool):
        if not isinstance(value, bool):
            raise RecipeError(f"{told}; it is a switch: True or False")
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RecipeError(f"{told}; it is a number")
    elif isinstance(info.default, int) and not isinstance(value, int):
        raise RecipeError(f"{told}; it is a whole number")
    elif not info.low <= value <= info.high:
        raise RecipeError(f"{told}; it goes from {info.low:g} to {info.high:g}")
