"""Applying fixes: those that are allowed, none over another, again until nothing is left to do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from irodori.lint.checker import LintInput
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Field, Fix
from irodori.prompt.entries import Edit as TextEdit
from irodori.prompt.entries import apply

_ROUNDS: Final = 12
"""Fixes can make room for others; this many rounds are enough for any prompt seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResult:
    """What is left after fixing.

    Args:
        source: the prompts as they are now.
        applied: the titles of the fixes, in the order they were applied.
        findings: what is still found.
    """

    source: LintInput
    applied: tuple[str, ...]
    findings: tuple[Diagnostic, ...]


def fix(
    source: LintInput,
    check: Callable[[LintInput], Sequence[Diagnostic]],
    *,
    unsafe: bool = False,
) -> FixResult:
    """Return the prompts with every fix applied that may be; fixing the result changes nothing.

    Args:
        source: the prompts.
        check: finds what is wrong.
        unsafe: apply fixes that change what is drawn, too.
    """
    applied: list[str] = []
    findings = tuple(check(source))
    seen = {_texts(source)}
    for _ in range(_ROUNDS):
        chosen = choose(findings, unsafe=unsafe)
        changed = _changed(source, chosen)
        if not chosen or _texts(changed) in seen:
            break
        source = changed
        seen.add(_texts(source))
        applied += [one.title for one in chosen]
        findings = tuple(check(source))
    return FixResult(source=source, applied=tuple(applied), findings=findings)


def choose(findings: Iterable[Diagnostic], *, unsafe: bool = False) -> tuple[Fix, ...]:
    """Return the best allowed fix of each finding, leaving out what overlaps one before it."""
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    chosen: list[Fix] = []
    taken: list[Edit] = []
    for finding in findings:
        best = next((one for one in finding.fixes if one.applicability in allowed), None)
        if best is not None and not any(_overlap(a, b) for a in best.edits for b in taken):
            chosen.append(best)
            taken += best.edits
    return tuple(chosen)


def apply_fixes(texts: Mapping[Field, str], fixes: Iterable[Fix]) -> Mapping[Field, str]:
    """Return the prompts after some fixes that do not overlap.

    Raises:
        ValueError: two edits overlap, or one lies outside its text.
    """
    edits = [edit for one in fixes for edit in one.edits]
    return MappingProxyType(
        {
            field: apply(
                text,
                [TextEdit(span=edit.span, text=edit.text) for edit in edits if edit.field == field],
            )
            for field, text in texts.items()
        }
    )


def _changed(source: LintInput, fixes: Iterable[Fix]) -> LintInput:
    texts = apply_fixes(
        {Field.PROMPT: source.prompt, Field.NEGATIVE_PROMPT: source.negative_prompt}, fixes
    )
    return replace(source, prompt=texts[Field.PROMPT], negative_prompt=texts[Field.NEGATIVE_PROMPT])


def _texts(source: LintInput) -> tuple[str, str]:
    return source.prompt, source.negative_prompt


def _overlap(a: Edit, b: Edit) -> bool:
    """Tell whether two edits touch the same characters, or insert at the same place."""
    if a.field != b.field:
        return False
    if a.span.start == b.span.start:
        return True
    first, second = sorted((a.span, b.span))
    return first.end > second.start
