"""RAT001: a rating tag that serves no purpose."""

from collections.abc import Iterator

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.rat.rating_above_ceiling import is_above

_SAFE = "general"


class RatingWithoutPurpose(Rule):
    """A rating tag that serves no purpose.

    `general` has one: it keeps a picture safe. `sensitive` has one beside tags that are rated so.
    What is above the ceiling is RAT002's.

    ## Why is this bad?
    Ratings stand on every picture of the booru: they pull the whole picture and name nothing in it.

    ## Example
        1girl, solo, sensitive, smile, sweater

    ## Use instead
        1girl, solo, smile, sweater, general

    ## Fix
    Unsafe: the rating is taken out.

    ## Evidence
    Practice P9: use a rating only with a purpose.
    """

    meta = RuleMeta(
        code="RAT001",
        name="rating-without-purpose",
        summary="rating tag that serves no purpose",
        severity=Severity.HINT,
        since="0.2.0",
        source="P9",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        for use in view.in_facet("rating"):
            if is_above(use.name, context.settings.rat.ceiling) or _has_purpose(context, use):
                continue
            yield self.at(
                use.span,
                f"'{use.text}' is a rating: it pulls the whole picture and names nothing in it",
                evidence=counted(use.entry) or "P9",
                help="name what is to be seen; `general` keeps a picture safe",
                fixes=fix(f"remove '{use.text}'", removed(view, [use]), Applicability.UNSAFE),
            )


def _has_purpose(context: Context, use: TagUse) -> bool:
    name = use.name if use.entry is None else use.entry.name
    if name == _SAFE:
        return True
    tags = context.positive.tags
    return name == "sensitive" and any(
        one.entry is not None and one.entry.sensitive for one in tags
    )
