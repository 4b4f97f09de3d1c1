"""The rows of a prompt and what is listed in them, for those who move and change tags.

A row is a list of nodes that stand side by side: a part of the prompt, the inside of a group, one
option of an alternation. Its entries are what separators, BREAK and comments part: mostly one tag,
sometimes a group with several.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from irodori.prompt.ast import (
    Alternation,
    Break,
    Comment,
    Escape,
    Group,
    Node,
    Prompt,
    Schedule,
    Separator,
    Space,
    Stray,
    Variants,
)
from irodori.prompt.escaping import spaced
from irodori.prompt.render import render_node
from irodori.prompt.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to a text.

    Args:
        span: what is replaced; empty to insert.
        text: what stands there afterwards.
    """

    span: Span
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text after some edits, all given in places of the text before.

    Of two inserted at the same place, the one given first comes first.

    Raises:
        ValueError: two edits overlap, or one lies outside the text.
    """
    out: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if not at <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError(f"edit {edit} overlaps another or lies outside the text")
        out += text[at : edit.span.start], edit.text
        at = edit.span.end
    out.append(text[at:])
    return "".join(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands between two separators of a row, without the blanks around it.

    Args:
        nodes: one or more, the first and the last no blank.
        section: how many BREAKs stand before it in its row.
    """

    nodes: tuple[Node, ...]
    section: int = 0

    @property
    def span(self) -> Span:
        """Its code points."""
        return Span(self.nodes[0].span.start, self.nodes[-1].span.end)

    @property
    def core(self) -> tuple[Node, ...]:
        """Its nodes without the emphasis around all of them."""
        nodes = self.nodes
        while len(nodes) == 1 and isinstance(nodes[0], Group):
            inner = entries(nodes[0].nodes)
            if len(inner) != 1 or any(isinstance(n, Separator | Break) for n in nodes[0].nodes):
                break
            nodes = inner[0].nodes
        return nodes

    @property
    def factor(self) -> float:
        """What the emphasis around all of it multiplies its weight by."""
        factor = 1.0
        nodes = self.nodes
        core = self.core
        while nodes != core and isinstance(nodes[0], Group):
            factor *= nodes[0].factor
            nodes = entries(nodes[0].nodes)[0].nodes
        return factor

    @property
    def name(self) -> str:
        r"""What it says: escapes resolved, without the emphasis around it: `saber (fate)`."""
        return "".join(
            [node.value if isinstance(node, Escape) else render_node(node) for node in self.core]
        )

    @property
    def key(self) -> str:
        """Its name as tags are compared: lower case, spaces for underscores."""
        return " ".join(spaced(self.name).casefold().split())


def rows(prompt: Prompt) -> Iterator[Sequence[Node]]:
    """Yield every row of a prompt, outer before inner."""
    for row in top_rows(prompt):
        yield from _rows_within(row)


def top_rows(prompt: Prompt) -> tuple[Sequence[Node], ...]:
    """Return the rows that lie in no bracket, none of them empty."""
    return tuple([row for part in prompt.parts for row in (part.nodes, part.tail) if row])


def _rows_within(row: Sequence[Node]) -> Iterator[Sequence[Node]]:
    yield row
    for node in row:
        for inner in inner_rows(node):
            yield from _rows_within(inner)


def inner_rows(node: Node) -> tuple[Sequence[Node], ...]:
    """Return the rows directly inside a node; a weight's own schedule is none of them."""
    match node:
        case Group():
            return (node.nodes,)
        case Schedule(before=None):
            return (node.after,)
        case Schedule(before=before) if before is not None:
            return (before, node.after)
        case Alternation():
            return node.options
        case Variants():
            return tuple([option.nodes for option in node.options])
        case _:
            return ()


def entries(row: Sequence[Node]) -> tuple[Entry, ...]:
    """Return what is listed in a row, in order; nothing for what stands empty between commas."""
    found: list[Entry] = []
    held: list[Node] = []
    section = 0
    for node in row:
        if not isinstance(node, Separator | Break | Comment):
            if held or not isinstance(node, Space):
                held.append(node)
            continue
        _collect(found, held, section)
        section += isinstance(node, Break)
    _collect(found, held, section)
    return tuple(found)


def _collect(found: list[Entry], held: list[Node], section: int) -> None:
    while held and isinstance(held[-1], Space):
        held.pop()
    if held:
        found.append(Entry(nodes=tuple(held), section=section))
        held.clear()


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes and all that is inside them."""
    for node in nodes:
        yield node
        for row in inner_rows(node):
            yield from flat(row)


def is_sound(nodes: Iterable[Node]) -> bool:
    """Tell whether brackets can be put around some nodes without changing what closes what."""
    return not any(
        isinstance(node, Stray | Break | Comment) or (isinstance(node, Escape) and not node.value)
        for node in flat(nodes)
    )
