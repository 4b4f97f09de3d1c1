"""SYN020: a tag written with underscores."""

from collections.abc import Iterator

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.escaping import spaced, unescape


class UnderscoredTag(Rule):
    """A tag written with underscores, as the booru's pages do.

    ## Why is this bad?
    Models of the Illustrious family were taught with spaces: `long_hair` is other tokens than
    `long hair`, three of them instead of two. Faces (`^_^`) and `score_9` keep theirs.

    ## Example
        1girl, long_hair, smile

    ## Use instead
        1girl, long hair, smile

    ## Fix
    Safe: spaces are written for the underscores.

    ## Evidence
    Practice P12 and all its recipes; the tokens: `irodori explain long_hair`.
    """

    meta = RuleMeta(
        code="SYN020",
        name="underscored-tag",
        summary="tag is written with underscores",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for use in view.tags:
                if not use.editable or not _is_underscored(use, context):
                    continue
                text = " ".join(use.text.replace("_", " ").split())
                edit = Edit(field=view.field, span=use.span, text=text)
                yield self.at(
                    use.span,
                    f"'{use.text}' is not what the model was taught",
                    field=view.field,
                    help=f"write {text}",
                    fixes=fix(f"write {text}", (edit,), Applicability.SAFE),
                )


def _is_underscored(use: TagUse, context: Context) -> bool:
    if "_" not in use.text:
        return False
    said = unescape(use.text)
    is_own_name = use.entry is not None and "_" in use.entry.name
    return spaced(said) != said and not is_own_name and use.name not in context.settings.known_tags
