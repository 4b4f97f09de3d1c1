"""A text file with a prompt and, behind `Negative prompt:` at a line's start, its negative.

    1girl, smile, long hair
    Negative prompt: worst quality

Places in either prompt are places in the file plus a number; nothing is rewritten on the way.
"""

import re
from dataclasses import dataclass
from typing import Final

from irodori.lint.checker import LintInput
from irodori.lint.diagnostic import Edit, Field
from irodori.prompt.dialect import Dialect
from irodori.prompt.span import Span

_LABEL: Final = re.compile(r"^Negative prompt:[ \t]*", re.MULTILINE)
_LABEL_TEXT: Final = "\nNegative prompt: "


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFile:
    """A file's text, read.

    Args:
        text: all of it.
        prompt: where the prompt is.
        negative_prompt: where the negative prompt is; None if the file has none.
    """

    text: str
    prompt: Span
    negative_prompt: Span | None

    def source(self, dialect: Dialect = Dialect.IRODORI) -> LintInput:
        """Return what the linter checks."""
        negative = self.negative_prompt
        return LintInput(
            prompt=self.prompt.of(self.text),
            negative_prompt=negative.of(self.text) if negative else "",
            dialect=dialect,
        )

    def place(self, field: Field, span: Span) -> Span:
        """Return where in the file a place in one of the prompts is; settings are at its start."""
        if field is Field.RECIPE:
            return Span(0, 0)
        begin = self._begin(field)
        return Span(begin + span.start, begin + span.end)

    def field_at(self, offset: int) -> tuple[Field, int] | None:
        """Return the prompt that a place in the file is in, and the place there."""
        if self.prompt.touches(offset):
            return Field.PROMPT, offset - self.prompt.start
        if self.negative_prompt is not None and self.negative_prompt.touches(offset):
            return Field.NEGATIVE_PROMPT, offset - self.negative_prompt.start
        return None

    def change(self, edit: Edit) -> tuple[Span, str]:
        """Return what an edit of a prompt changes in the file; writes the label where it lacks."""
        text = edit.text
        if edit.field is Field.NEGATIVE_PROMPT and self.negative_prompt is None:
            text = _LABEL_TEXT + text
        return self.place(edit.field, edit.span), text

    def _begin(self, field: Field) -> int:
        if field is Field.PROMPT:
            return self.prompt.start
        return self.prompt.end if self.negative_prompt is None else self.negative_prompt.start


def read_prompt_file(text: str) -> PromptFile:
    """Return a file's two prompts; line ends at the ends of a prompt are not part of it."""
    label = _LABEL.search(text)
    first = Span(0, len(text[: label.start() if label else None].rstrip("\r\n")))
    if label is None:
        return PromptFile(text=text, prompt=first, negative_prompt=None)
    end = max(label.end(), len(text.rstrip()))
    return PromptFile(text=text, prompt=first, negative_prompt=Span(label.end(), end))
