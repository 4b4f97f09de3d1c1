"""What hides something in a prompt: its tags' columns `hides`, and tags that hide together.

Tags that uncover take away from what others hide. Contradicting framings hide only what all of
them hide: which one will win is not known.

Source: practice P6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from irodori.lint.context import TagUse
from irodori.lint.occlusion import COMPOUNDS, NOTHING, REVEALS, Names, Reason, Reveal
from irodori.tags.schema import Facet, Group, Region
from irodori.tags.tag import Tag

_REASONS: Final[Mapping[Facet, Reason]] = MappingProxyType(
    {
        **dict.fromkeys((Facet.FRAMING, Facet.FOCUS), Reason.FRAME),
        **dict.fromkeys(
            (Facet.ANGLE, Facet.CAMERA, Facet.HEAD_POSE, Facet.EFFECT, Facet.LAYOUT), Reason.CAMERA
        ),
        **dict.fromkeys(
            (
                Facet.GAZE, Facet.EYES, Facet.PUPILS, Facet.MOUTH, Facet.EXPRESSION, Facet.BANGS,
                Facet.BODY, Facet.HAIR_LENGTH, Facet.SPECIES, Facet.BLUSH,
            ),
            Reason.STATE,
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Occluder:
    """Something that hides.

    Attributes:
        uses: the tag, or the tags that hide together.
        reason: why it hides.
        regions: what it hides.
        facets: what it hides, whatever region it is in.
        hides: single tags it hides.
        area: the region those are in.
        is_sure: near-certain, not just likely.
    """

    uses: tuple[TagUse, ...]
    reason: Reason
    regions: frozenset[Region] = frozenset()
    facets: frozenset[Facet] = frozenset()
    hides: Names = NOTHING
    area: Region | None = None
    is_sure: bool = True

    @property
    def told(self) -> str:
        """Its tags for a message: `'pov' and 'hug'`."""
        return " and ".join([f"'{use.text}'" for use in self.uses])


def find_occluders(drawn: Sequence[TagUse]) -> tuple[Occluder, ...]:
    """Return what hides anything, after what is uncovered again was taken off it.

    Args:
        drawn: tags in force.
    """
    single = _framed(
        [
            _single(use, use.entry)
            for use in drawn
            # What a palette hides is a colour, wherever it is: rule VIS008.
            if use.entry and use.entry.hides and use.entry.facet is not Facet.PALETTE
        ],
        [use for use in drawn if use.facet == Facet.FRAMING],
    )
    compound = [
        Occluder(
            uses=uses,
            reason=each.reason,
            regions=each.regions,
            hides=each.hides,
            area=each.area,
            is_sure=each.is_sure,
        )
        for each in COMPOUNDS
        if (uses := each.met(drawn)) and _together(uses)
    ]
    revealed = [(each, [use for use in drawn if each.by.has(use)]) for each in REVEALS]
    revealing = [(each, uses) for each, uses in revealed if uses]
    uncovered = (_uncovered(each, revealing) for each in (*single, *compound))
    return tuple([each for each in uncovered if each is not None])


def _single(use: TagUse, entry: Tag) -> Occluder:
    facet = entry.facet
    reason = Reason.POSE
    if facet is not None:
        plain = Reason.CLOTHES if facet.group is Group.APPEARANCE else Reason.POSE
        reason = _REASONS.get(facet, plain)
    return Occluder(
        uses=(use,),
        reason=reason,
        regions=entry.hidden_regions,
        facets=entry.hidden_facets,
        is_sure=reason in (Reason.FRAME, Reason.CAMERA, Reason.STATE),
    )


def _framed(single: list[Occluder], framings: Sequence[TagUse]) -> list[Occluder]:
    """Return the occluders, contradicting framings reduced to what all of them hide."""
    rivals = {
        one.outer: one.entry.hidden_regions
        for one in framings
        for other in framings
        if one.entry is not None and contradict(one, other)
    }
    if not rivals:
        return single
    shared = frozenset.intersection(*rivals.values())
    return [
        replace(each, regions=shared, is_sure=False) if each.uses[0].outer in rivals else each
        for each in single
    ]


def contradict(one: TagUse, other: TagUse) -> bool:
    """Tell whether two tags are in force together and the vocabulary says that they exclude."""
    if one.entry is None or other.entry is None or not one.meets(other):
        return False
    return other.entry.name in one.entry.excludes or one.entry.name in other.entry.excludes


def _together(uses: Sequence[TagUse]) -> bool:
    return all(one.meets(other) for one in uses for other in uses)


def _uncovered(
    occluder: Occluder, revealing: Sequence[tuple[Reveal, Sequence[TagUse]]]
) -> Occluder | None:
    """Return the occluder without what other tags uncover; None if nothing is left."""
    regions, hides = occluder.regions, occluder.hides
    for reveal, uses in revealing:
        if occluder.reason not in reveal.of:
            continue
        if not any(use.meets(occluder.uses[0]) for use in uses):
            continue
        if not reveal.regions:
            return None
        regions -= reveal.regions
        if occluder.area in reveal.regions:
            hides = NOTHING
    if not regions and not occluder.facets and hides == NOTHING:
        return None
    return replace(occluder, regions=regions, hides=hides)
