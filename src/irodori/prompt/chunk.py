"""Chunks of 75 tokens: what the text encoders are given.

Each chunk is encoded on its own, between a token that begins it and one that ends it; the results
stand one after the other, 77 positions per chunk. Which chunk a tag falls into, and whether the
border runs through it, decides what it does (practice P11).

The rule, A1111's (its `comma_padding_backtrack`): tokens fill a chunk up to 75. When the next one
does not fit and the chunk's last comma is at most `backtrack` tokens from its end, all that follows
that comma moves to the next chunk, so that a tag is not cut. BREAK ends a chunk at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from irodori.prompt.span import Span
from irodori.prompt.tokenizer import BOS_ID, COMMA_ID, EOS_ID, Token, Tokenizer

CHUNK_LENGTH: Final = 75
ROW_LENGTH: Final = CHUNK_LENGTH + 2
DEFAULT_BACKTRACK: Final = 20
EMBEDDING_ID: Final = 0  # what stands in the ids where an embedding's vectors go


class Encoder(StrEnum):
    """SDXL's two text encoders; they read the same tokens and differ in padding."""

    CLIP_L = "clip_l"
    CLIP_G = "clip_g"


class ChunkEnd(StrEnum):
    """Why a chunk ended where it does."""

    TEXT = "text"  # the text was over
    BREAK = "break"
    FULL = "full"
    COMMA = "comma"  # full, and what followed its last comma moved on


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of text of one weight; its ends are ends of tokens.

    Args:
        text: as the encoder sees it, escapes resolved.
        weight: what its tokens are multiplied by.
        spans: for each character, the code points of the prompt it stands for. Empty when there
            is no prompt to point to.
        is_break: it is BREAK, and its text does not count.
    """

    text: str
    weight: float = 1.0
    spans: tuple[Span, ...] = ()
    is_break: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEmbedding:
    """A textual inversion in a chunk.

    Args:
        name: as it was given to the `EmbeddingTable`.
        offset: the first payload position it fills, 0 to 74; in the row of 77, one more.
        vectors: how many it fills, 1 to 75. One of more vectors than that is cut to 75.
    """

    name: str
    offset: int
    vectors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Up to 75 tokens.

    Args:
        ids: without padding and special tokens; `EMBEDDING_ID` where an embedding's vector goes.
        weights: one for each id.
        spans: where each stands in the prompt; empty spans when it was made from bare text.
        embeddings: in order of place.
        end: why it ended.
    """

    ids: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()
    embeddings: tuple[PlacedEmbedding, ...] = ()
    end: ChunkEnd = ChunkEnd.TEXT

    @property
    def room(self) -> int:
        """How many tokens more would fit, 0 to 75."""
        return CHUNK_LENGTH - len(self.ids)


class EmbeddingTable:
    """The embeddings a text can name, found by the token ids of their names.

    A name is found wherever its ids occur, whatever the case and also inside a longer tag, as
    A1111 does; of two that fit, the one of more tokens wins.

    Args:
        tokenizer: the one the text is read with.
        vectors: for each name (a file's stem), its number of vectors, 1 or more.
    """

    def __init__(self, tokenizer: Tokenizer, vectors: Mapping[str, int]) -> None:
        by_first: dict[int, list[tuple[tuple[int, ...], str, int]]] = {}
        for name, count in vectors.items():
            ids = tokenizer.encode(name)
            if ids:
                by_first.setdefault(ids[0], []).append((ids, name, min(count, CHUNK_LENGTH)))
        for entries in by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        self._by_first = by_first

    def find(self, tokens: Sequence[Token], at: int) -> tuple[str, int, int] | None:
        """Return the name, number of tokens and vectors of what begins at a token, if anything."""
        for ids, name, vectors in self._by_first.get(tokens[at].id, ()):
            stretch = tokens[at : at + len(ids)]
            if len(stretch) == len(ids) and all(
                token.id == number for token, number in zip(stretch, ids, strict=True)
            ):
                return name, len(ids), vectors
        return None


def chunk_segments(
    segments: Iterable[Segment],
    tokenizer: Tokenizer,
    *,
    backtrack: int = DEFAULT_BACKTRACK,
    embeddings: EmbeddingTable | None = None,
) -> tuple[Chunk, ...]:
    """Return the chunks of some segments: one at least, none over 75 tokens.

    Args:
        segments: in the order of the text.
        tokenizer: CLIP's.
        backtrack: how far from the end of a full chunk its last comma may be for the tokens after
            it to move on, 0 (never) to 74. Default 20.
        embeddings: what can be named. Default: nothing.

    Raises:
        ValueError: backtrack outside 0..74.
    """
    if not 0 <= backtrack < CHUNK_LENGTH:
        raise ValueError(f"backtrack is {backtrack}; it must be 0 to {CHUNK_LENGTH - 1}")
    filling = _Filling(backtrack=backtrack)
    for segment in segments:
        if segment.is_break:
            filling.close(ChunkEnd.BREAK)
            continue
        tokens = tokenizer.tokens(segment.text)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            filling.make_room(token.id)
            found = embeddings.find(tokens, at) if embeddings else None
            if found is None:
                filling.add(token.id, segment.weight, _place(segment, token.span))
                at += 1
                continue
            name, length, vectors = found
            span = Span(token.span.start, tokens[at + length - 1].span.end)
            filling.add_embedding(name, vectors, segment.weight, _place(segment, span))
            at += length
    if filling.ids or not filling.done:
        filling.close(ChunkEnd.TEXT)
    return tuple(filling.done)


def _place(segment: Segment, span: Span) -> Span:
    """Return where some characters of a segment stand in the prompt."""
    if not segment.spans:
        return Span(0, 0)
    return Span(segment.spans[span.start].start, segment.spans[span.end - 1].end)


@dataclass(slots=True, kw_only=True)
class _Filling:
    """The chunk being filled, and those done."""

    backtrack: int
    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    embeddings: list[PlacedEmbedding] = field(default_factory=list)
    comma: int | None = None
    done: list[Chunk] = field(default_factory=list)

    def make_room(self, next_id: int) -> None:
        """End the chunk if the next token does not fit, moving what follows its last comma on."""
        if len(self.ids) < CHUNK_LENGTH:
            if next_id == COMMA_ID:
                self.comma = len(self.ids)
            return
        comma = self.comma
        if next_id == COMMA_ID or comma is None or CHUNK_LENGTH - comma > self.backtrack:
            self.close(ChunkEnd.FULL)
            return
        cut = comma + 1
        ids, weights, spans = self.ids[cut:], self.weights[cut:], self.spans[cut:]
        moved = [
            PlacedEmbedding(name=one.name, offset=one.offset - cut, vectors=one.vectors)
            for one in self.embeddings
            if one.offset >= cut
        ]
        del self.ids[cut:], self.weights[cut:], self.spans[cut:]
        self.embeddings = [one for one in self.embeddings if one.offset < cut]
        self.close(ChunkEnd.COMMA if ids else ChunkEnd.FULL)
        self.ids, self.weights, self.spans, self.embeddings = ids, weights, spans, moved

    def add(self, number: int, weight: float, span: Span) -> None:
        self.ids.append(number)
        self.weights.append(weight)
        self.spans.append(span)

    def add_embedding(self, name: str, vectors: int, weight: float, span: Span) -> None:
        if len(self.ids) + vectors > CHUNK_LENGTH:
            self.close(ChunkEnd.FULL)
        placed = PlacedEmbedding(name=name, offset=len(self.ids), vectors=vectors)
        self.embeddings.append(placed)
        for _ in range(vectors):
            self.add(EMBEDDING_ID, weight, span)

    def close(self, end: ChunkEnd) -> None:
        self.done.append(
            Chunk(
                ids=tuple(self.ids),
                weights=tuple(self.weights),
                spans=tuple(self.spans),
                embeddings=tuple(self.embeddings),
                end=end,
            )
        )
        self.ids, self.weights, self.spans, self.embeddings = [], [], [], []
        self.comma = None


def id_rows(
    chunks: Sequence[Chunk], encoder: Encoder, *, count: int | None = None
) -> list[list[int]]:
    """Return what an encoder is given: for each chunk 77 ids, 0 to 49407.

    The text begins with 49406 and ends with 49407. CLIP-L fills up with 49407; OpenCLIP-G has 0
    after the first 49407.

    Args:
        chunks: one or more.
        encoder: whose padding.
        count: rows to return; empty chunks are appended up to it, as A1111 does to make the
            texts of one schedule equally long. Default: one for each chunk.

    Raises:
        ValueError: count is less than the number of chunks.
    """
    padded = [*chunks, *_empty(chunks, count)]
    rows = []
    for chunk in padded:
        filler = [EOS_ID] * (ROW_LENGTH - 1 - len(chunk.ids))
        row = [BOS_ID, *chunk.ids, *filler]
        if encoder is Encoder.CLIP_G:
            end = row.index(EOS_ID) + 1
            row[end:] = [0] * (ROW_LENGTH - end)
        rows.append(row)
    return rows


def weight_rows(chunks: Sequence[Chunk], *, count: int | None = None) -> list[list[float]]:
    """Return for each chunk the 77 weights of its ids; 1.0 where nothing was written.

    Args and Raises: as of `id_rows`. Both encoders have the same weights.
    """
    padded = [*chunks, *_empty(chunks, count)]
    return [[1.0, *chunk.weights, *[1.0] * (ROW_LENGTH - 1 - len(chunk.ids))] for chunk in padded]


def _empty(chunks: Sequence[Chunk], count: int | None) -> list[Chunk]:
    missing = 0 if count is None else count - len(chunks)
    if missing < 0:
        raise ValueError(f"{len(chunks)} chunks do not fit in {count} rows")
    return [Chunk()] * missing
