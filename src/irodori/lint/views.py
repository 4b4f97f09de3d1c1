"""From a text to a `PromptView`: every tag with its place, weight, chunk, and when it is in force.

The tree is walked once. Brackets around one tag belong to it; schedules, alternations and choices
are followed into every branch, so that `[red:blue:0.5] hair` is `red hair` and then `blue hair`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from irodori.lint.context import NetworkUse, PromptView, TagUse
from irodori.lint.diagnostic import Field
from irodori.prompt.ast import (
    Alternation,
    Bracket,
    Escape,
    Group,
    Network,
    Node,
    Part,
    Schedule,
    Separator,
    Space,
    Stray,
    Text,
    Variants,
    Wildcard,
)
from irodori.prompt.chunk import DEFAULT_BACKTRACK
from irodori.prompt.chunked import ChunkedPrompt, Kinship, belong_together, chunk_nodes
from irodori.prompt.curves import read_strengths, read_tag
from irodori.prompt.dialect import Dialect
from irodori.prompt.entries import Entry, entries
from irodori.prompt.escaping import spaced
from irodori.prompt.parser import parse
from irodori.prompt.schedule import Clock, resolve
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import Tokenizer

if TYPE_CHECKING:
    from irodori.tags import Tag

_DEEPEST_SPLIT: Final = 3  # brackets inside one tag that are followed: `[a|b] [c|d] [e|f] hair`
_CURVE_SAMPLES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a prompt is read.

    Args:
        tokenizer: CLIP's.
        lookup: what the vocabulary knows of a name.
        steps: of the first pass, 1 or more; places what `[a:b:12]` does.
        dialect: how the text is read.
        backtrack: see `irodori.prompt.chunk`.
        kinship: which neighbours are one idea.
    """

    tokenizer: Tokenizer
    lookup: "Callable[[str], Tag | None]"
    steps: int = 28
    dialect: Dialect = Dialect.IRODORI
    backtrack: int = DEFAULT_BACKTRACK
    kinship: Kinship = belong_together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What holds for all that stands at one place of the tree."""

    part: int = 0
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0
    in_schedule: bool = False
    branches: tuple[tuple[int, int], ...] = ()
    splits: int = 0
    editable: bool = True
    outer: Span | None = None

    def inside(self, bracket: Node, branch: int, start: float, end: float) -> "_Place":
        """Return the place of one branch of a bracket, in force within these shares."""
        return replace(
            self,
            start=max(self.start, start),
            end=min(self.end, end),
            in_schedule=True,
            branches=(*self.branches, (bracket.span.start, branch)),
        )


def read_view(text: str, field: Field, reading: Reading) -> PromptView:
    """Return a prompt with its tags.

    Args:
        text: the prompt.
        field: which of the two; decides whether AND and networks mean something.
        reading: how.
    """
    tree = parse(text, dialect=reading.dialect, negative=field is Field.NEGATIVE_PROMPT)
    walk = _Walk(reading)
    chunked = tuple([_chunked(part, reading) for part in tree.parts])
    for number, part in enumerate(tree.parts):
        walk.row((*part.nodes, *part.tail), _Place(part=number))
    finders = [_ChunkFinder(one) for one in chunked]
    return PromptView(
        field=field,
        text=text,
        tree=tree,
        tags=tuple([replace(use, chunk=finders[use.part].chunk_of(use.span)) for use in walk.tags]),
        chunked=chunked,
        networks=_once_each(walk.networks),
    )


def _chunked(part: Part, reading: Reading) -> ChunkedPrompt:
    return chunk_nodes(
        resolve((*part.nodes, *part.tail), 1, Clock(steps=reading.steps)),
        reading.tokenizer,
        dialect=reading.dialect,
        backtrack=reading.backtrack,
        kinship=reading.kinship,
    )


class _ChunkFinder:
    """Finds the chunk of a place: that of the last token that begins at or before it."""

    def __init__(self, chunked: ChunkedPrompt) -> None:
        found = sorted(
            (span.start, number)
            for number, chunk in enumerate(chunked.chunks)
            for span in chunk.spans
        )
        self._starts = [start for start, _ in found]
        self._chunks = [number for _, number in found]

    def chunk_of(self, span: Span) -> int:
        at = bisect_right(self._starts, span.start) - 1
        return self._chunks[at] if at >= 0 else 0


class _Walk:
    """The descent; collects tags and networks in the order of the text."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._clock = Clock(steps=reading.steps)
        self._known: dict[str, Tag | None] = {}
        self.tags: list[TagUse] = []
        self.networks: list[NetworkUse] = []

    def row(self, nodes: Sequence[Node], place: _Place, section: int = 0) -> None:
        """Collect from nodes that stand side by side."""
        for entry in entries(nodes):
            self._entry(entry, place, section + entry.section)

    def _entry(self, entry: Entry, place: _Place, section: int) -> None:
        core = entry.core
        here = replace(place, weight=place.weight * entry.factor, outer=place.outer or entry.span)
        for node in core:
            if isinstance(node, Network):
                self._network(node, place)
        words = _trimmed([node for node in core if not isinstance(node, Network)])
        if not words:
            return
        if len(words) == 1 and not isinstance(words[0], Text):
            self._alone(words[0], here, section)
            return
        at = next((i for i, node in enumerate(words) if _splits(node)), None)
        if at is not None and place.splits < _DEEPEST_SPLIT:
            self._split(words, at, here, section)
            return
        whole = len(words) == len(core) or here.outer != entry.span
        self._tag(words, here if whole else replace(here, outer=_span(words)), section)

    def _alone(self, node: Node, here: _Place, section: int) -> None:
        """Collect from an entry that is one bracket."""
        if isinstance(node, Group):
            inner = replace(here, weight=here.weight * node.factor, outer=None)
            self.row(node.nodes, inner, section)
            return
        if _splits(node):
            for nodes, place in self._branches(node, replace(here, outer=None)):
                self.row(nodes, place, section)
            return
        self._tag([node], here, section)

    def _split(self, words: Sequence[Node], at: int, here: _Place, section: int) -> None:
        """Collect what an entry says in each branch of a bracket inside it."""
        around = replace(
            here, splits=here.splits + 1, editable=False, outer=here.outer or _span(words)
        )
        for nodes, place in self._branches(words[at], around):
            self.row((*words[:at], *nodes, *words[at + 1 :]), place, section)

    def _branches(self, node: Node, place: _Place) -> Iterator[tuple[Sequence[Node], _Place]]:
        match node:
            case Schedule(before=before, after=after, when=when):
                share = self._clock.switch(when) / self._clock.steps
                yield before or (), place.inside(node, 0, 0.0, share)
                yield after, place.inside(node, 1, share, 1.0)
            case Alternation(options=options, bracket=bracket, weight=weight):
                if bracket is Bracket.ROUND:
                    factor = bracket.factor
                    if weight is not None and weight.value is not None:
                        factor = weight.value
                    place = replace(place, weight=place.weight * factor)
                for number, option in enumerate(options):
                    yield option, place.inside(node, number, 0.0, 1.0)
            case Variants(options=variants):
                for number, variant in enumerate(variants):
                    yield variant.nodes, place.inside(node, number, 0.0, 1.0)
            case _:
                pass

    def _tag(self, words: Sequence[Node], place: _Place, section: int) -> None:
        spoken = " ".join(_spoken(words).split())
        if not spoken:
            return
        name = spaced(spoken).lower()
        if name not in self._known:
            self._known[name] = self._reading.lookup(spoken)
        outer = place.outer or _span(words)
        span = _span(words) if place.editable else outer
        plain = place.editable and all(
            isinstance(node, Text | Space | Escape | Stray) for node in words
        )
        self.tags.append(
            TagUse(
                name=name,
                text=_written(words) if plain else spoken,
                span=span,
                outer=outer,
                weight=place.weight,
                part=place.part,
                section=section,
                start=place.start,
                end=place.end,
                entry=self._known[name],
                in_schedule=place.in_schedule,
                editable=plain,
                branches=place.branches,
            )
        )

    def _network(self, node: Network, place: _Place) -> None:
        tag = read_tag(node, name_first=self._reading.dialect is Dialect.IRODORI)
        strengths = read_strengths(tag)
        weight, start, end = 0.0, place.start, place.end
        if not isinstance(strengths, str):
            curve = strengths[0].unet
            samples = [curve.at(step, _CURVE_SAMPLES) for step in range(1, _CURVE_SAMPLES + 1)]
            on = [number for number, value in enumerate(samples) if value]
            weight = max(samples, key=abs)
            if on:
                start = max(start, on[0] / _CURVE_SAMPLES)
                end = min(end, (on[-1] + 1) / _CURVE_SAMPLES)
        self.networks.append(
            NetworkUse(
                name=tag.name,
                kind=tag.kind,
                span=node.span,
                weight=weight,
                start=start,
                end=end,
                tag=tag,
            )
        )


def _once_each(met: Sequence[NetworkUse]) -> tuple[NetworkUse, ...]:
    """Return each network once: one in brackets is met once for each way through them."""
    once: dict[Span, NetworkUse] = {}
    for use in met:
        other = once.get(use.span, use)
        once[use.span] = replace(
            use, start=min(use.start, other.start), end=max(use.end, other.end)
        )
    return tuple([once[span] for span in sorted(once)])


def _splits(node: Node) -> bool:
    return isinstance(node, Schedule | Alternation | Variants)


def _trimmed(nodes: list[Node]) -> list[Node]:
    while nodes and isinstance(nodes[-1], Space):
        nodes.pop()
    while nodes and isinstance(nodes[0], Space):
        nodes.pop(0)
    return nodes


def _span(nodes: Sequence[Node]) -> Span:
    return Span(nodes[0].span.start, nodes[-1].span.end)


def _spoken(nodes: Sequence[Node]) -> str:
    """Return what the text encoder reads of some nodes; of what is not decided, nothing."""
    words = []
    for node in nodes:
        match node:
            case Text() | Space() | Stray() | Separator():
                words.append(node.source)
            case Escape():
                words.append(node.value)
            case Group():
                words.append(_spoken(node.nodes))
            case Wildcard():
                words.append(f"__{node.name}__")
            case _:
                pass
    return "".join(words)


def _written(nodes: Sequence[Node]) -> str:
    return "".join(
        [node.source for node in nodes if isinstance(node, Text | Space | Escape | Stray)]
    )
