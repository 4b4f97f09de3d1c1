"""RCP009: a recipe that reads the model's output as something else than it is."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import AS_FILE, NOWHERE
from irodori.lint.rule import Rule, RuleMeta


class PredictionMismatch(Rule):
    """A recipe that reads the model's output as something else than it is.

    ## Why is this bad?
    A v-prediction model read as eps draws noise, and the other way round.

    ## Example
        Model: v
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Prediction type: eps

    ## Use instead
        Model: v
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: SGM Uniform, CFG scale: 5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P18: what a model predicts is known from its file.
    """

    meta = RuleMeta(
        code="RCP009",
        name="prediction-mismatch",
        summary="recipe contradicts what the model's file says it predicts",
        severity=Severity.ERROR,
        since="0.2.0",
        source="P18",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe, model = context.recipe, context.model
        if recipe is None or model is None or not model.prediction:
            return
        asked = recipe.model.prediction
        if asked.value in (AS_FILE, model.prediction):
            return
        yield self.at(
            NOWHERE,
            f"the recipe says that the model predicts {asked.value}, its file says "
            f"{model.prediction}",
            field=Field.RECIPE,
            evidence="the model file's own statement",
            help="leave it to the file",
        )
