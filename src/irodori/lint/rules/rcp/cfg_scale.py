"""RCP012: guidance outside what works."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import makes_faster

_NONE: Final = 1.0


class CfgScale(Rule):
    """Guidance outside what works.

    CFG++ samplers and LCM have scales of their own, and are spared.

    ## Why is this bad?
    Too little ignores half of the prompt, and at 1 the negative prompt is not used at all; too much
    burns colours and hardens lines.

    ## Example
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 12

    ## Use instead
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5

    ## Options
    `rcp.cfg-low` (3) and `rcp.cfg-high` (7.5): the bounds.

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1: CFG 5; the recipes at hand have 4.5 and 5. One person's experience.
    """

    meta = RuleMeta(
        code="RCP012",
        name="cfg-scale",
        summary="guidance outside what works",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1",
        options=(
            Option(name="rcp.cfg-low", doc="guidance below it is reported"),
            Option(name="rcp.cfg-high", doc="guidance above it is reported"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.recipe is None:
            return
        from irodori.recipe.samplers import find_sampler

        base, settings = context.recipe.base, context.settings.rcp
        faster = any(makes_faster(context, use) for use in context.positive.networks)
        own_scale = find_sampler(base.sampler).cfg_plus_plus or base.sampler == "LCM"
        if faster or own_scale or settings.cfg_low <= base.cfg_scale <= settings.cfg_high:
            return
        unused = base.cfg_scale == _NONE and context.negative.tags
        yield self.at(
            NOWHERE,
            "CFG 1 does not use the negative prompt"
            if unused
            else f"CFG {base.cfg_scale:g}; {settings.cfg_low:g} to {settings.cfg_high:g} work",
            field=Field.RECIPE,
            evidence="P1: CFG 5",
            help="take CFG 5",
        )
