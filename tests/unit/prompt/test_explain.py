"""All that a prompt means, in one value."""

import pytest

from irodori.errors import RecipeError
from irodori.prompt.chunk import EmbeddingTable
from irodori.prompt.dialect import Dialect
from irodori.prompt.explain import Question, explain
from irodori.prompt.tokenizer import load_tokenizer

TOKENIZER = load_tokenizer()


def changing(text: str, steps: int = 4, **options: object) -> dict[str, str]:
    timeline = explain(text, TOKENIZER, Question(steps=steps, **options)).first
    return {tag.name: "".join(".#"[drawn] for drawn in tag.is_drawn) for tag in timeline.tags}


def test_tags_that_come_and_go() -> None:
    assert changing("sky, [cat:dog:0.5], [a|b] c") == {
        "cat": "##..",
        "dog": "..##",
        "a c": "#.#.",
        "b c": ".#.#",
    }


def test_nested_schedules() -> None:
    assert changing("[a:[b:c:0.75]:0.25]") == {"a": "#...", "b": ".##.", "c": "...#"}


def test_what_is_always_there_is_not_listed() -> None:
    assert changing("a, (b:1.2), [c::0.5]") == {"c": "##.."}
    assert changing("a, (b:1.2) AND c") == {}


def test_hires_pass_is_told_apart() -> None:
    result = explain("[a:b:1.5]", TOKENIZER, Question(steps=10, hires_steps=4))
    assert result.hires is not None
    assert [tag.name for tag in result.first.tags] == []
    assert [(tag.name, tag.is_drawn) for tag in result.hires.tags] == [
        ("a", (True, True, False, False)),
        ("b", (False, False, True, True)),
    ]
    assert explain("a", TOKENIZER).hires is None


def test_each_part_has_its_chunks() -> None:
    result = explain("a BREAK b AND c", TOKENIZER)
    assert [len(part.chunks) for part in result.chunked] == [2, 1]
    assert result.parts == (("a BREAK b", 1.0), (" c", 1.0))


def test_negative_prompt_has_no_parts_and_networks() -> None:
    result = explain("a AND b :2, <lora:x:1>", TOKENIZER, Question(negative=True))
    assert result.parts == (("a AND b :2, <lora:x:1>", 1.0),)
    assert len(result.chunked) == 1
    assert result.first.networks == ()


def test_dialect_decides_the_weights() -> None:
    text = "a (b"
    assert explain(text, TOKENIZER).emphasis == (("a (b", 1.0),)
    a1111 = explain(text, TOKENIZER, Question(dialect=Dialect.A1111))
    assert a1111.emphasis == (("a ", 1.0), ("b", 1.1))


def test_embeddings_are_found() -> None:
    table = EmbeddingTable(TOKENIZER, {"easynegative": 8})
    result = explain("a, easynegative", TOKENIZER, embeddings=table)
    assert len(result.chunked[0].chunks[0].ids) == 10


def test_steps_must_be_positive() -> None:
    with pytest.raises(RecipeError, match="steps"):
        explain("a", TOKENIZER, Question(steps=0))
