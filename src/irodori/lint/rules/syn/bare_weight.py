"""SYN024: a weight without brackets."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta

_BARE: Final = re.compile(r"(?P<tag>.*\w.*?)(?<!\\)\s*:\s*(?P<weight>[01]?\.\d+|[01]\.?)")


class BareWeight(Rule):
    r"""A weight without brackets around it.

    ## Why is this bad?
    Without brackets colon and number are text: they are drawn as tokens and weigh nothing. A colon
    behind a backslash (`\:`) is meant as text.

    ## Example
        1girl, smile:1.2, long hair

    ## Use instead
        1girl, (smile:1.2), long hair

    ## Fix
    Unsafe: brackets are written around it, and the weight begins to count.

    ## Evidence
    The grammar of prompts, practice P12.
    """

    meta = RuleMeta(
        code="SYN024",
        name="bare-weight",
        summary="weight has no brackets around it",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for use in view.tags:
                if ":" not in use.text or not use.editable or use.entry is not None:
                    continue
                match = _BARE.fullmatch(use.text)
                if match is None or context.vocabulary.get(match["tag"]) is None:
                    continue
                text = f"({match['tag']}:{match['weight']})"
                edit = Edit(field=view.field, span=use.span, text=text)
                yield self.at(
                    use.span,
                    f"the weight of '{use.text}' is text: it has no brackets around it",
                    field=view.field,
                    help=f"write {text}",
                    fixes=fix(f"write {text}", (edit,), Applicability.UNSAFE),
                )
