"""RCP019: a LoRA that saves steps, drawn with the steps and guidance of an ordinary model."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.styling import makes_faster

_CFG: Final = 2.5
_WEIGHT: Final = 0.5


class FastLoraSlowSampler(Rule):
    """A LoRA that saves steps, drawn with the steps and guidance of an ordinary model.

    ## Why is this bad?
    It has its guidance built in: with CFG 5 and 28 steps the picture burns.

    ## Example
        1girl, solo, smile <lora:LCM_LORA:1>
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5

    ## Use instead
        1girl, solo, smile <lora:LCM_LORA:1>
        Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 1.5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16.
    """

    meta = RuleMeta(
        code="RCP019",
        name="fast-lora-slow-sampler",
        summary="LoRA that saves steps with ordinary settings",
        severity=Severity.HINT,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None or context.recipe.base.cfg_scale <= _CFG:
            return
        base = context.recipe.base
        for use in context.positive.networks:
            if use.weight >= _WEIGHT and makes_faster(context, use) and base.sampler != "LCM":
                yield self.at(
                    use.span,
                    f"'{use.name}' saves steps and guidance, but {base.steps} steps with "
                    f"CFG {base.cfg_scale:g} are asked for",
                    evidence="P16: LCM takes 5 steps and CFG 1-1.5",
                    help="take few steps and CFG 1-1.5, or leave the LoRA out",
                )
