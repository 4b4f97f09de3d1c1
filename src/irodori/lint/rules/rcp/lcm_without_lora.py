"""RCP005: the sampler LCM without an LCM LoRA at weight 1."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, NetworkUse
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.styling import facts_of

_LEAST: Final = 0.8


class LcmWithoutLora(Rule):
    """The sampler LCM without an LCM LoRA at weight 1.

    A LoRA is known as one by its name, or by what its file says.

    ## Why is this bad?
    The sampler expects a model that jumps to the end at every step. Without the LoRA the model
    does not, and the picture is a blur.

    ## Example
        1girl, solo, smile
        Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 1.5

    ## Use instead
        1girl, solo, smile <lora:LCM_LORA:1>
        Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 1.5

    ## Fix
    None: the LoRA's name differs from folder to folder.

    ## Evidence
    Practice P16: needs the LCM LoRA at weight 1.
    """

    meta = RuleMeta(
        code="RCP005",
        name="lcm-without-lora",
        summary="sampler LCM without an LCM LoRA at weight 1",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P16",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        recipe = context.recipe
        if recipe is None or recipe.base.sampler != "LCM":
            return
        loras = [use for use in context.positive.networks if _is_lcm(context, use)]
        if any(use.weight >= _LEAST for use in loras):
            return
        if loras:
            yield self.at(
                loras[0].span,
                f"'{loras[0].name}' has weight {loras[0].weight:g}; the sampler LCM needs it at 1",
                evidence="P16",
                help="raise it to 1",
            )
            return
        yield self.at(
            NOWHERE,
            "the sampler LCM needs the LCM LoRA at weight 1, and the prompt has none",
            field=Field.RECIPE,
            evidence="P16",
            help="add it, or take another sampler",
        )


def _is_lcm(context: Context, use: NetworkUse) -> bool:
    return facts_of(context, use).is_lcm or "lcm" in use.name.lower()
