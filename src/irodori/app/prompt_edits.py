r"""Small changes to a prompt, as one says them: add a tag, drop one, give one another weight.

All find a tag by what it says, wherever it stands: `smirk` finds `(smirk:0.5)` and `Smirk`;
`<lora:style>` finds that network at any strength. What is not concerned keeps its characters.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.errors import InputError, UnknownNameError
from irodori.prompt import Edit, Span, apply, escape, parse, set_weight
from irodori.prompt.ast import Network, Node, Space
from irodori.prompt.curves import read_tag
from irodori.prompt.entries import Entry, entries, flat, inner_rows, top_rows
from irodori.prompt.escaping import spaced
from irodori.prompt.weights import weight_text

Rank = Callable[[str], int | None]
"""The place of a tag in the order of a prompt (P2), lowest first; None where it is not known."""

_SAME: Final = 1e-6
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_SYNTAX: Final = frozenset("()[]{}<>|\\")


def no_rank(_: str) -> int | None:
    """Return None: nothing is known of any tag's place."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tag was found.

    Args:
        row: what is listed beside it.
        index: which of the row it is.
        factor: what the brackets around its row multiply its weight by.
    """

    row: tuple[Entry, ...]
    index: int
    factor: float

    @property
    def entry(self) -> Entry:
        """The tag, with the brackets around it alone."""
        return self.row[self.index]


def split_weight(text: str) -> tuple[str, float | None]:
    """Return a tag and the weight written after it: `dutch angle:0.3`; None without one.

    What has syntax of its own (`[a:b:0.3]`, `<lora:x:0.7>`) is one text.
    """
    name, colon, number = text.rpartition(":")
    is_weight = _NUMBER.fullmatch(number.strip()) and not set(text) & _SYNTAX
    if colon and name.strip() and is_weight:
        return name.strip(), float(number)
    return text.strip(), None


def add_tag(text: str, tag: str, *, weight: float | None = None, rank: Rank = no_rank) -> str:
    """Return a prompt with one more tag, where the order of a prompt (P2) wants it.

    It comes after the last tag of its own group or an earlier one; a tag whose group is not known
    comes at the end, before the networks. A network comes at the very end.

    Args:
        text: the prompt.
        tag: its name; text with brackets of its own is put in as it is.
        weight: 1 or None writes none.
        rank: tells a tag's place.

    Raises:
        InputError: the prompt has the tag already.
    """
    if not tag.strip():
        raise InputError("give the tag to add a name")
    if find_tag(text, tag) is not None:
        raise InputError(f"'{tag}' is in the prompt already; change it: --weight '{tag}=0.8'")
    written = _written(tag, weight)
    if tag.startswith("<"):
        return f"{text.rstrip()} {written}".lstrip()
    tags = [entry for entry in _first_section(text) if not _is_network(entry)]
    if not tags:
        return f"{written}, {text}" if text.strip() else written
    before = _entry_before(tags, rank(_key(tag)), rank)
    if before is None:
        start = tags[0].span.start
        return apply(text, (Edit(span=Span(start, start), text=f"{written}, "),))
    end = before.span.end
    return apply(text, (Edit(span=Span(end, end), text=f", {written}"),))


def drop_tag(text: str, tag: str) -> str:
    """Return a prompt without a tag, everywhere it stands.

    Raises:
        UnknownNameError: the prompt does not have it; carries the nearest it has.
    """
    before = text
    while (place := find_tag(text, tag)) is not None:
        text = apply(text, (_removal(place, tag),))
    if text == before:
        raise _not_there(text, tag)
    return text


def weigh_tag(text: str, tag: str, weight: float) -> str:
    """Return a prompt in which a tag has a weight, brackets around its neighbours counted in.

    Raises:
        UnknownNameError: the prompt does not have it; carries the nearest it has.
        InputError: its weight cannot be set, since it is scheduled.
    """
    place = find_tag(text, tag)
    if place is None:
        raise _not_there(text, tag)
    network = _network_of(place.entry, tag)
    target = weight if network else weight / (place.factor or 1.0)
    edits = set_weight(text, network[0].span if network else place.entry.span, target)
    changed = apply(text, edits)
    after = find_tag(changed, tag)
    if after is None or (not edits and abs(place.entry.factor - target) > _SAME):
        raise InputError(f"the weight of '{tag}' cannot be set where it stands; edit the prompt")
    return changed


def find_tag(text: str, tag: str) -> Place | None:
    """Return where a tag first stands, outside brackets before inside; None where it does not."""
    key = _key(tag)
    rows: list[tuple[Sequence[Node], float]] = [(row, 1.0) for row in top_rows(parse(text))]
    for row, factor in rows:
        listed = entries(row)
        for index, entry in enumerate(listed):
            if entry.key == key or _network_of(entry, tag):
                return Place(row=listed, index=index, factor=factor)
        for entry in listed:
            rows += _inside(entry.nodes, factor)
    return None


def _inside(nodes: Sequence[Node], factor: float) -> Iterator[tuple[Sequence[Node], float]]:
    for node in nodes:
        own = getattr(node, "factor", 1.0)
        for row in inner_rows(node):
            yield row, factor * own


def _written(tag: str, weight: float | None) -> str:
    text = tag.strip()
    if not set(text) & _SYNTAX:
        text = escape(text)
    return text if weight is None or weight == 1.0 else f"({text}:{weight_text(weight)})"


def _key(tag: str) -> str:
    listed = [entry for row in top_rows(parse(tag)) for entry in entries(row)]
    return listed[0].key if len(listed) == 1 else " ".join(spaced(tag).casefold().split())


def _network_of(entry: Entry, tag: str) -> tuple[Network, ...]:
    """Return the network in an entry that a tag such as `<lora:style>` names, or nothing."""
    wanted = tag.strip().strip("<>").split(":")
    if not tag.strip().startswith("<") or len(wanted) < 2:
        return ()
    found = (node for node in flat(entry.nodes) if isinstance(node, Network))
    named = (node for node in found if (node.kind, read_tag(node).name) == (wanted[0], wanted[1]))
    first = next(named, None)
    return () if first is None else (first,)


def _is_network(entry: Entry) -> bool:
    return all(isinstance(node, Network | Space) for node in entry.nodes)


def _first_section(text: str) -> tuple[Entry, ...]:
    """Return what is listed in the first part before the first BREAK: what holds for all (P13)."""
    row = parse(text).parts[0].nodes
    return tuple(entry for entry in entries(row) if entry.section == 0)


def _entry_before(tags: Sequence[Entry], wanted: int | None, rank: Rank) -> Entry | None:
    """Return the tag after which one of a rank is put; None for the very beginning."""
    if wanted is None:
        return tags[-1]
    found: Entry | None = None
    follows = True
    for entry in tags:
        own = rank(entry.key)
        # What is not known belongs to what stands before it.
        follows = follows if own is None else own <= wanted
        found = entry if follows else found
    return found


def _removal(place: Place, tag: str) -> Edit:
    """Take a tag out with the separator before it, or after it where it is the first."""
    entry = place.entry
    network = _network_of(entry, tag)
    if network and len(entry.nodes) > 1:
        return Edit(span=network[0].span, text="")
    row, index = place.row, place.index
    if index and row[index - 1].section == entry.section:
        return Edit(span=Span(row[index - 1].span.end, entry.span.end), text="")
    if index + 1 < len(row) and row[index + 1].section == entry.section:
        return Edit(span=Span(entry.span.start, row[index + 1].span.start), text="")
    return Edit(span=entry.span, text="")


def _not_there(text: str, tag: str) -> UnknownNameError:
    known = dict.fromkeys(entry.name for row in top_rows(parse(text)) for entry in entries(row))
    return UnknownNameError("tag of the prompt", tag, tuple(known))
