"""What the rules of this family share: associations that a prompt carries, and what pins them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

from irodori.lint.colours import GARMENTS
from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic
from irodori.lint.edits import offered
from irodori.lint.people import people_of
from irodori.lint.rule import Rule
from irodori.tags.associations import Association, Carries, carried

_CURES: Final = 2
_LEAST_SCENE: Final = 2  # one thing that may come along is not worth a word
_WORDS_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "girl": frozenset({"female", "lady"}),
        "boy": frozenset({"male", "bishounen", "facial", "stubble"}),
    }
)
"""Words by which a cure is for one of the two only."""
_CLOTHES: Final = GARMENTS | {"uniform", "costume", "dress-state", "armor"}


class Carrying(Rule):
    """A rule that tells of one kind of association."""

    kind: ClassVar[Carries]

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for case in cases(context, self.kind):
            names = fitting(context, case)
            wanted = f"name what is wanted instead: {', '.join(names)}"
            yield self.at(
                case.uses[0].span,
                f"{_listed(case)}: {case.association.note}",
                evidence=f"P8: brings {', '.join(case.loose)}",
                help=wanted if names else "say what is wanted instead, or lower its weight",
                fixes=offered(context.positive, case.uses[-1], names[:_CURES]),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An association that a prompt carries.

    Attributes:
        association: which.
        uses: the tags that carry it, in the order of the text.
        loose: what it brings that no tag of the prompt pins.
    """

    association: Association
    uses: tuple[TagUse, ...]
    loose: tuple[str, ...]


def cases(context: Context, kind: Carries) -> Iterator[Case]:
    """Yield the associations of a kind that nothing in the prompt cures.

    One is cured by its cures, and by a prompt that says something of its own about half of what
    it brings. What belongs to people is not brought where there are none.
    """
    view = context.positive
    if not people_of(view).seen:
        return
    found: dict[int, tuple[Association, list[TagUse]]] = {}
    for use in view.tags:
        if use.is_drawn:
            name = use.name if use.entry is None else use.entry.name
            for each in carried(name):
                if each.kind is kind:
                    found.setdefault(id(each), (each, []))[1].append(use)
    told: set[tuple[str, ...]] = set()
    for association, uses in found.values():
        if association.marks and association.marks in told:
            continue  # two works of one franchise
        told.add(association.marks)
        if any(view.named(cure) for cure in association.cure):
            continue
        loose = tuple([one for one in association.brings if not _pinned(context, one, uses)])
        enough = _LEAST_SCENE if kind is Carries.SCENE else 1
        if len(loose) >= enough and 2 * len(loose) > len(association.brings):
            yield Case(association=association, uses=tuple(uses), loose=loose)


def _pinned(context: Context, brought: str, uses: list[TagUse]) -> bool:
    """Tell whether the prompt says something of its own where an association would."""
    if context.positive.named(brought):
        return True
    tag = context.vocabulary.get(brought)
    if tag is None or tag.facet is None:
        return False
    facets = _CLOTHES if tag.facet in _CLOTHES else frozenset({tag.facet.value})
    return any(use.facet in facets and use not in uses for use in context.positive.tags)


def fitting(context: Context, case: Case) -> tuple[str, ...]:
    """Return the cures for those who are in the picture, without what contradicts a tag of it."""
    view = context.positive
    kinds = {kind for kind in ("girl", "boy") if any(kind in use.name for use in view.tags)}
    foreign = frozenset[str]().union(*[_WORDS_OF[kind] for kind in _WORDS_OF.keys() - kinds])
    found = []
    for cure in case.association.cure:
        tag = context.vocabulary.get(cure)
        excludes = () if tag is None else tag.excludes
        if tag and foreign.isdisjoint(cure.split()) and not any(map(view.named, excludes)):
            found.append(cure)
    return tuple(found)


def _listed(case: Case) -> str:
    return ", ".join([f"'{use.text}'" for use in case.uses])
