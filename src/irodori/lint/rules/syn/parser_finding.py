"""What the parser reports, as findings: the base of the rules that only pass one kind on."""

from collections.abc import Iterator
from typing import ClassVar

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Diagnostic, Edit, Fix, Severity
from irodori.lint.rule import Rule
from irodori.prompt import ast

_SEVERITIES = {
    ast.Severity.ERROR: Severity.ERROR,
    ast.Severity.WARNING: Severity.WARNING,
    ast.Severity.INFO: Severity.HINT,
}


class ParserFinding(Rule):
    """A rule whose findings the parser makes, with their words, severity and replacement."""

    parser_code: ClassVar[ast.Code]

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for found in view.tree.diagnostics:
                if found.code is self.parser_code:
                    yield self._passed_on(found, view)

    def _passed_on(self, found: ast.Diagnostic, view: PromptView) -> Diagnostic:
        fixes: tuple[Fix, ...] = ()
        if found.replacement is not None and self.meta.applicability is not None:
            edit = Edit(field=view.field, span=found.span, text=found.replacement)
            title = f"write {found.replacement.strip()}" if found.replacement else "take it out"
            fixes = (Fix(title=title, edits=(edit,), applicability=self.meta.applicability),)
        return self.at(
            found.span,
            found.message,
            field=view.field,
            help=found.suggestion,
            fixes=fixes,
            severity=_SEVERITIES[found.severity],
        )
