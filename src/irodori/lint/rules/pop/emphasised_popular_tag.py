"""POP004: an overtrained tag that is emphasised."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.evidence import counted
from irodori.lint.rule import Option, Rule, RuleMeta

_STRONG: Final = 1.2


class EmphasisedPopularTag(Rule):
    """A tag with very many pictures that is emphasised as well.

    ## Why is this bad?
    Tags with 100,000 pictures and more are overtrained: they come out unasked and overwhelm rarer
    ones. More weight on them takes it from the rest.

    ## Example
        1girl, (long hair:1.4), ribbon

    ## Use instead
        1girl, long hair, ribbon

    ## Options
    `pop.overtrained` (100000)

    ## Fix
    None: usually the rarer tag wants more weight, or a place nearer to the front.

    ## Evidence
    Practice P5. The threshold is one person's experience.
    """

    meta = RuleMeta(
        code="POP004",
        name="emphasised-popular-tag",
        summary="overtrained tag is emphasised",
        severity=Severity.HINT,
        since="0.2.0",
        source="P5",
        options=(Option(name="pop.overtrained", doc="pictures from which a tag is overtrained"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for use in context.positive.tags:
            if use.weight > _STRONG and use.count >= context.settings.pop.overtrained:
                yield self.at(
                    use.outer,
                    f"'{use.name}' needs no emphasis: it is one of the most common tags",
                    evidence=counted(use.entry),
                    help="take the weight away, or lower what competes with it",
                )
