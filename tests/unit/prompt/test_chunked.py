"""Where tags fall, and what borders do to them."""

import pytest

from irodori.prompt.chunk import ChunkEnd
from irodori.prompt.chunked import TagPlace, TokenPlace, belong_together, chunk, chunk_nodes
from irodori.prompt.parser import parse
from irodori.prompt.schedule import Clock, resolve
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import load_tokenizer

TOKENIZER = load_tokenizer()


def tags(text: str, **options: int) -> dict[str, TagPlace]:
    return {tag.name: tag for tag in chunk(text, TOKENIZER, **options).tags}


def filler(tokens: int) -> str:
    """Tags of one token and a comma each; an even number."""
    return ", ".join(["cat"] * (tokens // 2)) + ", "


def test_tags_know_their_tokens_weight_and_place() -> None:
    found = tags(r"1girl, (red hair:1.2), saber \(fate\)")
    assert found["red hair"] == TagPlace(
        name="red hair",
        span=Span(8, 16),
        weight=1.2,
        places=(TokenPlace(chunk=0, start=3, end=5),),
    )
    saber = found["saber (fate)"]
    assert saber.span == Span(23, 37)
    assert saber.places == (TokenPlace(chunk=0, start=6, end=10),)


def test_group_of_several_tags_is_several() -> None:
    assert {name: tag.weight for name, tag in tags("((a, b:1.2), [c])").items()} == {
        "a": pytest.approx(1.32),
        "b": pytest.approx(1.32),
        "c": pytest.approx(1.0),
    }


def test_networks_and_comments_are_no_tags() -> None:
    assert list(tags("a, <lora:x:1>, b # c")) == ["a", "b"]


def test_break_starts_a_chunk() -> None:
    found = tags("a BREAK b")
    assert found["a"].places[0].chunk == 0
    assert found["b"].places == (TokenPlace(chunk=1, start=0, end=1),)


def test_border_cuts_a_tag_when_it_may_not_move() -> None:
    result = chunk(filler(74) + "red hair", TOKENIZER, backtrack=0)
    cut = result.tags[-1]
    assert cut.is_cut
    assert cut.places == (
        TokenPlace(chunk=0, start=74, end=75),
        TokenPlace(chunk=1, start=0, end=1),
    )
    assert result.chunks[0].end is ChunkEnd.FULL
    assert result.token_count == 76


def test_comma_rule_keeps_it_whole() -> None:
    result = chunk(filler(74) + "red hair", TOKENIZER)
    assert not result.tags[-1].is_cut
    assert result.token_count == 77


def test_border_parts_what_belongs_together() -> None:
    text = filler(72) + "holding sword, katana, extra"
    result = chunk(text, TOKENIZER)
    sword, katana, extra = result.tags[-3:]
    assert (sword.places[0].chunk, katana.places[0].chunk) == (0, 1)
    assert katana.parted_from == sword.span == Span(text.index("holding"), text.index(", katana"))
    assert sword.parted_from == katana.span
    assert extra.parted_from is None


def test_break_parts_nothing() -> None:
    assert all(tag.parted_from is None for tag in tags("long hair BREAK red hair").values())


def test_kinship_is_asked_in_the_order_of_the_text() -> None:
    asked: list[tuple[str, str]] = []

    def never(left: str, right: str) -> bool:
        asked.append((left, right))
        return False

    result = chunk(filler(74) + "one two, three", TOKENIZER, kinship=never)
    assert asked == [("cat", "one two")]
    assert all(tag.parted_from is None for tag in result.tags)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("holding sword", "katana", True),
        ("long hair", "blonde hair", True),
        ("1girl", "solo", False),
        ("on a bed", "in a room", False),
    ],
)
def test_belong_together(left: str, right: str, expected: bool) -> None:
    assert belong_together(left, right) is expected


def test_spans_of_a_schedule_point_into_the_whole_prompt() -> None:
    text = "sky, [red cat:(blue dog:1.3):0.5]"
    nodes = parse(text).parts[0].nodes
    late = chunk_nodes(resolve(nodes, 20, Clock(steps=20)), TOKENIZER)
    assert [(tag.span.of(text), tag.weight) for tag in late.tags] == [("sky", 1), ("blue dog", 1.3)]
    assert [span.of(text) for span in late.chunks[0].spans] == ["sky", ",", "blue", "dog"]


def test_dialect_a1111_reads_brackets_to_the_end() -> None:
    assert chunk("a (b c", TOKENIZER, dialect="a1111").chunks[0].weights == (1, 1.1, 1.1)
    assert set(chunk("a (b c", TOKENIZER).chunks[0].weights) == {1.0}


def test_without_a_tokenizer_one_is_loaded() -> None:
    assert chunk("cat").token_count == 1


def test_face_and_unwritten_tags_have_places() -> None:
    found = tags("(:3:1.2), ^_^, \u200b")
    assert found[":3"].weight == 1.2
    assert found["^_^"].places
