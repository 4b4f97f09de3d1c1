"""CLIP BPE: recorded ids and places, and what holds for every text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irodori.prompt.span import Span
from irodori.prompt.tokenizer import EOS_ID, load_tokenizer

RECORDED = json.loads(
    (Path(__file__).parents[2] / "fixtures/clip_tokens/tokens.json").read_text(encoding="utf-8")
)


TOKENIZER = load_tokenizer()


@pytest.mark.parametrize("case", RECORDED, ids=range(len(RECORDED)))
def test_recorded_ids(case: dict[str, list[int]]) -> None:
    assert list(TOKENIZER.encode(case["text"])) == case["ids"]


@pytest.mark.parametrize(
    "case", [case for case in RECORDED if "spans" in case], ids=lambda case: case["text"][:20]
)
def test_recorded_places(case: dict[str, list[list[int]]]) -> None:
    assert [list(token.span) for token in TOKENIZER.tokens(case["text"])] == case["spans"]


def test_decomposed_letters_keep_their_marks_in_their_place() -> None:
    tokens = TOKENIZER.tokens("e\u0301tude, e\u0301")
    assert tokens[0].span == Span(0, 2)
    assert tokens[-1].span == Span(8, 10)
    assert [token.id for token in tokens] == list(TOKENIZER.encode("\u00e9tude, \u00e9"))


def test_bytes_of_one_character_share_its_place() -> None:
    tokens = TOKENIZER.tokens("a \U0001f9a9")
    assert len(tokens) > 2
    assert {token.span for token in tokens[1:]} == {Span(2, 3)}


def test_white_space_makes_no_token() -> None:
    assert TOKENIZER.encode("a, b") == TOKENIZER.encode("a,\n\t b") == TOKENIZER.encode("a,b")
    assert TOKENIZER.encode(" \n\u3000\x85") == ()


def test_special_texts_are_special_only_as_written() -> None:
    assert TOKENIZER.encode("<|endoftext|>") == (EOS_ID,)
    assert TOKENIZER.tokens("a <|endoftext|>")[1].span == Span(2, 15)
    assert EOS_ID not in TOKENIZER.encode("<|EndOfText|>")


def test_decode_is_the_text_in_lower_case_with_spaces_between_words() -> None:
    assert TOKENIZER.decode(TOKENIZER.encode("Red Hair,初音ミク")) == "red hair , 初音ミク"
    assert TOKENIZER.decode((EOS_ID,)) == "<|endoftext|>"


def test_long_text_without_spaces_is_quick_enough_to_type_in() -> None:
    # A quadratic merge takes minutes here.
    assert len(TOKENIZER.encode("漢字仮名交じり文" * 4000)) > 32_000


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_has_tokens_in_order_inside_it(text: str) -> None:
    tokens = TOKENIZER.tokens(text)
    assert tuple(token.id for token in tokens) == TOKENIZER.encode(text)
    starts = [token.span.start for token in tokens]
    assert starts == sorted(starts)
    assert all(0 <= start < end <= len(text) for start, end in (t.span for t in tokens))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_space_is_a_border_between_tokens(left: str, right: str) -> None:
    # So the tokens of tags add up; only what composes across nothing but a space could not.
    both = TOKENIZER.encode(f"{left} {right}")
    if "<|" not in left + right:
        assert both == TOKENIZER.encode(left) + TOKENIZER.encode(right)


def test_surrogates_alone_do_not_raise() -> None:
    assert TOKENIZER.encode("\ud83d")
