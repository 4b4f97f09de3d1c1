"""POP006: a tag that the booru no longer uses."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta


class DeprecatedTag(Rule):
    """A tag that the booru no longer uses.

    ## Why is this bad?
    It stood for several things and was split. A model that knows it mixes them; newer models know
    it less and less.

    ## Example
        1girl, black legwear

    ## Use instead
        1girl, black thighhighs

    ## Fix
    None: which of the newer tags was meant, only the author knows.

    ## Evidence
    The booru's own mark, which the shipped list does not have: `irodori tags update` fetches it,
    and dumps have it. Models trained before the change still know the tag, so this is a hint.
    """

    meta = RuleMeta(
        code="POP006",
        name="deprecated-tag",
        summary="booru no longer uses the tag",
        severity=Severity.HINT,
        since="0.2.0",
        source="P5",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for use in context.positive.distinct:
            if use.entry is not None and use.entry.deprecated:
                yield self.at(
                    use.span,
                    f"'{use.name}' is no longer used on the booru",
                    evidence=counted(use.entry),
                    help="name what is meant more exactly: irodori tags search",
                )
