"""NEG002: a rating in the negative prompt."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import appended, fix, removed
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta


class NegatedRating(Rule):
    """A rating in the negative prompt.

    ## Why is this bad?
    Ratings are among the most populated tags there are: every picture has one. To negate one takes
    away a large part of all that the model has seen.

    ## Example
        1girl, smile
        Negative prompt: worst quality, sensitive

    ## Use instead
        1girl, smile, general
        Negative prompt: worst quality

    ## Fix
    Unsafe: the rating is taken out, and `general` is added to the prompt.

    ## Evidence
    Practice P9, P4.
    """

    meta = RuleMeta(
        code="NEG002",
        name="negated-rating",
        summary="rating in the negative prompt",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P9, P4",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for use in context.negative.in_facet("rating"):
            taken = removed(context.negative, [use])
            safe = context.positive.named("general") is not None or use.name == "general"
            added = () if safe else appended(context.positive, "general")
            yield self.at(
                use.span,
                f"'{use.name}' is a rating: negated, it takes a large part of all pictures away",
                field=context.negative.field,
                evidence=counted(use.entry),
                help="write 'general' in the prompt to keep a picture safe",
                fixes=fix(
                    "take the rating out", (*taken, *added) if taken else (), Applicability.UNSAFE
                ),
            )
