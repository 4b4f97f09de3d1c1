"""Findings on a terminal: the place in its line, the evidence, what to do."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import click

from irodori.lint.checker import LintInput
from irodori.lint.diagnostic import Applicability, Diagnostic, Field, Severity
from irodori.lint.report import line_and_column
from irodori.prompt.span import Span

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}
_LABELS: Final = {
    Field.PROMPT: "prompt",
    Field.NEGATIVE_PROMPT: "negative",
    Field.RECIPE: "recipe",
}
_BEFORE: Final = 34
_WIDTH: Final = 76


def findings_lines(
    findings: Sequence[Diagnostic], source: LintInput, *, indent: str = ""
) -> Iterator[str]:
    """Yield the lines that show findings, in colour; `click.echo` drops it where none is wanted.

    Args:
        findings: in the order to be shown.
        source: the prompts they are of.
        indent: put before each line.
    """
    for found in findings:
        severity = click.style(found.severity.value, fg=_COLOURS[found.severity])
        yield f"{indent}{severity} {click.style(found.code, bold=True)} {found.message}"
        for line in _excerpt(found, source):
            yield f"{indent}  {line}"
        for label, text in (("", found.evidence), ("help: ", found.help)):
            if text:
                yield click.style(f"{indent}  {label}{text}", dim=True)


def _excerpt(found: Diagnostic, source: LintInput) -> list[str]:
    """Return the line a finding points at, and the marks under it; wide characters count twice."""
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
    before = _width(where + cut + text[left : marked.start])
    return [where + shown, " " * before + "^" * max(1, _width(marked.of(text)))]


def _width(text: str) -> int:
    """Return how many columns a terminal needs for a text."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else int(not unicodedata.combining(char))
        for char in text
    )


def counts(findings: Sequence[Diagnostic]) -> str:
    """Return how many findings there are of each severity."""
    if not findings:
        return "nothing to remark"
    return ", ".join(
        f"{count} {severity.value}{'s' * (count > 1)}"
        for severity in Severity
        if (count := sum(found.severity is severity for found in findings))
    )


def summary(findings: Sequence[Diagnostic]) -> str:
    """Return how many findings there are, and how many could be mended."""
    return counts(findings) + _fixable(findings)


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
