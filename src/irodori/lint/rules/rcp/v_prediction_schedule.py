"""RCP007: a v-prediction model with a schedule that does not work for it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE, predicts_v
from irodori.lint.rule import Rule, RuleMeta

if TYPE_CHECKING:
    from irodori.recipe.recipe import Settings

_KNOWN: Final = "DPM++ 2M SGM Uniform, Euler a Normal, DEIS or IPNDM_V SGM Uniform"


class VPredictionSchedule(Rule):
    """A v-prediction model with a schedule that does not work for it.

    What a model predicts is read from its file, then from the recipe, then from the profile. The
    hires pass is looked at too.

    ## Why is this bad?
    Karras spends most steps at low noise. What a v-prediction model decides at high noise is
    rushed: the picture burns.

    ## Example
        Profile: noobai-vpred
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5

    ## Use instead
        Profile: noobai-vpred
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: SGM Uniform, CFG scale: 5

        Profile: noobai-vpred
        1girl, solo, smile
        Steps: 28, Sampler: Euler a, Schedule type: Normal, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P18: use DPM++ 2M SGM Uniform, Euler a Normal, DEIS or IPNDM_V SGM Uniform.
    """

    meta = RuleMeta(
        code="RCP007",
        name="v-prediction-schedule",
        summary="schedule does not work with v-prediction",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P18",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or not predicts_v(context):
            return
        drawn = {"": recipe.settings()}
        if recipe.hires is not None and recipe.hires.own.checkpoint is None:
            drawn["hires: "] = recipe.settings(recipe.hires.own)
        told: set[tuple[str, str]] = set()
        for where, settings in drawn.items():
            chosen = (settings.sampler, settings.schedule.value)
            if chosen not in told and _fails(settings):
                told.add(chosen)
                yield self.at(
                    NOWHERE,
                    f"{where}the model predicts v: {' '.join(chosen)} does not work for it",
                    field=Field.RECIPE,
                    evidence="P18",
                    help=f"take {_instead(settings)}",
                )


def _fails(settings: "Settings") -> bool:
    from irodori.recipe.samplers import find_sampler
    from irodori.recipe.schedules import schedule_info

    fails = find_sampler(settings.sampler).v_prediction_fails
    return settings.schedule in fails or not schedule_info(settings.schedule).v_prediction


def _instead(settings: "Settings") -> str:
    from irodori.recipe.samplers import find_sampler

    works = find_sampler(settings.sampler).v_prediction
    return f"{settings.sampler} {works[0].value}" if works else _KNOWN
