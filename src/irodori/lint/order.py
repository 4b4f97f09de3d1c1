"""The order of a prompt (P2): which place each group has, and the edits that sort a chunk.

quality?, people, character?, action, appearance, background, composition, style?, quality?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from irodori.lint.context import PromptView, TagUse
from irodori.lint.diagnostic import Edit
from irodori.prompt.ast import Network
from irodori.prompt.entries import Entry, entries, flat
from irodori.prompt.span import Span

PLACES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "people": 1,
        "character": 2,
        "action": 3,
        "appearance": 4,
        "background": 5,
        "composition": 6,
        "style": 7,
    }
)
"""Places by group; ratings, meta tags and unknown ones have none and follow what they stand by."""

_FIRST: Final = 0
_LAST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What is sorted together: the tags between two BREAKs that fall into one chunk.

    Args:
        entries: what is listed there, networks left out.
        uses: the tags of each entry.
    """

    entries: tuple[Entry, ...]
    uses: tuple[tuple[TagUse, ...], ...]


def stretches(view: PromptView) -> tuple[Stretch, ...]:
    """Return the stretches of a prompt, in the order of the text."""
    found: dict[tuple[int, int, int], list[tuple[Entry, tuple[TagUse, ...]]]] = {}
    at = 0
    for number, part in enumerate(view.tree.parts):
        for entry in entries(part.nodes):
            inside = []
            while at < len(view.tags) and view.tags[at].span.start < entry.span.end:
                if view.tags[at].span.start >= entry.span.start:
                    inside.append(view.tags[at])
                at += 1
            if inside and not any(isinstance(node, Network) for node in flat(entry.nodes)):
                key = (number, entry.section, inside[0].chunk)
                found.setdefault(key, []).append((entry, tuple(inside)))
    return tuple(
        Stretch(entries=tuple([e for e, _ in each]), uses=tuple([u for _, u in each]))
        for each in found.values()
    )


def sorted_edits(view: PromptView, stretch: Stretch) -> tuple[Edit, ...]:
    """Return the edits that put a stretch in order; what is in order keeps its order."""
    return tuple(
        [
            Edit(
                field=view.field,
                span=Span(*stretch.entries[to].span),
                text=stretch.entries[source].span.of(view.text),
            )
            for to, source in enumerate(_order(stretch.uses))
            if to != source
        ]
    )


def in_order(uses: Sequence[Sequence[TagUse]]) -> list[Sequence[TagUse]]:
    """Return the tags of each entry of a stretch as they stand after sorting."""
    return [uses[source] for source in _order(uses)]


def _order(uses: Sequence[Sequence[TagUse]]) -> list[int]:
    places = _places(uses)
    return sorted(range(len(places)), key=lambda i: places[i])


def _places(uses: Sequence[Sequence[TagUse]]) -> list[int]:
    """Return each entry's place; what has none has that of the entry before it."""
    places: list[int] = []
    for inside in uses:
        own = [PLACES[use.group] for use in inside if use.group in PLACES]
        if own:
            places.append(min(own))
        elif any(use.group == "quality" for use in inside):
            places.append(_LAST if any(places) else _FIRST)
        else:
            places.append(places[-1] if places else _FIRST)
    return places
