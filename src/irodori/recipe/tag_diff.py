"""What changed between two prompts, tag by tag, with weights.

The tags are read from the prompt language's tree: emphasis becomes a number, escapes are
resolved, networks are tags of their own, a schedule or an alternation is one tag as written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from irodori.prompt import Dialect, parse
from irodori.prompt.ast import Break, Group, Network, Node, Space
from irodori.prompt.composition import part_weight
from irodori.prompt.curves import read_tag
from irodori.prompt.entries import Entry, entries
from irodori.recipe.infotext.forms import number_text

_DIGITS = 6
"""Weights nearer than this are equal: `(((x)))` and `(x:1.331)` say the same."""


class ChangeKind(StrEnum):
    """What happened to a tag or a setting."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    RESPELT = "respelt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Args:
        kind: what happened.
        where: `prompt`, `negative prompt`, or "" for a setting.
        name: the tag, or the setting's name.
        before: weight or value before; "" where there was none, or a weight of 1 was not said.
        after: weight or value afterwards.
    """

    kind: ChangeKind
    where: str
    name: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        prefix = "negative: " if self.where == "negative prompt" else ""
        match self.kind:
            case ChangeKind.ADDED:
                text = f"+ {self.name} {self.after}"
            case ChangeKind.REMOVED:
                text = f"- {self.name} {self.before}"
            case ChangeKind.CHANGED:
                text = f"{self.name} {self.before} -> {self.after}"
            case ChangeKind.MOVED:
                text = f"~ {self.name} moved"
            case ChangeKind.RESPELT:
                text = f"~ {self.where}: only blanks, separators or brackets changed"
        return (prefix + text).rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag as it is compared.

    Args:
        key: how it is compared: lower case, spaces for underscores.
        name: as a person reads it.
        weight: its weight, or a network's strengths as written.
    """

    key: str
    name: str
    weight: str


def tags_of(prompt: str, *, dialect: Dialect = Dialect.IRODORI) -> tuple[Tag, ...]:
    """Return a prompt's tags in order, BREAK and AND among them."""
    found: list[Tag] = []
    for index, part in enumerate(parse(prompt, dialect=dialect).parts):
        weight = part_weight(part)
        if index or weight != 1.0:
            found.append(Tag(key=" and", name="AND", weight=_weight_text(weight)))
        for row in (part.nodes, part.tail):
            found += _row_tags(row, 1.0)
    return tuple(found)


def diff_prompts(
    before: str, after: str, *, where: str, dialect: Dialect = Dialect.IRODORI
) -> tuple[Change, ...]:
    """Return what changed from one prompt to another; nothing only where the texts are equal.

    Args:
        before: the earlier prompt.
        after: the later prompt.
        where: `prompt` or `negative prompt`.
        dialect: how both are read.
    """
    if before == after:
        return ()
    old, new = (tags_of(text, dialect=dialect) for text in (before, after))
    changes = tuple(_changes(old, new, where))
    return changes or (Change(kind=ChangeKind.RESPELT, where=where, name=where),)


def _changes(old: Sequence[Tag], new: Sequence[Tag], where: str) -> Iterator[Change]:
    left = _numbered(old)
    right = _numbered(new)
    moved = _moved([key for key in left if key in right], [key for key in right if key in left])
    for key, tag in right.items():
        if key not in left:
            yield Change(
                kind=ChangeKind.ADDED, where=where, name=tag.name, after=_unless_one(tag.weight)
            )
            continue
        if left[key].weight != tag.weight:
            yield Change(
                kind=ChangeKind.CHANGED,
                where=where,
                name=tag.name,
                before=left[key].weight,
                after=tag.weight,
            )
        if key in moved:
            yield Change(kind=ChangeKind.MOVED, where=where, name=tag.name)
    for key, tag in left.items():
        if key not in right:
            yield Change(
                kind=ChangeKind.REMOVED, where=where, name=tag.name, before=_unless_one(tag.weight)
            )


def _unless_one(weight: str) -> str:
    return "" if weight == "1.0" else weight


def _numbered(tags: Iterable[Tag]) -> dict[tuple[str, int], Tag]:
    """Key each tag by its name and how often the name came before."""
    found: dict[tuple[str, int], Tag] = {}
    counts: dict[str, int] = {}
    for tag in tags:
        counts[tag.key] = counts.get(tag.key, 0) + 1
        found[tag.key, counts[tag.key]] = tag
    return found


def _moved(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return the tags that are not in the longest run of kept order."""
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    kept = {key for block in matcher.get_matching_blocks() for key in new[block.b :][: block.size]}
    return set(new) - kept


def _row_tags(row: Sequence[Node], factor: float) -> Iterator[Tag]:
    section = 0
    for entry in entries(row):
        for _ in range(entry.section - section):
            yield Tag(key=" break", name="BREAK", weight="1.0")
        section = entry.section
        yield from _entry_tags(entry, factor)
    for _ in range(sum(isinstance(node, Break) for node in row) - section):
        yield Tag(key=" break", name="BREAK", weight="1.0")


def _entry_tags(entry: Entry, factor: float) -> Iterator[Tag]:
    networks = [node for node in entry.nodes if isinstance(node, Network)]
    if networks:
        words = _trimmed([node for node in entry.nodes if not isinstance(node, Network)])
        if words:
            yield from _entry_tags(Entry(nodes=words), factor)
        yield from map(_network_tag, networks)
        return
    core, weight = entry.core, factor * entry.factor
    if len(core) == 1 and isinstance(core[0], Group):
        yield from _row_tags(core[0].nodes, weight * core[0].factor)
    elif any(isinstance(node, Network) for node in core):
        yield from _entry_tags(Entry(nodes=core), weight)
    else:
        yield Tag(key=entry.key, name=entry.name, weight=_weight_text(weight))


def _trimmed(nodes: list[Node]) -> tuple[Node, ...]:
    while nodes and isinstance(nodes[0], Space):
        del nodes[0]
    while nodes and isinstance(nodes[-1], Space):
        del nodes[-1]
    return tuple(nodes)


def _network_tag(node: Network) -> Tag:
    name = read_tag(node).name
    strengths = ":".join(item for item in node.items if item != name)
    return Tag(key=f"<{node.kind}:{name}>", name=f"<{node.kind}:{name}>", weight=strengths or "1.0")


def _weight_text(weight: float) -> str:
    text = number_text(round(weight, _DIGITS))
    return text if "." in text else f"{text}.0"
