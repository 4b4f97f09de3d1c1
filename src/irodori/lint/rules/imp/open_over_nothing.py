"""IMP003: an open garment, and nothing named under it."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import offered
from irodori.lint.people import Sameness, people_of
from irodori.lint.rule import Rule, RuleMeta

_OPEN: Final = "open "
_UNDER: Final = frozenset({"upper", "full", "swimwear", "underwear", "armor", "uniform"})
_BARE: Final = frozenset(
    {"bare chest", "topless male", "shirtless", "abs", "pectorals", "sarashi", "chest sarashi"}
)
_OFFERED: Final = ("white shirt", "black shirt")


class OpenOverNothing(Rule):
    """An open garment, and nothing named under it.

    ## Why is this bad?
    Models do only what they are asked: what an open jacket shows is invented, anew for each seed,
    and may be less than was meant.

    ## Example
        1girl, solo, red jacket, open jacket, jeans, smile

    ## Use instead
        1girl, solo, red jacket, open jacket, white shirt, jeans, smile

    ## Fix
    Display: two plain shirts to choose from.

    ## Evidence
    Practice P10; a character with a name is spared, she has clothes of her own.
    """

    meta = RuleMeta(
        code="IMP003",
        name="open-over-nothing",
        summary="open garment with nothing named under it",
        severity=Severity.HINT,
        since="0.2.0",
        source="P10",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if who.named:
            return
        drawn = [use for use in view.tags if use.is_drawn]
        for use in drawn:
            if not use.name.startswith(_OPEN) or use.facet != "dress-state":
                continue
            garment = use.name.removeprefix(_OPEN)
            if any(
                _lies_under(other, garment) and who.same(use, other) is not Sameness.NO
                for other in drawn
            ):
                continue
            yield self.at(
                use.span,
                f"'{use.text}' shows what is under it, and nothing is named there",
                evidence="P10: models do only what they are asked",
                help="name what is under it",
                fixes=() if garment == "shirt" else offered(view, use, _OFFERED),
            )


def _lies_under(use: TagUse, garment: str) -> bool:
    if use.name in _BARE:
        return True
    return use.facet in _UNDER and use.name.split()[-1] != garment
