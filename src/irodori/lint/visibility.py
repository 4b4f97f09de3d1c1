"""The visibility solver: which tags of a prompt ask for something that cannot be seen.

    tags in force -> occluders (a tag's column `hides`, or tags that hide together)
                  -> minus what other tags uncover
                  -> each tag whose regions or facet are hidden, with what hides it and why

It is careful in three ways. A tag that hides only during some steps, is weak, or may speak of
another person makes its findings unsure. Contradicting framings hide only what both of them hide.
Clothes never hide by a region what is worn over them.

Source: practice P6.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from irodori.lint.context import PromptView, TagUse
from irodori.lint.occluders import Occluder, contradict, find_occluders
from irodori.lint.occlusion import Reason
from irodori.lint.people import People, Sameness, people_of
from irodori.tags.schema import Facet, Group, Region
from irodori.tags.tag import Tag

SURE_WEIGHT: Final = 0.6
"""A tag weaker than this may fail to hide (one person's experience; setting `vis.sure-weight`)."""

_FRONT: Final = frozenset({Facet.EYEWEAR, Facet.MASK, Facet.HEADWEAR, Facet.HAIR_ORNAMENT})
_AROUND: Final = frozenset(  # worn around the body, so seen from every side
    {
        Facet.UPPER, Facet.LOWER, Facet.FULL, Facet.OUTER, Facet.SWIMWEAR, Facet.UNDERWEAR,
        Facet.UNIFORM, Facet.COSTUME, Facet.ARMOR, Facet.DRESS_STATE, Facet.PATTERN,
        Facet.ACCESSORY,
    }
)  # fmt: skip
_LOOSE: Final = frozenset({Facet.TAIL, Facet.WINGS})  # reach beyond the region they grow from


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A tag that cannot be seen.

    Attributes:
        use: the tag.
        by: what hides it.
        regions: the regions of it that are hidden; empty where its facet or it alone is.
        is_sure: near-certain; else likely, or true of another person perhaps.
    """

    use: TagUse
    by: Occluder
    regions: frozenset[Region]
    is_sure: bool

    @property
    def told(self) -> str:
        """The finding in one sentence: `'barefoot' cannot be seen: 'cowboy shot' ...`."""
        what = _listed(self.regions)
        verb = _VERBS[self.by.reason]
        how = f"{verb[0]} the {what} {verb[1]}".rstrip() if what else "hides it"
        several = len(self.by.uses) > 1
        return f"'{self.use.text}' cannot be seen: {self.by.told} {_plural(how, several=several)}"


_VERBS: Final[Mapping[Reason, tuple[str, str]]] = MappingProxyType(
    {
        Reason.FRAME: ("leaves", "outside the picture"),
        Reason.CAMERA: ("turns", "away from the camera"),
        Reason.POSE: ("hides", ""),
        Reason.CLOTHES: ("covers", ""),
        Reason.STATE: ("hides", ""),
    }
)


def _listed(regions: Iterable[Region]) -> str:
    return " and ".join(sorted(region.value for region in regions))


def _plural(how: str, *, several: bool) -> str:
    verb, _, rest = how.partition(" ")
    return f"together {verb[:-1]} {rest}" if several else how


def hidden(
    view: PromptView,
    *,
    reasons: Iterable[Reason] = tuple(Reason),
    sure_weight: float = SURE_WEIGHT,
) -> tuple[Hidden, ...]:
    """Return the tags that cannot be seen, in the order of the text, each once.

    Args:
        view: the prompt.
        reasons: look only for these.
        sure_weight: weight below which what hides is unsure.
    """
    wanted = frozenset(reasons)
    found: dict[int, Hidden] = {}  # by identity: two uses may be equal, and hashing one is dear
    for case in view.once(_cases_of):
        if case.by.reason not in wanted:
            continue
        if case.is_sure and any(one.weight < sure_weight for one in case.by.uses):
            case = replace(case, is_sure=False)  # noqa: PLW2901  # the same case, less sure
        best = found.get(id(case.use))
        if best is None or _strength(case) > _strength(best):
            found[id(case.use)] = case
    return tuple(found.values())


def _strength(case: Hidden) -> tuple[bool, int]:
    return case.is_sure, len(case.regions)


def _cases_of(view: PromptView) -> tuple[Hidden, ...]:
    """Return each tag with each thing that hides it, as if all had their full weight."""
    drawn = [use for use in view.tags if use.is_drawn]
    occluders = find_occluders(drawn)
    if not occluders:
        return ()
    who = people_of(view)
    cases = (_hidden(use, occluder, who) for use in drawn for occluder in occluders)
    return tuple([case for case in cases if case is not None])


def _hidden(use: TagUse, occluder: Occluder, who: People) -> Hidden | None:
    entry = use.entry
    if entry is None:
        return None
    found = (frozenset[Region](), True) if occluder.hides.has(use) else _covered(entry, occluder)
    if found is None or any(one is use or not one.meets(use) for one in occluder.uses):
        return None
    regions, whole = found
    sameness = _sameness(use, occluder, who)
    if sameness is Sameness.NO:
        return None
    sure = (
        whole
        and (occluder.is_sure or (entry.facet in occluder.facets))
        and sameness is Sameness.YES
        and all(_covers(one, use) for one in occluder.uses)
        and entry.facet not in _LOOSE
    )
    return Hidden(use=use, by=occluder, regions=regions, is_sure=sure)


def _covered(entry: Tag, occluder: Occluder) -> tuple[frozenset[Region], bool] | None:
    """Return which regions of a tag are hidden, and whether that hides all of it; None if none.

    Of what somebody does every region must be seen; of what somebody wears or has, one is enough.
    """
    if entry.facet in occluder.facets:
        return frozenset(), True
    if entry.facet is None or _stands_before(entry, occluder):
        return None
    needed = entry.regions - {Region.WHOLE}
    if entry.facet is Facet.FULL:
        needed |= {Region.CHEST}  # the upper half of a dress is enough to see it
    covered = needed & occluder.regions
    if not covered:
        return None
    whole = covered == needed
    if not whole and entry.facet.group is not Group.ACTION:
        return None
    hands_near_face = occluder.reason is Reason.FRAME and covered == {Region.HANDS}
    return covered, whole and not hands_near_face


def _stands_before(entry: Tag, occluder: Occluder) -> bool:
    """Tell whether a tag lies before what hides: a mask before the mouth, a coat from behind."""
    if occluder.reason is Reason.CAMERA:
        return entry.facet in _AROUND
    if occluder.reason is Reason.FRAME:
        return False
    worn = occluder.reason in (Reason.CLOTHES, Reason.STATE) and entry.facet in _FRONT
    return worn or bool(entry.hidden_regions & occluder.regions)


def _sameness(use: TagUse, occluder: Occluder, who: People) -> Sameness:
    """Tell whether what hides is about the person the tag is about; a frame is about all."""
    if occluder.reason is Reason.FRAME:
        return Sameness.YES
    return min(who.same(use, one) for one in occluder.uses)


def _covers(one: TagUse, use: TagUse) -> bool:
    """Tell whether a tag is in force at every step at which another is."""
    alternates = set(one.branches) - set(use.branches) and (one.start, one.end) == (0.0, 1.0)
    return one.start <= use.start and one.end >= use.end and not alternates


def contradictions(view: PromptView, group: Group) -> Iterator[tuple[TagUse, TagUse]]:
    """Yield each pair of tags of a group that exclude one another, the later one second.

    Of several equal tags before it, a tag is told of the first only.
    """
    mine = [use for use in view.in_group(group) if use.is_drawn]
    named: dict[str, list[int]] = {}
    for number, use in enumerate(mine):
        if use.entry is not None:
            named.setdefault(use.entry.name, []).append(number)
    for number, later in enumerate(mine):
        # What excludes what goes both ways in the tag table.
        rivals = later.entry.excludes if later.entry is not None else ()
        for other in sorted(
            [
                next((at for at in named[name] if contradict(mine[at], later)), number)
                for name in rivals
                if name in named
            ]
        ):
            if other < number:
                yield mine[other], later
