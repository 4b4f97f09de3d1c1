"""Comments in a prompt that switch rules off: `# irodori: ignore POP001`.

On a line of its own a comment holds for its whole prompt, and for findings about settings; after
other text, for what begins on its line. Without codes it is about every rule. Families and names
of rules serve as codes do.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.lint.context import PromptView
from irodori.lint.diagnostic import Diagnostic, Field
from irodori.prompt.ast import Comment
from irodori.prompt.entries import flat
from irodori.prompt.span import Span

SUPPRESSION: Final = re.compile(r"#\s*irodori:\s*ignore\b[:\s]*(?P<codes>[^\n#]*)", re.IGNORECASE)
_CODE: Final = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One code of one comment.

    Args:
        field: the prompt it stands in.
        span: of the code, or of the comment where it names none.
        comment: of the whole comment.
        code: what it is about; "" is every rule.
        line: the characters it holds for; None is everywhere.
        is_alone: its comment names no other code.
    """

    field: Field
    span: Span
    comment: Span
    code: str
    line: Span | None
    is_alone: bool = True

    def covers(self, finding: Diagnostic) -> bool:
        """Tell whether it switches a finding off."""
        if self.code and not (
            finding.code.startswith(self.code.upper()) or finding.name == self.code.lower()
        ):
            return False
        if finding.field is Field.RECIPE:
            return self.line is None
        if finding.field is not self.field:
            return False
        return self.line is None or self.line.touches(finding.span.start)


def suppressions(view: PromptView) -> tuple[Suppression, ...]:
    """Return what a prompt's comments switch off, in order of place."""
    if "irodori" not in view.text:
        return ()
    return tuple(
        found
        for part in view.tree.parts
        for node in flat((*part.nodes, *part.tail))
        if isinstance(node, Comment)
        for found in _read(node, view)
    )


def _read(node: Comment, view: PromptView) -> Iterator[Suppression]:
    match = SUPPRESSION.match(node.source)
    if match is None:
        return
    start = view.text.rfind("\n", 0, node.span.start) + 1
    has_text = bool(view.text[start : node.span.start].strip())
    line = Span(start, node.span.end) if has_text else None
    codes = list(_CODE.finditer(match["codes"]))
    offset = node.span.start + match.start("codes")
    for code in codes:
        span = Span(offset + code.start(), offset + code.end())
        yield Suppression(
            field=view.field,
            span=span,
            comment=node.span,
            code=code[0],
            line=line,
            is_alone=len(codes) == 1,
        )
    if not codes:
        yield Suppression(field=view.field, span=node.span, comment=node.span, code="", line=line)


def sift(
    findings: Iterable[Diagnostic], asked: Sequence[Suppression]
) -> tuple[list[Diagnostic], list[Suppression]]:
    """Return the findings that no comment switches off, and the comments that switched off none."""
    kept: list[Diagnostic] = []
    used: set[int] = set()
    for finding in findings:
        covering = [i for i, one in enumerate(asked) if one.covers(finding)]
        used.update(covering)
        if not covering:
            kept.append(finding)
    return kept, [one for i, one in enumerate(asked) if i not in used]
