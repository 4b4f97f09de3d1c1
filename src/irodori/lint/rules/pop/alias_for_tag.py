"""POP007: another name for a tag."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, replaced
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta
from irodori.tags.naming import key


class AliasForTag(Rule):
    """Another name for a tag, under which the model did not learn it.

    ## Why is this bad?
    The booru files every picture under the tag itself. The other name was in no caption: its
    words are drawn for what they mean.

    ## Example
        1girl, raised arm, wink

    ## Use instead
        1girl, arm up, one eye closed

    ## Fix
    Unsafe: the tag itself is written.

    ## Evidence
    The booru's aliases, in the tag data. A hint, because the text encoder may know the words.
    """

    meta = RuleMeta(
        code="POP007",
        name="alias-for-tag",
        summary="another name for a tag",
        severity=Severity.HINT,
        since="0.2.0",
        source="P5",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for use in view.tags:
                entry = use.entry
                if entry is None or not use.editable or key(entry.name) == key(use.name):
                    continue
                yield self.at(
                    use.span,
                    f"'{use.name}' is another name for '{entry.name}'",
                    field=view.field,
                    evidence=counted(entry),
                    help=f"write {entry.name}",
                    fixes=fix(
                        f"write {entry.name}",
                        replaced(view, use, entry.name),
                        Applicability.UNSAFE,
                    ),
                )
