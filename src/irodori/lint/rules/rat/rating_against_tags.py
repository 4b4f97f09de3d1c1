"""RAT003: `general` beside tags that are rated above it."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta


class RatingAgainstTags(Rule):
    """The rating `general` beside tags that belong to `sensitive` pictures.

    ## Why is this bad?
    Pictures rated `general` hardly ever have such tags: the two pull against each other.

    ## Example
        1girl, solo, cleavage, smile, general

    ## Use instead
        1girl, solo, sweater, smile, general

    ## Fix
    Unsafe: the tag is taken out, the rating stays.

    ## Evidence
    Practice P9; the flag `sensitive` of the tag table.
    """

    meta = RuleMeta(
        code="RAT003",
        name="rating-against-tags",
        summary="'general' beside tags that are rated above it",
        severity=Severity.HINT,
        since="0.2.0",
        source="P9",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        rating = next((one for one in view.in_facet("rating") if one.name == "general"), None)
        if rating is None:
            return
        for use in view.tags:
            if use.entry is None or not use.entry.sensitive or not use.meets(rating):
                continue
            if use.facet != "rating":
                yield self.at(
                    use.span,
                    f"'{use.text}' belongs to sensitive pictures; '{rating.text}' asks for others",
                    evidence="P9",
                    help="keep one of the two",
                    fixes=fix(f"remove '{use.text}'", removed(view, [use]), Applicability.UNSAFE),
                )
