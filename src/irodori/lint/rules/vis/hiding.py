"""What most rules of this family are: a tag, what hides it for one reason, and the way out."""

from collections.abc import Iterator
from typing import ClassVar

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.visibility import Hidden, hidden


def hiding_meta(code: str, name: str, summary: str) -> RuleMeta:
    """Return the description of a rule on hidden tags; they differ in nothing else."""
    return RuleMeta(
        code=code,
        name=name,
        summary=summary,
        severity=Severity.WARNING,
        since="0.2.0",
        source="P6",
        applicability=Applicability.UNSAFE,
        options=(
            Option(
                name="vis.sure-weight", doc="weight from which a tag surely hides what it hides"
            ),
        ),
    )


class HidingRule(Rule):
    """Base of the rules that find tags hidden for one reason.

    A warning where the solver is sure, else a hint.
    """

    reason: ClassVar[Reason]
    advice: ClassVar[str] = "take it out, or what hides it"

    def keeps(self, case: Hidden) -> bool:  # noqa: ARG002  # a subclass may pick
        """Tell whether a case is this rule's."""
        return True

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield a finding for each tag of the prompt that is hidden for the rule's reason."""
        view = context.positive
        weight = context.settings.vis.sure_weight
        for case in hidden(view, reasons=(self.reason,), sure_weight=weight):
            if self.keeps(case):
                yield self.at(
                    case.use.span,
                    case.told if case.is_sure else f"{case.told}, perhaps",
                    evidence="P6: the model turns the camera or adds a person to show it",
                    help=self.advice,
                    fixes=fix(
                        f"remove '{case.use.text}'",
                        removed(view, [case.use]),
                        Applicability.UNSAFE,
                    ),
                    severity=None if case.is_sure else Severity.HINT,
                )
