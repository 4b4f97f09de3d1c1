"""RCP011: a clip skip other than 2."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Field, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta


class ClipSkip(Rule):
    """A clip skip other than 2.

    ## Why is this bad?
    The model was trained on the layer before the last one; on another layer tags mean something
    else.

    ## Example
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Clip skip: 1

    ## Use instead
        1girl, solo, smile
        Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Clip skip: 2

    ## Options
    `rcp.clip-skip` (2): the one that the model was trained with.

    ## Fix
    None: settings are changed by hand.

    ## Evidence
    Practice P1.
    """

    meta = RuleMeta(
        code="RCP011",
        name="clip-skip",
        summary="clip skip is not the model's",
        severity=Severity.HINT,
        since="0.2.0",
        source="P1",
        options=(Option(name="rcp.clip-skip", doc="the layer that the model was trained with"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        wanted = context.settings.rcp.clip_skip
        if context.recipe is None or context.recipe.base.clip_skip == wanted:
            return
        yield self.at(
            NOWHERE,
            f"clip skip {context.recipe.base.clip_skip}; the model was trained with {wanted}",
            field=Field.RECIPE,
            evidence="P1",
            help=f"take clip skip {wanted}",
        )
