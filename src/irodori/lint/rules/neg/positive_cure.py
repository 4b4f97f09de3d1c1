"""NEG003: a negative tag that a positive one replaces."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Fix, Severity
from irodori.lint.edits import appended, fix, placed_after, removed
from irodori.lint.evidence import compared
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.neg.words import CURES

_OTHERS: Final = re.compile(r"([2-6]\+?(girl|boy|other)s?|multiple (girl|boy|other)s|crowd|group)")


class PositiveCure(Rule):
    """A negative tag that a positive one replaces.

    ## Why is this bad?
    A negative tag takes the pictures of that tag away, whatever else was on them. One positive tag
    says the same and takes nothing: a second person in the background goes with `solo`.

    ## Example
        1girl, smile
        Negative prompt: worst quality, 2girls, 3girls, multiple girls

        1girl, forest
        Negative prompt: worst quality, indoors

    ## Use instead
        1girl, solo, smile
        Negative prompt: worst quality

        1girl, forest, outdoors
        Negative prompt: worst quality

    ## Fix
    Unsafe: the negative tags are taken out, and the positive one is added.

    ## Evidence
    Practice P4: the duplicate of the person in the background is cured by positive `solo`.
    """

    meta = RuleMeta(
        code="NEG003",
        name="positive-cure",
        summary="positive tag does what the negative one is for",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P4",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        crowd = people_of(context.positive)
        others = [use for use in context.negative.tags if _OTHERS.fullmatch(use.name)]
        if others and crowd.total <= 1 and crowd.is_one:
            yield self._report(context, others, "solo", Severity.WARNING)
        for use in context.negative.tags:
            cure = CURES.get(use.name)
            if cure is not None and context.positive.named(use.name) is None:
                yield self._report(context, [use], cure, Severity.HINT)

    def _report(
        self, context: Context, uses: Sequence[TagUse], cure: str, severity: Severity
    ) -> Diagnostic:
        said = ", ".join(f"'{use.name}'" for use in uses)
        verb = "is" if len(uses) == 1 else "are"
        return self.at(
            uses[0].span,
            f"{said} {verb} not needed: '{cure}' in the prompt does it and takes nothing away",
            field=context.negative.field,
            evidence=compared(*(use.entry for use in uses), context.vocabulary.get(cure)),
            help=f"take it out and ask for '{cure}'",
            fixes=_fix(context, uses, cure),
            severity=severity,
        )


def _fix(context: Context, uses: Sequence[TagUse], cure: str) -> tuple[Fix, ...]:
    taken = removed(context.negative, uses)
    if context.positive.named(cure) is not None:
        return fix("take it out", taken, Applicability.UNSAFE)
    counts = context.positive.in_facet("count")
    added = placed_after(context.positive, counts[0], cure) if counts and cure == "solo" else ()
    edits = (*taken, *(added or appended(context.positive, cure)))
    return fix(f"ask for {cure} instead", edits if taken else (), Applicability.UNSAFE)
