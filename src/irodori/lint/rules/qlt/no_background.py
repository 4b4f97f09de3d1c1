"""QLT005: `simple background` negated and no background named."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.neg.words import SIMPLE


class NoBackgroundNamed(Rule):
    """`simple background` is negated, and the prompt names no background.

    ## Why is this bad?
    The model must draw one and is told only what it must not be: what comes is arbitrary and takes
    the picture over.

    ## Example
        1girl, smile, cowboy shot
        Negative prompt: worst quality, simple background

    ## Use instead
        1girl, smile, indoors, cowboy shot
        Negative prompt: worst quality, simple background

    ## Fix
    None: only the author knows where the picture is set.

    ## Evidence
    Practice P3, P20: the sixth of seven steps of a picture was ruined by it, and `dark background`
    mended it. One person's experience.
    """

    meta = RuleMeta(
        code="QLT005",
        name="no-background-named",
        summary="simple background is negated and none is named",
        severity=Severity.HINT,
        since="0.2.0",
        source="P3, P20",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        negated = context.negative.named(SIMPLE)
        if negated is None or not context.positive.tags:
            return
        if any(use.group == "background" for use in context.positive.tags):
            return
        yield self.at(
            negated.span,
            f"'{SIMPLE}' is negated, but the prompt names no background",
            field=context.negative.field,
            help="name a place or a background, or leave it out",
        )
