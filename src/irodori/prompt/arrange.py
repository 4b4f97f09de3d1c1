r"""Changes to which tags there are and in what order: move, switch off, sort, break, merge.

All take a text and give edits to it (`irodori.prompt.entries.apply`); what is not concerned keeps
its characters. None is an empty tuple when there is nothing to do.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from irodori.prompt.ast import Escape, Network, Node, Prompt, Schedule, Text
from irodori.prompt.entries import Edit, Entry, entries, flat, is_sound, rows
from irodori.prompt.escaping import is_face, spaced
from irodori.prompt.parser import parse
from irodori.prompt.span import Span

_NEVER: Final = "::0]"  # `[x::0]`: x until step 0


def move_tag(text: str, cursor: int, places: int) -> tuple[Edit, ...]:
    """Return the edits that move the tag at a cursor along its row.

    The tags it passes close the gap; separators and BREAK stay where they are.

    Args:
        text: a prompt.
        cursor: a code point in the tag or at its edge.
        places: how far, negative to the left; stops at the ends of the row.
    """
    row, at = _row_at(parse(text), cursor)
    if at is None:
        return ()
    target = min(max(at + places, 0), len(row) - 1)
    order = [i for i in range(len(row)) if i != at]
    order.insert(target, at)
    return _rearranged(text, row, [row[i] for i in order])


def sort_tags(text: str, rank: Callable[[str], Any]) -> tuple[Edit, ...]:
    """Return the edits that sort the tags of each chunk.

    A chunk here is what stands between two BREAKs or ANDs. A group of several tags moves as one;
    networks stay in their places. Tags of equal rank keep their order.

    Args:
        text: a prompt.
        rank: of a tag's name (escapes resolved, no emphasis), as for `sorted`'s key.
    """
    edits: list[Edit] = []
    for chunk in _chunks(parse(text)):
        tags = [entry for entry in chunk if not _is_network(entry)]
        edits += _rearranged(text, tags, sorted(tags, key=lambda entry: rank(entry.name)))
    return tuple(edits)


def toggle_tag(text: str, cursor: int) -> tuple[Edit, ...]:
    r"""Return the edits that switch the tag at a cursor off, or on again.

    Off is `[tag::0]`, "tag until step 0": never drawn, in A1111 too, and nothing of it is lost.
    A colon in the tag is written `\:` meanwhile.
    """
    prompt = parse(text)
    for row in rows(prompt):
        for node in row:
            if is_off(node) and node.span.touches(cursor):
                return _switched_on(node)
    entry_row, at = _row_at(prompt, cursor)
    if at is None or not is_sound(entry_row[at].nodes):
        return ()
    span = entry_row[at].span
    colons = [
        Edit(span=Span(place, place), text="\\")
        for node in flat(entry_row[at].nodes)
        if isinstance(node, Text)
        for place, char in enumerate(node.source, node.span.start)
        if char == ":"
    ]
    return (
        Edit(span=Span(span.start, span.start), text="["),
        *colons,
        Edit(span=Span(span.end, span.end), text=_NEVER),
    )


def is_off(node: Node) -> bool:
    """Tell whether a node is a tag switched off by `toggle_tag`."""
    return isinstance(node, Schedule) and not node.after and node.when.value <= 0


def insert_break(text: str, cursor: int, *, tree: Prompt | None = None) -> tuple[Edit, ...]:
    """Return the edit that begins a new chunk at a cursor.

    The tag the cursor is in, or the next one, becomes the chunk's first; inside brackets that is
    the tag of the outermost row.

    Args:
        text: a prompt.
        cursor: a code point of it.
        tree: of the text, as it is read. Default: a prompt in the dialect irodori.
    """
    tops = [entry for chunk in _chunks(tree or parse(text)) for entry in chunk]
    place = next((entry.span.start for entry in tops if cursor < entry.span.end), len(text))
    before = "" if place == 0 or text[place - 1].isspace() else " "
    return (Edit(span=Span(place, place), text=f"{before}BREAK "),)


def merge_duplicates(text: str) -> tuple[Edit, ...]:
    """Return the edits that leave each tag of a chunk once, where it first stands.

    The one that stays gets the strongest weight any of them had. Case and underscores do not
    matter; tags in different chunks are no duplicates, and neither are those inside schedules.
    """
    edits: list[Edit] = []
    for chunk in _chunks(parse(text)):
        same: dict[str, list[int]] = {}
        for i, entry in enumerate(chunk):
            if not _is_network(entry):
                same.setdefault(entry.key, []).append(i)
        for first, *others in same.values():
            if not others:
                continue
            strongest = max((chunk[i] for i in (first, *others)), key=lambda one: abs(one.factor))
            if strongest.factor != chunk[first].factor:
                edits.append(Edit(span=chunk[first].span, text=strongest.span.of(text)))
            edits += [_removed(chunk, i) for i in others]
    return tuple(edits)


def underscores_to_spaces(text: str) -> tuple[Edit, ...]:
    """Return the edits that write tags with spaces: `long_hair` as `long hair`.

    Emoticons (`^_^`), the `score_9` tags of other model families, wildcards and networks keep
    their underscores.
    """
    return tuple(
        Edit(span=node.span, text=node.source.replace("_", " "))
        for row in rows(parse(text))
        for entry in entries(row)
        if not is_face(entry.name) and spaced(entry.name) != entry.name
        for node in entry.nodes
        if isinstance(node, Text) and "_" in node.source
    )


def _switched_on(node: Node) -> tuple[Edit, ...]:
    assert isinstance(node, Schedule)  # noqa: S101  # is_off said so
    inside = node.before or ()
    end = inside[-1].span.end if inside else node.span.start + 1
    colons = [
        Edit(span=Span(one.span.start, one.span.start + 1), text="")
        for one in flat(inside)
        if isinstance(one, Escape) and one.value == ":"
    ]
    return (
        Edit(span=Span(node.span.start, node.span.start + 1), text=""),
        *colons,
        Edit(span=Span(end, node.span.end), text=""),
    )


def _chunks(prompt: Prompt) -> Iterator[list[Entry]]:
    for part in prompt.parts:
        for _, chunk in groupby(entries(part.nodes), key=lambda entry: entry.section):
            yield list(chunk)


def _row_at(prompt: Prompt, cursor: int) -> tuple[tuple[Entry, ...], int | None]:
    """Return the innermost row whose entry a cursor touches, and which entry.

    What is alone between its brackets, as in `(tag:1.2)`, goes with them.
    """
    found: tuple[tuple[Entry, ...], int | None] = ((), None)
    for row in rows(prompt):
        listed = entries(row)
        for i, entry in enumerate(listed):
            if entry.span.touches(cursor) and (len(listed) > 1 or found[1] is None):
                found = listed, i
    return found


def _is_network(entry: Entry) -> bool:
    return all(isinstance(node, Network) for node in entry.nodes)


def _rearranged(text: str, places: Sequence[Entry], order: Sequence[Entry]) -> tuple[Edit, ...]:
    return tuple(
        Edit(span=place.span, text=entry.span.of(text))
        for place, entry in zip(places, order, strict=True)
        if place is not entry
    )


def _removed(chunk: Sequence[Entry], at: int) -> Edit:
    """Take an entry out with the separator before it; it is not the first of its chunk."""
    return Edit(span=Span(chunk[at - 1].span.end, chunk[at].span.end), text="")
