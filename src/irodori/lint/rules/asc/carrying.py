"""What the rules of this family share: associations that a prompt carries, and what pins them."""

from collections.abc import Iterator
from dataclasses import dataclass

from irodori.lint.colours import GARMENTS
from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Fix
from irodori.lint.edits import offered
from irodori.lint.people import people_of
from irodori.tags.associations import Association, Carries, carried

_CURES = 2
_LEAST_SCENE = 2  # one thing that may come along is not worth a word
_CLOTHES = GARMENTS | {"uniform", "costume", "dress-state", "armor"}


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


def cures(context: Context, case: Case) -> tuple[Fix, ...]:
    """Return the cures as fixes that a person may choose, those that contradict nothing."""
    view = context.positive
    kinds = {kind for kind in ("girl", "boy") if any(kind in use.name for use in view.tags)}
    fitting: list[str] = []
    for cure in case.association.cure:
        tag = context.vocabulary.get(cure)
        words = set(cure.split())
        fits = not (words & {"female", "lady"} and "girl" not in kinds)
        fits = fits and not ("male" in words and "boy" not in kinds)
        if tag is None or not fits or any(view.named(name) for name in tag.excludes):
            continue
        fitting.append(cure)
    return offered(view, case.uses[-1], fitting[:_CURES])


def listed(case: Case) -> str:
    """Return the tags that carry it, for a message."""
    return ", ".join([f"'{use.text}'" for use in case.uses])
