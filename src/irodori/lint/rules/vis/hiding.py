"""The finding that most rules of this family yield: a tag, what hides it, and the way out."""

from collections.abc import Callable, Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Option, Rule
from irodori.lint.visibility import Hidden, hidden

SURE_WEIGHT = Option(
    name="vis.sure-weight", doc="weight from which a tag surely hides what it hides"
)


def everything(case: Hidden) -> bool:  # noqa: ARG001  # a filter that keeps all
    """Return True."""
    return True


def findings(
    rule: Rule,
    context: Context,
    reason: Reason,
    *,
    keep: Callable[[Hidden], bool] = everything,
    advice: str = "take it out, or what hides it",
) -> Iterator[Diagnostic]:
    """Yield a finding for each tag of the prompt that is hidden for one reason.

    Args:
        rule: whose finding it is; its severity holds where the solver is sure, else HINT.
        context: what is checked.
        reason: why tags are hidden.
        keep: which cases are the rule's.
        advice: the help text.
    """
    view = context.positive
    settings = context.settings.vis
    for case in hidden(view, reasons=(reason,), sure_weight=settings.sure_weight):
        if not keep(case):
            continue
        yield rule.at(
            case.use.span,
            case.told if case.is_sure else f"{case.told}, perhaps",
            evidence="P6: the model turns the camera or adds a person to show it",
            help=advice,
            fixes=fix(f"remove '{case.use.text}'", removed(view, [case.use]), Applicability.UNSAFE),
            severity=None if case.is_sure else Severity.HINT,
        )
