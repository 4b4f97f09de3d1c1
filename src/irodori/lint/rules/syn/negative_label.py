"""SYN025: the label of the negative prompt inside the prompt."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Field, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.span import Span

_LABEL: Final = re.compile(r"[,\s]*\bnegative prompt:\s*", re.IGNORECASE)


class NegativeLabel(Rule):
    """The label of the negative prompt inside the prompt.

    ## Why is this bad?
    Everything behind `Negative prompt:` is drawn instead of being kept away. It happens when a
    recipe is pasted whose negative prompt stands on the prompt's line.

    ## Example
        1girl, smile, Negative prompt: worst quality, bad quality

    ## Use instead
        1girl, smile
        Negative prompt: worst quality, bad quality

    ## Fix
    Unsafe: what stands behind the label moves to the negative prompt.

    ## Evidence
    Recipes of the practice have it in five cases of twelve.
    """

    meta = RuleMeta(
        code="SYN025",
        name="negative-label",
        summary="negative prompt stands inside the prompt",
        severity=Severity.ERROR,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        label = _LABEL.search(view.text)
        if label is None:
            return
        moved = view.text[label.end() :].strip().rstrip(",")
        before = context.negative.text.rstrip()
        joiner = "" if not before else " " if before.endswith(",") else ", "
        at = Span(len(before), len(before))
        edits = (
            Edit(field=Field.PROMPT, span=Span(label.start(), len(view.text)), text=""),
            Edit(field=Field.NEGATIVE_PROMPT, span=at, text=joiner + moved),
        )
        yield self.at(
            Span(label.start(), label.end()),
            "the negative prompt stands inside the prompt, so it is drawn",
            help="move what follows to the negative prompt",
            fixes=fix("move it to the negative prompt", edits, Applicability.UNSAFE),
        )
