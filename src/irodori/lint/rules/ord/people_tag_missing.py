"""ORD002: somebody is described, and no tag says how many people there are."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta

_LEAST: Final = 2
_OF_PEOPLE: Final = frozenset(
    {
        "expression",
        "gaze",
        "arm-pose",
        "hand-pose",
        "leg-pose",
        "hair-colour",
        "hair-length",
        "hair-style",
        "bangs",
        "hair-ornament",
        "upper",
        "lower",
        "full",
        "outer",
        "swimwear",
        "legwear",
        "footwear",
        "uniform",
        "costume",
        "sleeves",
    }
)
_ALONE: Final = frozenset({"animal", "vehicle", "food"})


class PeopleTagMissing(Rule):
    r"""Somebody is described, and no tag says how many people there are.

    ## Why is this bad?
    Nearly every picture the model learned from begins with `1girl`, `1boy`, `2girls` ... or
    `no humans`. Without it the number of people is left to chance.

    ## Example
        long hair, red dress, smile, forest

    ## Use instead
        1girl, long hair, red dress, smile, forest

    ## Fix
    None: who stands there, only the author knows.

    ## Evidence
    Practice P2, P13. A warning if two tags or more speak of a person, a hint if a known character
    is named, who brings a count along.
    """

    meta = RuleMeta(
        code="ORD002",
        name="people-tag-missing",
        summary="no tag says how many people there are",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P2, P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        if any(use.group == "people" for use in view.tags):
            return
        described = [use for use in view.tags if use.facet in _OF_PEOPLE]
        if len(described) < _LEAST or any(use.facet in _ALONE for use in view.tags):
            return
        named = view.in_facet("character")
        first = named[0] if named else described[0]
        yield self.at(
            first.span,
            f"'{first.name}' is somebody's, but no tag says how many people there are",
            help="begin with 1girl, 1boy, 2girls ...",
            severity=Severity.HINT if named else Severity.WARNING,
        )
