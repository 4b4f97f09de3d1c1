"""QLT003: `censor` in the negative prompt of a safe picture."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta

_CENSOR: Final = frozenset({"censor", "censored", "mosaic censoring", "bar censor"})
_SAFE_CEILINGS: Final = frozenset({"general", "sensitive"})


class RedundantCensor(Rule):
    """`censor` in the negative prompt of a picture that has nothing to censor.

    ## Why is this bad?
    It does nothing for a safe picture and costs tokens. Many copied negative prompts have it.

    ## Example
        1girl, smile
        Negative prompt: worst quality, sketch, censor

    ## Use instead
        1girl, smile
        Negative prompt: worst quality, sketch

    ## Fix
    Unsafe: it is taken out.

    ## Evidence
    Practice P3: redundant in a safe picture.
    """

    meta = RuleMeta(
        code="QLT003",
        name="redundant-censor",
        summary="censor is negated in a safe picture",
        severity=Severity.HINT,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.settings.rat.ceiling not in _SAFE_CEILINGS:
            return
        view = context.negative
        for use in view.tags:
            if use.name in _CENSOR:
                yield self.at(
                    use.span,
                    f"'{use.name}' is redundant: a safe picture has nothing to censor",
                    field=view.field,
                    help="leave it out",
                    fixes=fix(f"remove {use.name}", removed(view, [use]), Applicability.UNSAFE),
                )
