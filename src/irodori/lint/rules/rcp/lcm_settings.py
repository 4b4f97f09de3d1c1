"""RCP006: the sampler LCM with guidance or steps that do not suit it."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta

_CFG: Final = (1.0, 1.5)
_STEPS: Final = (4, 8)


class LcmSettings(Rule):
    """The sampler LCM with guidance or steps that do not suit it.

    Guidance is a warning, steps are a hint.

    ## Why is this bad?
    LCM has its guidance built in: more of it burns the picture. More steps take detail away.

    ## Example
        1girl, solo, smile <lora:LCM_LORA:1>
        Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 5

    ## Use instead
        1girl, solo, smile <lora:LCM_LORA:1>
        Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 1.5

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P16: 5 steps, CFG 1-1.5.
    """

    meta = RuleMeta(
        code="RCP006",
        name="lcm-settings",
        summary="LCM with unsuited guidance or steps",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or recipe.base.sampler != "LCM":
            return
        base = recipe.base
        if not _CFG[0] <= base.cfg_scale <= _CFG[1]:
            yield self.at(
                NOWHERE,
                f"CFG {base.cfg_scale:g} burns with LCM; {_CFG[0]:g} to {_CFG[1]:g} work",
                field=Field.RECIPE,
                evidence="P16",
                help=f"take CFG {_CFG[1]:g}",
            )
        if not _STEPS[0] <= base.steps <= _STEPS[1]:
            yield self.at(
                NOWHERE,
                f"{base.steps} steps of LCM; 5 are enough",
                field=Field.RECIPE,
                evidence="P16",
                help="take 5 steps",
                severity=Severity.HINT,
            )
