"""LNT002: a comment that names a rule which does not exist."""

from collections.abc import Iterator

from irodori.errors import UnknownNameError
from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.registry import FAMILIES, find_rule
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.suppress import suppressions


class UnknownCode(Rule):
    """A comment that switches off a rule which does not exist.

    ## Why is this bad?
    It switches nothing off: the rule that was meant still speaks.

    ## Example
        1girl, smile # irodori: ignore POPP01

    ## Use instead
        1girl, smile

    ## Fix
        Unsafe: the nearest code is written in its place.

    ## Evidence
        None needed; `irodori rule` lists what there is.
    """

    meta = RuleMeta(
        code="LNT002",
        name="unknown-code",
        summary="comment names a rule that does not exist",
        severity=Severity.WARNING,
        since="0.2.0",
        source="",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for comment in suppressions(view):
                nearest = _unknown(comment.code)
                if nearest is None:
                    continue
                edits: tuple[Edit, ...] = ()
                if nearest:
                    edits = (Edit(field=view.field, span=comment.span, text=nearest),)
                yield self.at(
                    comment.span,
                    f"there is no rule '{comment.code}'",
                    field=view.field,
                    help=f"did you mean {nearest}?" if nearest else "see: irodori rule",
                    fixes=fix(f"write {nearest}", edits, Applicability.UNSAFE),
                )


def _unknown(code: str) -> str | None:
    """Return the nearest code to one that does not exist, "" if none is near; None if it exists."""
    if not code or code.upper() in FAMILIES:
        return None
    try:
        find_rule(code)
    except UnknownNameError as error:
        return (error.nearest or "").upper()
    return None
