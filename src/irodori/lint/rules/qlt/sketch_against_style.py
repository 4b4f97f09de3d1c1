"""QLT004: `sketch` negated while a style is asked for."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta

_STYLES: Final = ("medium", "technique", "artstyle", "artist")


class SketchAgainstStyle(Rule):
    """`sketch` is negated while a style or artist is asked for.

    ## Why is this bad?
    Negated `sketch` gives a cleaner look, nearly rendered, and kills styles that live from lines.

    ## Example
        1girl, smile, traditional media
        Negative prompt: worst quality, sketch

    ## Use instead
        1girl, smile, traditional media
        Negative prompt: worst quality

        1girl, smile
        Negative prompt: worst quality, sketch

    ## Fix
    Unsafe: `sketch` is taken out of the negative prompt.

    ## Evidence
    Practice P3. One person's experience.
    """

    meta = RuleMeta(
        code="QLT004",
        name="sketch-against-style",
        summary="sketch is negated and a style asked for",
        severity=Severity.HINT,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        negated = context.negative.named("sketch")
        if negated is None or context.positive.named("sketch") is not None:
            return
        styles = [use for facet in _STYLES for use in context.positive.in_facet(facet)]
        if not styles:
            return
        yield self.at(
            negated.span,
            f"negating 'sketch' kills some styles; the prompt asks for '{styles[0].name}'",
            field=context.negative.field,
            evidence=counted(negated.entry),
            help="leave it out if the style does not come through",
            fixes=fix("remove sketch", removed(context.negative, [negated]), Applicability.UNSAFE),
        )
