"""Where each tag falls: which chunk, which tokens, what weight, and what a border does to it.

Two halves of one idea in two chunks become two things (practice P11): `red | hair` if a border
cuts a tag, `holding sword | katana` if it parts two tags that belong together.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, TypeAlias

from irodori.prompt.ast import Group, Network, Node
from irodori.prompt.chunk import (
    CHUNK_LENGTH,
    DEFAULT_BACKTRACK,
    Chunk,
    ChunkEnd,
    EmbeddingTable,
    chunk_segments,
)
from irodori.prompt.dialect import Dialect
from irodori.prompt.emphasis import EmphasisMode, read_nodes, read_resolved
from irodori.prompt.entries import Entry, entries
from irodori.prompt.parser import parse
from irodori.prompt.schedule import Clock, resolve
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import Tokenizer, load_tokenizer

# Tells of two neighbours, in the order of the text, whether they are one idea.
Kinship: TypeAlias = Callable[[str, str], bool]

_SHORTEST_SHARED_WORD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPlace:
    """Some tokens of one chunk: `chunk` counts from 0, `start` and `end` are payload positions."""

    chunk: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPlace:
    """A tag and where its tokens are.

    Args:
        name: what it says, escapes resolved.
        span: its code points in the prompt.
        weight: that of its first token.
        places: one for each chunk it has tokens in; none if it makes no token.
        parted_from: the place of the tag it belongs with, if a border lies between the two.
    """

    name: str
    span: Span
    weight: float
    places: tuple[TokenPlace, ...]
    parted_from: Span | None = None

    @property
    def is_cut(self) -> bool:
        """True if a border runs through it."""
        return len(self.places) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkedPrompt:
    """The chunks of one text and the tags in them.

    Args:
        chunks: one or more.
        tags: in the order of the text; networks are none.
    """

    chunks: tuple[Chunk, ...]
    tags: tuple[TagPlace, ...]

    @property
    def token_count(self) -> int:
        """What a page shows as `n/150`: 75 for each chunk but the last, and the last's tokens."""
        return CHUNK_LENGTH * (len(self.chunks) - 1) + len(self.chunks[-1].ids)


def belong_together(left: str, right: str) -> bool:
    """Tell whether two neighbouring tags are one idea, as far as their words show.

    They share a word (`long hair`, `blonde hair`), or the first says that something is held and
    the second may say what. Whoever has tag data can tell better; see `chunk`.
    """
    if left.startswith("holding "):
        return True
    shared = set(left.split()) & set(right.split())
    return any(len(word) >= _SHORTEST_SHARED_WORD for word in shared)


def chunk(  # noqa: PLR0913  # keyword options, each with its default
    text: str,
    tokenizer: Tokenizer | None = None,
    *,
    dialect: Dialect | str = "irodori",
    mode: EmphasisMode = EmphasisMode.ORIGINAL,
    backtrack: int = DEFAULT_BACKTRACK,
    embeddings: EmbeddingTable | None = None,
    kinship: Kinship = belong_together,
) -> ChunkedPrompt:
    """Return the chunks of a text and where its tags are in them.

    Args:
        text: of one AND part, or a negative prompt. Of a schedule in it, what it draws first
            counts; networks and comments make no token.
        tokenizer: CLIP's. Default: one loaded for this call (some 20 ms), so pass yours.
        dialect: how the text is read.
        mode: what is done with weights.
        backtrack: 0 to 74; see `irodori.prompt.chunk.chunk_segments`. Default 20.
        embeddings: what can be named. Default: nothing.
        kinship: which neighbours belong together.

    Raises:
        UnknownNameError: no such dialect.
        ValueError: backtrack outside 0..74.
    """
    nodes = parse(text, dialect=dialect, negative=True).parts[0].nodes
    return chunk_nodes(
        resolve(nodes, 1, Clock(steps=1)),
        tokenizer or load_tokenizer(),
        dialect=Dialect.named(dialect),
        mode=mode,
        backtrack=backtrack,
        embeddings=embeddings,
        kinship=kinship,
    )


def chunk_nodes(  # noqa: PLR0913  # keyword options, as of `chunk`
    nodes: Iterable[Node],
    tokenizer: Tokenizer,
    *,
    dialect: Dialect = Dialect.IRODORI,
    mode: EmphasisMode = EmphasisMode.ORIGINAL,
    backtrack: int = DEFAULT_BACKTRACK,
    embeddings: EmbeddingTable | None = None,
    kinship: Kinship = belong_together,
) -> ChunkedPrompt:
    """Return the chunks of resolved nodes; spans are places in the text they were parsed from.

    Args:
        nodes: of one part, without schedules and alternations (`irodori.prompt.schedule.resolve`).
        tokenizer: CLIP's.
        dialect: A1111 reads weights from the text, brackets of several schedules included.
        mode: as of `chunk`, like the others.
        backtrack: 0 to 74.
        embeddings: what can be named.
        kinship: which neighbours belong together.
    """
    nodes = tuple(nodes)
    read = read_resolved if dialect is Dialect.A1111 else read_nodes
    chunks = chunk_segments(
        read(nodes, mode), tokenizer, backtrack=backtrack, embeddings=embeddings
    )
    tags = tuple(_placed(tuple(leaf_tags(nodes)), chunks))
    return ChunkedPrompt(chunks=chunks, tags=tuple(_parted(tags, chunks, kinship)))


def leaf_tags(nodes: Sequence[Node]) -> Iterator[Entry]:
    """Yield the tags of resolved nodes: of a group with several, each one; networks are none."""
    for entry in entries(nodes):
        core = entry.core
        if len(core) == 1 and isinstance(core[0], Group):
            yield from leaf_tags(core[0].nodes)
        elif not all(isinstance(node, Network) for node in core):
            yield Entry(nodes=core, section=entry.section)


def _placed(found: Sequence[Entry], chunks: Sequence[Chunk]) -> Iterator[TagPlace]:
    """Yield the tags with their tokens; both stand in the order of the text."""
    starts = [entry.span.start for entry in found]
    tokens: list[dict[int, list[int]]] = [{} for _ in found]
    for number, one in enumerate(chunks):
        for position, span in enumerate(one.spans):
            tag = bisect_left(starts, span.end) - 1
            while tag >= 0 and span.start < found[tag].span.end:
                tokens[tag].setdefault(number, []).append(position)
                tag -= 1
    for entry, by_chunk in zip(found, tokens, strict=True):
        places = tuple(
            TokenPlace(chunk=number, start=positions[0], end=positions[-1] + 1)
            for number, positions in by_chunk.items()
        )
        first = places[0] if places else None
        yield TagPlace(
            name=" ".join(entry.name.split()),
            span=entry.span,
            weight=chunks[first.chunk].weights[first.start] if first else 1.0,
            places=places,
        )


def _parted(
    tags: Sequence[TagPlace], chunks: Sequence[Chunk], kinship: Kinship
) -> Iterator[TagPlace]:
    """Yield the tags, those that lost their neighbour to a border marked so."""
    drawn = [tag for tag in tags if tag.places]
    lost: dict[Span, Span] = {}
    for left, right in pairwise(drawn):
        border = left.places[-1].chunk
        crossed = border + 1 == right.places[0].chunk
        # Only a border nobody asked for parts anything.
        if crossed and chunks[border].end is not ChunkEnd.BREAK and kinship(left.name, right.name):
            lost[left.span] = right.span
            lost.setdefault(right.span, left.span)
    for tag in tags:
        other = lost.get(tag.span)
        yield tag if other is None else replace(tag, parted_from=other)
