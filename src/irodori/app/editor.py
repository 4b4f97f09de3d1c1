"""What an editor asks while a prompt is written: facts about a tag, completions, ways to mend.

Everything here counts code points of the file; `irodori.cli.language_server` speaks the protocol.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from irodori.app.linting import Linter
from irodori.app.prompt_file import PromptFile
from irodori.lint.checker import read
from irodori.lint.context import PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Field
from irodori.lint.evidence import counted
from irodori.prompt.escaping import escape, unescape
from irodori.prompt.span import Span
from irodori.tags import Match, Tag

COMPLETIONS: Final = 20
_ENDS_TAG: Final = frozenset(",\n()[]{}|:<>")
_SHORTEST: Final = 2
_LISTED: Final = 6

Change = tuple[Span, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hover:
    """Facts about what stands at a place; `text` is Markdown."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A tag that may be meant.

    Args:
        label: its name.
        insert: what is written in place of `span`, escaped.
        span: what was typed of it.
        detail: its count and group.
    """

    label: str
    insert: str
    span: Span
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A way to mend a finding.

    Args:
        title: what it does.
        changes: in the file.
        finding: what is mended.
        is_best: the first safe one of its finding.
    """

    title: str
    changes: tuple[Change, ...]
    finding: Diagnostic
    is_best: bool


class Editor:
    """Answers an editor's questions about prompt files with one linter.

    Args:
        linter: with the vocabulary, settings and profile of the project.
    """

    def __init__(self, linter: Linter) -> None:
        self._linter = linter

    def close(self) -> None:
        """Give the vocabulary's file back."""
        self._linter.close()

    def findings(self, file: PromptFile) -> tuple[tuple[Span, Diagnostic], ...]:
        """Return the findings with their places in the file, the gravest first."""
        return tuple(
            (file.place(found.field, found.span), found)
            for found in self._linter.check(file.source())
        )

    def hover(self, file: PromptFile, offset: int) -> Hover | None:
        """Return facts about the tag at a place; None where there is none."""
        at = file.field_at(offset)
        if at is None:
            return None
        field, inside = at
        view = self._view(file, field)
        touched = [use for use in view.tags if use.outer.touches(inside)]
        if not touched:
            return None
        use = touched[-1]
        return Hover(span=file.place(field, use.outer), text="\n\n".join(_facts(use, view)))

    def completions(self, file: PromptFile, offset: int) -> tuple[Completion, ...]:
        """Return the tags that what stands before a place may become, the likeliest first."""
        if file.field_at(offset) is None:
            return ()
        start = _begin_of_tag(file.text, offset)
        typed = file.text[start:offset]
        wanted = unescape(typed)
        if len(wanted.strip()) < _SHORTEST:
            return ()
        span = Span(start, offset)
        found = self._linter.vocabulary.search(wanted, COMPLETIONS)
        return tuple(_completion(match, span) for match in found)

    def actions(self, file: PromptFile, span: Span) -> tuple[Action, ...]:
        """Return what can be done about the findings that touch a stretch of the file."""
        return tuple(
            action
            for place, found in self.findings(file)
            if place.start <= span.end and span.start <= place.end
            for action in _actions(file, found)
        )

    def formatted(self, file: PromptFile) -> tuple[Change, ...]:
        """Return the changes that apply every safe fix."""
        source = file.source()
        fixed = self._linter.fix(source).source
        changes = []
        if fixed.prompt != source.prompt:
            changes.append((file.prompt, fixed.prompt))
        if fixed.negative_prompt != source.negative_prompt and file.negative_prompt is not None:
            changes.append((file.negative_prompt, fixed.negative_prompt))
        return tuple(changes)

    def _view(self, file: PromptFile, field: Field) -> PromptView:
        linter = self._linter
        context = read(
            file.source(),
            linter.vocabulary,
            settings=linter.settings,
            profile=linter.profile,
            tokenizer=linter.tokenizer,
        )
        return context.view(field)


def _begin_of_tag(text: str, offset: int) -> int:
    """Return where the tag before a place begins: behind what ends the one before it."""
    start = offset
    while start > 0:
        escaped = start > 1 and text[start - 2] == "\\"
        if text[start - 1] in _ENDS_TAG and not escaped:
            break
        start -= 1
    return start + len(text[start:offset]) - len(text[start:offset].lstrip())


def _completion(match: Match, span: Span) -> Completion:
    tag = match.tag
    count = f"{tag.count:,}" if tag.count else "taught"
    said = [count, tag.group.value if tag.group else tag.category.value]
    if match.by_alias:
        said.append(f"for '{match.spelling}'")
    return Completion(label=tag.name, insert=escape(tag.name), span=span, detail=", ".join(said))


def _facts(use: TagUse, view: PromptView) -> Iterator[str]:
    """Yield what is known of a tag and of its use, a paragraph each."""
    yield f"**{use.name}**"
    if use.entry is None:
        yield "not known to this list"
    else:
        yield from _of_tag(use.entry)
    said = []
    if use.weight != 1:
        said.append(f"weight {use.weight:.3g}")
    if use.start > 0 or use.end < 1:
        said.append(f"from {use.start:.0%} to {use.end:.0%} of the steps")
    if len(view.chunked[use.part].chunks) > 1:
        said.append(f"chunk {use.chunk + 1}")
    if said:
        yield ", ".join(said)


def _of_tag(tag: Tag) -> Iterator[str]:
    figure = counted(tag).partition(": ")[2] or "a word the model's makers taught it"
    kind = f"{tag.group.value}, {tag.facet.value}" if tag.group and tag.facet else "no group"
    yield f"{figure}; {kind}"
    for verb, names in (("implies", tag.implies), ("excludes", tag.excludes), ("hides", tag.hides)):
        if names:
            rest = ", ..." if len(names) > _LISTED else ""
            yield f"{verb} {', '.join(names[:_LISTED])}{rest}"


def _actions(file: PromptFile, found: Diagnostic) -> Iterator[Action]:
    best = next((one for one in found.fixes if one.applicability is Applicability.SAFE), None)
    for one in found.fixes:
        yield Action(
            title=f"{one.title} ({found.code})",
            changes=tuple([file.change(edit) for edit in one.edits]),
            finding=found,
            is_best=one is best,
        )
