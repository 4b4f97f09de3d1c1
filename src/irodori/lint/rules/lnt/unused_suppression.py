"""LNT001: a comment that switches off a rule which has nothing to say."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.suppress import Suppression


class UnusedSuppression(Rule):
    """A comment that switches off a rule which has nothing to say.

    ## Why is this bad?
    It will hide the finding the day it is wanted.

    ## Example
        1girl, smile # irodori: ignore POP001

    ## Use instead
        1girl, smile

    ## Fix
        Safe: the comment is taken out, if no other of its codes is used.

    ## Evidence
        None needed: the rule it names ran and found nothing there.
    """

    meta = RuleMeta(
        code="LNT001",
        name="unused-suppression",
        summary="comment switches off a rule that has nothing to say",
        severity=Severity.HINT,
        since="0.2.0",
        source="",
        applicability=Applicability.SAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:  # noqa: ARG002  # one signature for all rules
        """Yield nothing: which comments are unused is known after all rules ran; see `unused`."""
        yield from ()

    def unused(self, comment: Suppression) -> Diagnostic:
        """Return the finding for a comment that switched nothing off."""
        about = f"'{comment.code}'" if comment.code else "any rule"
        whole = comment.is_alone
        edit = Edit(field=comment.field, span=comment.comment, text="")
        return self.at(
            comment.span,
            f"nothing here is found by {about}",
            field=comment.field,
            help="take the comment out",
            fixes=fix("remove the comment", (edit,) if whole else (), Applicability.SAFE),
        )
