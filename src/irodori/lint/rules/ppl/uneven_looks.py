"""PPL005: looks defined for one person and not for another."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta

_WHOLE: Final = ("full", "uniform", "swimwear", "costume", "armor")
_ASPECTS: Final = MappingProxyType(
    {
        "the hair colour": frozenset({"hair-colour"}),
        "the eye colour": frozenset({"eye-colour"}),
        "the clothes above the waist": frozenset({"upper", "outer", *_WHOLE}),
        "the clothes below the waist": frozenset({"lower", *_WHOLE}),
    }
)


class UnevenLooks(Rule):
    """Looks defined for one person and not for another.

    Known characters are spared: their looks come with the name.

    ## Why is this bad?
    What is open for one person is filled with what was said of the other: both get the red shirt.

    ## Example
        2girls, side-by-side BREAK red hair, shirt, jeans BREAK sundress

    ## Use instead
        2girls, side-by-side BREAK red hair, shirt, jeans BREAK black hair, sundress

    ## Fix
    None: only the author knows the other's looks.

    ## Evidence
    Practice P13: what is defined for one (hair, shirt, trousers) is defined for every one.
    """

    meta = RuleMeta(
        code="PPL005",
        name="uneven-looks",
        summary="looks defined for one person and not for another",
        severity=Severity.HINT,
        since="0.2.0",
        source="P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if who.seen < 2 or not who.is_split or who.named:
            return
        persons = [
            [use for use in view.tags if (use.part, use.section) == place]
            for place in _persons(who.sections, who.least)
        ]
        for aspect, facets in _ASPECTS.items():
            having = [_first(person, facets) for person in persons]
            example = next((use for use in having if use is not None), None)
            if example is None:
                continue
            for person, has in zip(persons, having, strict=True):
                if has is None:
                    yield self.at(
                        person[0].span,
                        f"nothing says {aspect} of this person: "
                        f"'{example.text}' of another may spread here",
                        evidence="P13: what is defined for one is defined for every one",
                        help="name it here too",
                    )


def _persons(sections: tuple[tuple[int, int], ...], least: int) -> tuple[tuple[int, int], ...]:
    """Return the sections that are people; the first one is if the others are too few."""
    own = tuple([place for place in sections if place[1] > 0])
    return own if len(own) >= least else sections


def _first(person: list[TagUse], facets: frozenset[str]) -> TagUse | None:
    return next((use for use in person if use.facet in facets and use.is_drawn), None)
