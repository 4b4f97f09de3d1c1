"""ORD004: the tag that matters most comes late."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta

_SUBJECTS: Final = frozenset({"character", "action", "appearance"})
_FEWEST: Final = 9


class HeavyTagLate(Rule):
    """The tag with the greatest weight stands in the last third of the prompt.

    ## Why is this bad?
    Earlier is stronger: moving it to the front does what the weight is for, without the harm that
    high weights do to the rest.

    ## Example
        1girl, smile, long hair, blue eyes, shirt, skirt, ribbon, standing, (crossed arms:1.3)

    ## Use instead
        1girl, crossed arms, smile, standing, long hair, blue eyes, shirt, skirt, ribbon

    ## Options
    `ord.heavy` (1.2): a weight from which a tag counts as the one that matters most.

    ## Fix
    None: how far to the front it belongs, only the author knows.

    ## Evidence
    Practice P2. One person's experience.
    """

    meta = RuleMeta(
        code="ORD004",
        name="heavy-tag-late",
        summary="tag that matters most comes late",
        severity=Severity.HINT,
        since="0.2.0",
        source="P2",
        options=(Option(name="ord.heavy", doc="weight of a tag that matters most"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        uses = [use for use in context.positive.tags if not use.section and not use.part]
        if len(uses) < _FEWEST:
            return
        heaviest = max(uses, key=lambda use: use.weight)
        late = uses.index(heaviest) >= len(uses) * 2 // 3
        if late and heaviest.weight >= context.settings.ord.heavy and heaviest.group in _SUBJECTS:
            yield self.at(
                heaviest.outer,
                f"'{heaviest.name}' has the greatest weight and stands near the end",
                help="move it to the front and lower its weight",
            )
