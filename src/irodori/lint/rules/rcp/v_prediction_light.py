"""RCP008: a lighting tag for a v-prediction model."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.drawing import predicts_v
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta

_STRONG: Final = frozenset(
    {"dark", "darkness", "bright", "light", "sunlight", "dim lighting", "backlighting", "shade"}
)


class VPredictionLight(Rule):
    """A lighting tag for a v-prediction model.

    Dark, bright and times of day are a warning, other light a hint.

    ## Why is this bad?
    Such models reach full black and white, and take these tags literally: pictures over-expose or
    drown.

    ## Example
        Profile: noobai-vpred
        1girl, solo, dark, outdoors, smile

    ## Use instead
        Profile: noobai-vpred
        1girl, solo, outdoors, smile

        1girl, solo, dark, outdoors, smile

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P18: avoid `dark`, `day` and other lighting tags.
    """

    meta = RuleMeta(
        code="RCP008",
        name="v-prediction-light",
        summary="lighting tag over-exposes a v-prediction model",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P18",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if not predicts_v(context):
            return
        view = context.positive
        for use in view.tags:
            strong = use.facet == "time" or use.name in _STRONG
            if not use.is_drawn or not (strong or use.facet == "light"):
                continue
            yield self.at(
                use.span,
                f"'{use.text}' is about light, and the model predicts v: it over-exposes",
                evidence="P18",
                help="take it out, or lower its weight",
                fixes=fix(f"remove '{use.text}'", removed(view, [use]), Applicability.UNSAFE),
                severity=None if strong and use.weight >= 1 else Severity.HINT,
            )
