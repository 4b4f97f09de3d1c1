"""NEG005: `simple background` negated while a plain background is asked for."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import compared
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.neg.words import SIMPLE

_ELABORATE: Final = frozenset({"blurry background", "scenery"})


class NegatedBackground(Rule):
    """`simple background` is negated while a plain background is asked for.

    ## Why is this bad?
    Every picture with `white background` has `simple background` too: negated, it rules out what
    the prompt asks for.

    ## Example
        1girl, smile, white background
        Negative prompt: worst quality, simple background

    ## Use instead
        1girl, smile, white background
        Negative prompt: worst quality

        1girl, smile, indoors
        Negative prompt: worst quality, simple background

    ## Fix
    Unsafe: `simple background` is taken out of the negative prompt.

    ## Evidence
    Practice P3, P4; the booru's implications.
    """

    meta = RuleMeta(
        code="NEG005",
        name="negated-background",
        summary="simple background is negated and a plain one asked for",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P3, P4",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        negated = context.negative.named(SIMPLE)
        if negated is None:
            return
        for use in context.positive.in_facet("simple-background"):
            if use.name == SIMPLE or use.name in _ELABORATE or use.entry is None:
                continue
            yield self.at(
                negated.span,
                f"negating '{SIMPLE}' rules out '{use.name}', which the prompt asks for",
                field=context.negative.field,
                evidence=compared(negated.entry, use.entry),
                help=f"take '{SIMPLE}' out of the negative prompt",
                fixes=fix(
                    f"remove {SIMPLE}",
                    removed(context.negative, [negated]),
                    Applicability.UNSAFE,
                ),
            )
            return
