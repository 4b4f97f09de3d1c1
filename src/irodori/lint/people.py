"""Who is in a picture: how many people a prompt asks for, who has a name, who is described where.

The count is a lower bound: `multiple girls` is two or more. In a pov picture one of the people
holds the camera and is not seen. After a BREAK each section with looks of its own is one person
(P13).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from irodori.lint.context import PromptView, TagUse

_NUMBERED: Final = re.compile(r"(\d)(\+?)(girl|boy|other)s?")
_MULTIPLE: Final = re.compile(r"multiple (girl|boy|other)s")
_CROWDS: Final = frozenset({"crowd", "everyone"})
_CROWD: Final = 6
_LOOKS: Final = "appearance"
_POV: Final = frozenset({"pov", "pov hands", "female pov", "male pov"})


class Sameness(IntEnum):
    """Whether two tags speak of one person."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people a prompt asks for.

    Attributes:
        least: how many at least; 0 if no tag says so.
        is_open: there may be more: `multiple girls`, `6+girls`, a crowd.
        counts: the tags that say how many.
        named: the first tag of each known character.
        is_solo: `solo` stands there.
        is_pov: one of them is the viewer.
        sections: (AND part, section) of those that describe a person, in the order of the text.
        is_split: a BREAK parts the prompt.
        shared: sections that say themselves that they are about several.
    """

    least: int
    is_open: bool
    counts: tuple[TagUse, ...]
    named: tuple[TagUse, ...]
    is_solo: bool
    is_pov: bool
    sections: tuple[tuple[int, int], ...]
    is_split: bool
    shared: frozenset[tuple[int, int]] = frozenset()

    @property
    def total(self) -> int:
        """How many people there are at least: counted or named, whichever is more."""
        return max(self.least, len(self.named))

    @property
    def seen(self) -> int:
        """How many of them the picture shows."""
        return self.total - 1 if self.is_pov and self.total > 1 else self.total

    @property
    def is_one(self) -> bool:
        """One person at most is seen."""
        return self.is_solo or (self.seen <= 1 and not self.is_open)

    @property
    def invented(self) -> tuple[tuple[int, int], ...]:
        """The sections after the first that describe somebody without a known name."""
        known = {(use.part, use.section) for use in self.named}
        return tuple([place for place in self.sections if place[1] > 0 and place not in known])

    def same(self, one: TagUse, other: TagUse) -> Sameness:
        """Tell whether two tags speak of one person."""
        if one.part != other.part:
            return Sameness.NO
        if self.is_one:
            return Sameness.YES
        if not self.is_split or 0 in (one.section, other.section):
            return Sameness.MAYBE
        if one.section != other.section:
            return Sameness.NO
        return Sameness.MAYBE if (one.part, one.section) in self.shared else Sameness.YES


def people_of(view: PromptView) -> People:
    """Return who a prompt asks for; read once for all rules."""
    return view.once(_people_of)


def _people_of(view: PromptView) -> People:
    return people(view.tags)


def people(tags: Sequence[TagUse]) -> People:
    """Return who a prompt asks for.

    Args:
        tags: of a prompt, in the order of the text.
    """
    drawn = [use for use in tags if use.is_drawn]
    is_solo = any(use.facet == "solo" and use.name == "solo" for use in drawn)
    kinds = ("count",) if is_solo else ("count", "gathering")  # a crowd is scenery then
    counts = [use for use in drawn if use.facet in kinds]
    looks = dict.fromkeys((use.part, use.section) for use in drawn if use.group == _LOOKS)
    return People(
        least=_least(counts),
        is_open=any(_is_open(use.name) for use in counts),
        counts=tuple([use for use in counts if use.facet == "count"]),
        named=_characters(drawn),
        is_solo=is_solo,
        is_pov=any(use.name in _POV for use in drawn),
        sections=tuple(looks),
        is_split=any(use.section for use in drawn),
        shared=frozenset(
            (use.part, use.section)
            for use in counts
            if use.entry is not None and use.entry.people > 1
        ),
    )


def _least(counts: Iterable[TagUse]) -> int:
    by_kind: dict[str, int] = {}
    together = 0
    for use in counts:
        numbered = _NUMBERED.fullmatch(use.name)
        multiple = _MULTIPLE.fullmatch(use.name)
        if numbered:
            number, _, kind = numbered.groups()
            by_kind[kind] = max(by_kind.get(kind, 0), int(number))
        elif multiple:
            by_kind[multiple[1]] = max(by_kind.get(multiple[1], 0), 2)
        elif use.entry is not None:
            together = max(together, use.entry.people)
        if use.name in _CROWDS:
            together = max(together, _CROWD)
    return max(sum(by_kind.values()), together)


def _is_open(name: str) -> bool:
    return "+" in name or _MULTIPLE.fullmatch(name) is not None or name in _CROWDS


def _characters(drawn: Iterable[TagUse]) -> tuple[TagUse, ...]:
    """Return one tag for each character; a character's outfits are the same character."""
    first: dict[str, TagUse] = {}
    for use in drawn:
        if use.entry is not None and use.entry.category == "character":
            first.setdefault(use.entry.name.split(" (")[0], use)
    return tuple(first.values())


def is_mutual(use: TagUse) -> bool:
    """Tell whether a tag is something that several people do together."""
    if use.entry is not None and (use.entry.mutual or use.facet == "interaction"):
        return True
    return any(word in use.name for word in ("another", "each other"))
