"""PPL001: what holds for the whole picture, in one person's chunk."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import is_mutual, people_of
from irodori.lint.rule import Rule, RuleMeta

_ONE: Final = frozenset({"1girl", "1boy", "1other"})
_SHOWN: Final = 4
_SHARED: Final = frozenset({"composition", "background"})


class SharedTagApart(Rule):
    """What holds for the whole picture, in the chunk of one person.

    A chunk without anybody's looks may hold it: a last one for shared actions and style is fine.

    ## Why is this bad?
    The first chunk decides most of the composition. A framing or a place that comes later is bound
    to one person, or is lost.

    ## Example
        2girls, side-by-side BREAK red hair, dress BREAK black hair, shirt, jeans, cowboy shot

    ## Use instead
        2girls, side-by-side, cowboy shot BREAK red hair, dress BREAK black hair, shirt, jeans

    ## Fix
    None: where in the first chunk it goes is for the author to say.

    ## Evidence
    Practice P13, P11.
    """

    meta = RuleMeta(
        code="PPL001",
        name="shared-tag-apart",
        summary="tag of the whole picture in one person's chunk",
        severity=Severity.HINT,
        since="0.2.0",
        source="P13, P11",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if who.seen < 2 or not who.is_split:
            return
        for place in who.sections:
            apart = [
                use
                for use in view.tags
                if (use.part, use.section) == place and use.is_drawn and _is_shared(use)
            ]
            if place[1] > 0 and apart:
                yield self._report(apart)

    def _report(self, apart: list[TagUse]) -> Diagnostic:
        said = ", ".join([f"'{use.text}'" for use in apart[:_SHOWN]])
        more = " ..." if len(apart) > _SHOWN else ""
        verb = "hold" if len(apart) > 1 else "holds"
        stand = "stand" if len(apart) > 1 else "stands"
        return self.at(
            apart[0].span,
            f"{said}{more} {verb} for the whole picture, but {stand} in one person's chunk",
            evidence="P13: the first chunk decides about 70 % of the composition",
            help="move it before the first BREAK",
        )


def _is_shared(use: TagUse) -> bool:
    if use.name in _ONE:  # whom the chunk is about
        return False
    return use.group in _SHARED or use.facet in ("count", "gathering") or is_mutual(use)
