"""The 75-token rule, on segments made by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irodori.prompt.chunk import (
    CHUNK_LENGTH,
    EMBEDDING_ID,
    Chunk,
    ChunkEnd,
    EmbeddingTable,
    Encoder,
    PlacedEmbedding,
    Segment,
    chunk_segments,
    id_rows,
    weight_rows,
)
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import BOS_ID, COMMA_ID, EOS_ID, load_tokenizer

TOKENIZER = load_tokenizer()
CAT = TOKENIZER.encode("cat")[0]


def lengths(text: str, **options: int) -> list[int]:
    chunks = chunk_segments([Segment(text=text)], TOKENIZER, **options)
    return [len(chunk.ids) for chunk in chunks]


def words(count: int) -> str:
    return "cat " * count


def test_empty_text_is_one_empty_chunk() -> None:
    assert lengths("") == [0]
    assert chunk_segments([], TOKENIZER) == (Chunk(),)


def test_exactly_75_tokens_are_one_chunk() -> None:
    assert lengths(words(75)) == [75]


def test_token_76_opens_the_second_chunk_when_there_is_no_comma() -> None:
    assert lengths(words(76)) == [75, 1]


def test_what_follows_the_last_comma_moves_on() -> None:
    # 69 words, a comma at position 69, 5 words: full; the next word takes those 5 along.
    assert lengths(words(69) + "," + words(6)) == [70, 6]


@pytest.mark.parametrize(
    ("comma_at", "expected"), [(55, [56, 20]), (54, [75, 1]), (74, [75, 1]), (73, [74, 2])]
)
def test_comma_counts_up_to_20_tokens_from_the_end(comma_at: int, expected: list[int]) -> None:
    assert lengths(words(comma_at) + "," + words(75 - comma_at)) == expected


def test_backtrack_of_zero_never_moves() -> None:
    assert lengths(words(69) + "," + words(6), backtrack=0) == [75, 1]


def test_backtrack_of_74_reaches_the_second_token() -> None:
    assert lengths("cat," + words(74), backtrack=74) == [2, 74]


def test_comma_that_comes_when_the_chunk_is_full_opens_the_next() -> None:
    chunks = chunk_segments([Segment(text=words(70) + "," + words(4) + ", cat")], TOKENIZER)
    assert [len(chunk.ids) for chunk in chunks] == [75, 2]
    assert chunks[1].ids[0] == COMMA_ID


def test_comma_before_a_break_is_forgotten() -> None:
    parts = [
        Segment(text=words(10) + ","),
        Segment(text="", is_break=True),
        Segment(text=words(76)),
    ]
    assert [len(chunk.ids) for chunk in chunk_segments(parts, TOKENIZER)] == [11, 75, 1]


@pytest.mark.parametrize("backtrack", [-1, 75])
def test_backtrack_outside_its_range_is_refused(backtrack: int) -> None:
    with pytest.raises(ValueError, match="0 to 74"):
        lengths("a", backtrack=backtrack)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a BREAK", [1]),
        ("BREAK a", [0, 1]),
        ("a BREAK BREAK b", [1, 0, 1]),
        ("BREAK", [0]),
        ("BREAK BREAK", [0, 0]),
    ],
)
def test_break_ends_a_chunk_even_an_empty_one(pattern: str, expected: list[int]) -> None:
    parts = [Segment(text=word, is_break=word == "BREAK") for word in pattern.split()]
    assert [len(chunk.ids) for chunk in chunk_segments(parts, TOKENIZER)] == expected


def test_each_token_has_its_segments_weight_and_place() -> None:
    text = "red cat"
    places = tuple(Span(i + 10, i + 11) for i in range(len(text)))
    (chunk,) = chunk_segments([Segment(text=text, weight=1.3, spans=places)], TOKENIZER)
    assert chunk.weights == (1.3, 1.3)
    assert chunk.spans == (Span(10, 13), Span(14, 17))


def test_ends_say_why() -> None:
    parts = [
        Segment(text="cat"),
        Segment(text="", is_break=True),
        Segment(text=words(80) + "," + words(70)),
    ]
    ends = [chunk.end for chunk in chunk_segments(parts, TOKENIZER)]
    assert ends == [ChunkEnd.BREAK, ChunkEnd.FULL, ChunkEnd.FULL, ChunkEnd.TEXT]
    moved = chunk_segments([Segment(text=words(69) + "," + words(6))], TOKENIZER)
    assert moved[0].end is ChunkEnd.COMMA


class TestEmbeddings:
    def table(self, **vectors: int) -> EmbeddingTable:
        return EmbeddingTable(TOKENIZER, vectors)

    def test_vectors_take_their_places(self) -> None:
        (chunk,) = chunk_segments(
            [Segment(text="cat, BadHandV4", weight=0.8)],
            TOKENIZER,
            embeddings=self.table(badhandv4=6),
        )
        assert chunk.ids == (CAT, COMMA_ID, *[EMBEDDING_ID] * 6)
        assert chunk.weights == (0.8,) * 8
        assert chunk.embeddings == (PlacedEmbedding(name="badhandv4", offset=2, vectors=6),)

    def test_longer_name_wins(self) -> None:
        (chunk,) = chunk_segments(
            [Segment(text="easy negative")],
            TOKENIZER,
            embeddings=EmbeddingTable(TOKENIZER, {"easy": 1, "easy negative": 3}),
        )
        assert [one.name for one in chunk.embeddings] == ["easy negative"]

    def test_name_cut_short_by_the_end_is_no_name(self) -> None:
        (chunk,) = chunk_segments(
            [Segment(text="easy")],
            TOKENIZER,
            embeddings=EmbeddingTable(TOKENIZER, {"easy negative": 3}),
        )
        assert chunk.embeddings == ()

    def test_one_that_does_not_fit_opens_a_chunk_without_backtracking(self) -> None:
        chunks = chunk_segments(
            [Segment(text=words(68) + ", cat easynegative")],
            TOKENIZER,
            embeddings=self.table(easynegative=8),
        )
        assert [len(chunk.ids) for chunk in chunks] == [70, 8]
        assert chunks[1].embeddings[0].offset == 0

    def test_one_behind_the_last_comma_moves_with_its_tokens(self) -> None:
        chunks = chunk_segments(
            [Segment(text=words(60) + ", cat easynegative" + " cat" * 8)],
            TOKENIZER,
            embeddings=self.table(easynegative=8),
        )
        assert [len(chunk.ids) for chunk in chunks] == [61, 17]
        assert chunks[0].embeddings == ()
        assert chunks[1].embeddings == (PlacedEmbedding(name="easynegative", offset=1, vectors=8),)

    def test_one_longer_than_a_chunk_is_cut_to_it(self) -> None:
        chunks = chunk_segments(
            [Segment(text="easynegative")], TOKENIZER, embeddings=self.table(easynegative=90)
        )
        assert [len(chunk.ids) for chunk in chunks] == [CHUNK_LENGTH]


class TestRows:
    def test_empty_text(self) -> None:
        chunks = chunk_segments([], TOKENIZER)
        assert id_rows(chunks, Encoder.CLIP_L) == [[BOS_ID] + [EOS_ID] * 76]
        assert id_rows(chunks, Encoder.CLIP_G) == [[BOS_ID, EOS_ID] + [0] * 75]

    def test_padding_of_each_encoder(self) -> None:
        chunks = chunk_segments([Segment(text="cat", weight=1.2)], TOKENIZER)
        assert id_rows(chunks, Encoder.CLIP_L) == [[BOS_ID, CAT] + [EOS_ID] * 75]
        assert id_rows(chunks, Encoder.CLIP_G) == [[BOS_ID, CAT, EOS_ID] + [0] * 74]
        assert weight_rows(chunks) == [[1.0, 1.2] + [1.0] * 75]

    @pytest.mark.parametrize("encoder", Encoder)
    def test_full_chunk_has_no_padding(self, encoder: Encoder) -> None:
        (row,) = id_rows(chunk_segments([Segment(text=words(75))], TOKENIZER), encoder)
        assert row == [BOS_ID] + [CAT] * 75 + [EOS_ID]

    def test_rows_are_filled_up_with_empty_chunks(self) -> None:
        chunks = chunk_segments([Segment(text="cat")], TOKENIZER)
        assert id_rows(chunks, Encoder.CLIP_G, count=2)[1] == [BOS_ID, EOS_ID] + [0] * 75
        assert weight_rows(chunks, count=2)[1] == [1.0] * 77
        with pytest.raises(ValueError, match="do not fit"):
            id_rows(chunks, Encoder.CLIP_L, count=0)


@given(
    texts=st.lists(st.text(alphabet="ab ,\n(é😀", max_size=120), max_size=6),
    backtrack=st.integers(0, 74),
    vectors=st.integers(1, 80),
)
def test_no_chunk_is_over_75_and_no_token_is_lost(
    texts: list[str], backtrack: int, vectors: int
) -> None:
    table = EmbeddingTable(TOKENIZER, {"bab": vectors})
    segments = [Segment(text=text * 4, weight=1 + i / 10) for i, text in enumerate(texts)]
    chunks = chunk_segments(segments, TOKENIZER, backtrack=backtrack, embeddings=table)
    assert all(len(chunk.ids) <= CHUNK_LENGTH for chunk in chunks)
    plain = chunk_segments(segments, TOKENIZER, backtrack=backtrack)
    assert [number for chunk in plain for number in chunk.ids] == [
        number for segment in segments for number in TOKENIZER.encode(segment.text)
    ]
    for chunk in chunks:
        assert len(chunk.ids) == len(chunk.weights) == len(chunk.spans)
        for one in chunk.embeddings:
            end = one.offset + one.vectors
            assert set(chunk.ids[one.offset : end]) == {EMBEDDING_ID}
            assert end <= CHUNK_LENGTH
