"""Findings as JSON and as SARIF 2.1.0; what a terminal shows is the command line's.

JSON is a list of `{code, name, severity, field, span: [start, end], message, evidence, help,
fixes}`, spans in code points; a fix is `{title, applicability, edits: [{field, span, text}]}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from irodori.lint.diagnostic import Diagnostic, Field, Fix, Severity
from irodori.lint.registry import find_rule
from irodori.prompt.span import Span

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(findings: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return findings as JSON values."""
    return [
        {
            "code": found.code,
            "name": found.name,
            "severity": found.severity.value,
            "field": found.field.value,
            "span": list(found.span),
            "message": found.message,
            "evidence": found.evidence,
            "help": found.help,
            "fixes": [_fix_as_json(one) for one in found.fixes],
        }
        for found in findings
    ]


def _fix_as_json(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [
            {"field": edit.field.value, "span": list(edit.span), "text": edit.text}
            for edit in fix.edits
        ],
    }


def as_sarif(
    findings: Sequence[Diagnostic], texts: Mapping[Field, str], *, version: str, uri: str
) -> dict[str, Any]:
    """Return findings as a SARIF log.

    Args:
        findings: of one prompt or file.
        texts: the two prompts, which the regions count in.
        version: of Irodori.
        uri: names what was checked; a field is a fragment of it: `prompt.txt#negative_prompt`.
    """
    codes = sorted({found.code for found in findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "irodori",
                        "version": version,
                        "rules": [_rule_as_sarif(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(found, codes.index(found.code), texts, uri) for found in findings
                ],
            }
        ],
    }


def _rule_as_sarif(code: str) -> dict[str, Any]:
    meta = find_rule(code).meta
    return {
        "id": meta.code,
        "name": meta.name,
        "shortDescription": {"text": meta.summary},
        "defaultConfiguration": {"level": _LEVELS[meta.severity]},
    }


def _result(found: Diagnostic, index: int, texts: Mapping[Field, str], uri: str) -> dict[str, Any]:
    said = [found.message, found.evidence, found.help]
    location: dict[str, Any] = {"artifactLocation": {"uri": f"{uri}#{found.field.value}"}}
    if found.field in texts:
        location["region"] = _region(found.span, texts[found.field])
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": "; ".join(text for text in said if text)},
        "locations": [{"physicalLocation": location}],
    }


def _region(span: Span, text: str) -> dict[str, int]:
    """Return a place by lines and columns, both counted from 1."""
    line, column = line_and_column(text, span.start)
    last_line, last_column = line_and_column(text, span.end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": last_line,
        "endColumn": last_column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of a code point, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
