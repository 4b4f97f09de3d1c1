"""Findings on a terminal: the place in its line, the evidence, what to do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from irodori.lint.checker import LintInput
from irodori.lint.diagnostic import Applicability, Diagnostic, Field, Severity
from irodori.lint.report import line_and_column
from irodori.prompt.span import Span

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}
_LABELS: Final = {
    Field.PROMPT: "prompt",
    Field.NEGATIVE_PROMPT: "negative",
    Field.RECIPE: "recipe",
}
_BEFORE: Final = 34
_WIDTH: Final = 76


def show_findings(
    findings: Sequence[Diagnostic], source: LintInput, console: "Console", *, indent: str = ""
) -> None:
    """Print findings, each with its line.

    Args:
        findings: in the order to be shown.
        source: the prompts they are of.
        console: where to.
        indent: put before each line.
    """
    from rich.text import Text

    for found in findings:
        colour = _COLOURS[found.severity]
        head = Text(indent).append(f"{found.severity.value} ", style=colour)
        head.append(found.code, style="bold").append(f" {found.message}")
        console.print(head, soft_wrap=True)
        for line in _excerpt(found, source):
            console.print(Text(indent + "  ").append(line), soft_wrap=True)
        for label, text in (("", found.evidence), ("help: ", found.help)):
            if text:
                console.print(Text(f"{indent}  {label}{text}", style="dim"), soft_wrap=True)


def _excerpt(found: Diagnostic, source: LintInput) -> list[str]:
    """Return the line a finding points at, and the marks under it; wide characters count twice."""
    from rich.cells import cell_len

    if found.field is Field.RECIPE:
        return []
    text = source.prompt if found.field is Field.PROMPT else source.negative_prompt
    number, column = line_and_column(text, found.span.start)
    start = found.span.start - column + 1
    stop = text.find("\n", start) % (len(text) + 1)
    left = max(start, found.span.start - _BEFORE)
    right = min(stop, left + _WIDTH)
    marked = Span(found.span.start, min(max(found.span.end, found.span.start), right))
    where = f"{_LABELS[found.field]}:{number}:{column}  "
    cut = "…" if left > start else ""
    shown = cut + text[left:right].replace("\t", " ") + ("…" if right < stop else "")
    before = cell_len(where + cut + text[left : marked.start])
    return [where + shown, " " * before + "^" * max(1, cell_len(marked.of(text)))]


def summary(findings: Sequence[Diagnostic]) -> str:
    """Return how many findings there are, and how many could be mended."""
    if not findings:
        return "nothing to remark"
    kinds = [
        f"{count} {severity.value}{'s' * (count > 1)}"
        for severity in Severity
        if (count := sum(found.severity is severity for found in findings))
    ]
    return ", ".join(kinds) + _fixable(findings)


def _fixable(findings: Sequence[Diagnostic]) -> str:
    best = [
        found.fixes[0].applicability
        for found in findings
        if found.fixes and found.fixes[0].applicability is not Applicability.DISPLAY
    ]
    safe = best.count(Applicability.SAFE)
    unsafe = len(best) - safe
    said = [f"{safe} mended by --fix"] if safe else []
    if unsafe:
        said.append(f"{unsafe} by --unsafe-fixes")
    return f" ({', '.join(said)})" if said else ""
