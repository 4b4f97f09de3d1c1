"""SYN018: a name whose brackets are read as emphasis."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.escaping import escape, spaced

_NAME: Final = re.compile(r"(?P<name>[^()\[\]\\|:]*[^()\[\]\\|:\s])[ _]?\((?P<of>[^()\[\]\\|:]+)\)")

_QUALIFIERS: Final = frozenset(
    [
        "animal",
        "artist",
        "character",
        "company",
        "copyright",
        "cosplay",
        "flower",
        "food",
        "fruit",
        "game",
        "manga",
        "medium",
        "meme",
        "object",
        "person",
        "place",
        "series",
        "sky",
        "style",
        "symbol",
        "weapon",
    ]
)
"""What stands in brackets behind a name on the booru, beside the names of works."""


class UnescapedName(Rule):
    r"""A name whose brackets are read as emphasis.

    ## Why is this bad?
    Round brackets are emphasis: `makima (chainsaw man)` is `makima`, then `chainsaw man` a tenth
    stronger. The text encoder never sees the brackets that the model learned the name with.

    ## Example
        1girl, makima (chainsaw man), smile

        1girl, horror_(style)

    ## Use instead
        1girl, makima \(chainsaw man\), smile

        1girl, horror \(style\)

    ## Fix
    Safe: backslashes are written before its brackets.

    ## Evidence
    The grammar of prompts, practice P12; names with brackets are the booru's own form. Found where
    the vocabulary knows the name, an underscore shows that it is one, or a word such as `style`.
    """

    meta = RuleMeta(
        code="SYN018",
        name="unescaped-name",
        summary="brackets of a name are read as emphasis",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for use in view.tags:
                match = None if use.editable else _NAME.fullmatch(use.span.of(view.text))
                if match is not None:
                    yield from self._judge(context, view, use, match)

    def _judge(
        self, context: Context, view: PromptView, use: TagUse, match: re.Match[str]
    ) -> Iterator[Diagnostic]:
        name = f"{spaced(match['name'].strip(' _'))} ({spaced(match['of'].strip(' _'))})"
        taught = context.profile.tags or frozenset()
        is_name = "_(" in match[0] or match["of"].strip() in _QUALIFIERS or name in taught
        if not is_name and context.vocabulary.get(name) is None:
            return
        edit = Edit(field=view.field, span=use.span, text=escape(name))
        yield self.at(
            use.span,
            f"the brackets of '{match[0]}' are read as emphasis",
            field=view.field,
            help=f"write {escape(name)}",
            fixes=fix(f"write {escape(name)}", (edit,), Applicability.SAFE),
        )
