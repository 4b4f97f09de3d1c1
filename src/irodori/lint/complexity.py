"""How complex a prompt is: the separate ideas that the model must get right, as a number.

A lone person with any looks, in any style, doing one thing before any place, is 0. Each part below
adds to it and says what to do about it; the parts stand in the order in which to mend them.

Source: practice P21. The points are a reading of it, not a measurement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from irodori.lint.colours import wardrobes
from irodori.lint.context import Context, TagUse
from irodori.lint.people import people_of
from irodori.lint.visibility import hidden

_DOING: Final = frozenset(
    {
        "posture", "arm-pose", "hand-pose", "leg-pose", "holding", "touching", "interaction",
        "motion", "activity",
    }
)  # fmt: skip
_COMPETING: Final = ("arm-pose", "leg-pose", "hand-pose", "posture", "head-pose")
_COUNTED_GROUPS: Final = frozenset({"action", "appearance", "background", "composition"})
_FREE_SCENERY: Final = 3
_WEAK: Final = 0.5
_MOST_FURTHER: Final = 3


class Idea(StrEnum):
    """The kinds of parts, in the order in which to mend them."""

    REDUNDANT = "redundant"
    RARE = "rare"
    UNKNOWN = "unknown or vague"
    OVERWHELMED = "overwhelmed"
    BLEEDING = "bleeding"
    ACTIONS = "further actions"
    LOOKS = "looks of several people"
    SCENERY = "scenery"
    PEOPLE = "further people"


ADVICE: Final = {
    Idea.REDUNDANT: "drop what cannot be seen",
    Idea.RARE: "replace it by something well known",
    Idea.UNKNOWN: "say it with known tags",
    Idea.OVERWHELMED: "lower the common one, or drop one of both",
    Idea.BLEEDING: "pin the colour of what is left open",
    Idea.ACTIONS: "merge them into one tag, or drop one",
    Idea.LOOKS: "keep what tells the people apart",
    Idea.SCENERY: "keep what the picture is about",
    Idea.PEOPLE: "draw fewer people, or known characters",
}
"""What to do about each kind of part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a prompt's complexity.

    Attributes:
        idea: what kind.
        points: what it adds, above 0.
        uses: the tags that add it, in the order of the text.
    """

    idea: Idea
    points: float
    uses: tuple[TagUse, ...]

    @property
    def told(self) -> str:
        """The part in words: `redundant 2 (barefoot, blue eyes)`."""
        names = ", ".join([use.text for use in self.uses])
        return f"{self.idea.value} {self.points:g}" + (f" ({names})" if names else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity:
    """A prompt's complexity.

    Attributes:
        parts: what it is made of, what to mend first standing first.
    """

    parts: tuple[Share, ...]

    @property
    def points(self) -> float:
        """The number: 0 for a lone person doing one thing; lower is better."""
        return sum(part.points for part in self.parts)


def complexity(context: Context) -> Complexity:
    """Return how complex the prompt is, and why."""
    drawn = [use for use in context.positive.tags if use.is_drawn]
    gone = [case.use for case in hidden(context.positive)]
    places = {id(use) for use in gone}  # by identity: comparing two uses is dear
    left = [use for use in drawn if id(use) not in places]
    parts = [Share(idea=Idea.REDUNDANT, points=float(len(gone)), uses=tuple(gone))]
    parts += [_share(idea, find(context, left)) for idea, find in _FINDERS]
    parts.append(_further_people(context))
    return Complexity(parts=tuple([part for part in parts if part.points > 0]))


def _share(idea: Idea, uses: Iterable[TagUse]) -> Share:
    listed = tuple(uses)
    each = _WEAK if idea in (Idea.LOOKS, Idea.SCENERY) else 1.0
    return Share(idea=idea, points=each * len(listed), uses=listed)


def _rare(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    least = context.settings.pop.general_min
    return [use for use in drawn if use.group in _COUNTED_GROUPS and 0 < use.count < least]


def _unknown(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    known = context.settings.known_tags
    return [
        use
        for use in drawn
        if (
            use.entry is None and use.name not in known and not context.profile.is_quality(use.name)
        )
        or (use.entry is not None and "vague" in use.entry.flags)
    ]


def _overwhelmed(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    settings = context.settings.pop
    found = []
    for facet in _COMPETING:
        rivals = [use for use in drawn if use.facet == facet and use.count]
        for use in rivals:
            bar = max(settings.overtrained, use.count * settings.dominance)
            if any(
                one.count >= bar and one.weight >= use.weight and one.meets(use)
                for one in rivals
                if one is not use and not use.implies(one)
            ):
                found.append(use)
    return found


def _bleeding(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    enough = context.settings.bld.enough
    return [
        worn.bright[0]
        for worn in wardrobes(context)
        if worn.bright
        and worn.bright[0] in drawn
        and len(worn.colours) < enough
        and not (worn.has_hair and worn.has_eyes)
    ]


def _further_actions(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:  # noqa: ARG001  # one shape for all parts
    doing = [use for use in drawn if use.facet in _DOING and use.weight >= _WEAK]
    separate = [
        use for use in doing if not any(one is not use and one.implies(use) for one in doing)
    ]
    return separate[1:]


def _looks(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    who = people_of(context.positive)
    if who.is_one or not who.seen:
        return []
    return [use for use in drawn if use.group == "appearance"]


def _scenery(context: Context, drawn: Sequence[TagUse]) -> Iterable[TagUse]:
    if not people_of(context.positive).seen:
        return []  # a picture of a place is about the place
    return [use for use in drawn if use.group == "background"][_FREE_SCENERY:]


_FINDERS: Final[
    tuple[tuple[Idea, Callable[[Context, Sequence[TagUse]], Iterable[TagUse]]], ...]
] = (
    (Idea.RARE, _rare),
    (Idea.UNKNOWN, _unknown),
    (Idea.OVERWHELMED, _overwhelmed),
    (Idea.BLEEDING, _bleeding),
    (Idea.ACTIONS, _further_actions),
    (Idea.LOOKS, _looks),
    (Idea.SCENERY, _scenery),
)


def _further_people(context: Context) -> Share:
    """Return what people beyond the first add: 2 each, known characters 1.

    Of a crowd not every one is an idea of its own: more than three add nothing.
    """
    who = people_of(context.positive)
    further = min(max(who.seen - 1, 0), _MOST_FURTHER)
    known = min(further, len(who.named))
    return Share(
        idea=Idea.PEOPLE,
        points=2.0 * (further - known) + known + (1.0 if who.is_open else 0.0),
        uses=who.counts if further or who.is_open else (),
    )
