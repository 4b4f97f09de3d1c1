"""Moving, switching off, sorting, breaking, merging."""

import pytest

from irodori.prompt.arrange import (
    insert_break,
    is_off,
    merge_duplicates,
    move_tag,
    sort_tags,
    toggle_tag,
    underscores_to_spaces,
)
from irodori.prompt.entries import Edit, apply
from irodori.prompt.parser import parse
from irodori.prompt.schedule import prompt_schedule
from irodori.prompt.span import Span


def done(text: str, edits: tuple[Edit, ...]) -> str:
    return apply(text, edits)


@pytest.mark.parametrize(
    ("text", "cursor", "places", "expected"),
    [
        ("a, b, c", 0, 1, "b, a, c"),
        ("a, b, c", 6, -1, "a, c, b"),
        ("a, b, c", 0, 99, "b, c, a"),
        ("a, b", 0, -1, "a, b"),
        ("x, (a, b:1.2), c", 4, 1, "x, (b, a:1.2), c"),
        ("x, (a:1.2), c", 4, 1, "x, c, (a:1.2)"),
        (r"saber \(fate\), b", 8, 1, r"b, saber \(fate\)"),
        ("a BREAK b", 0, 1, "b BREAK a"),
        ("[a:b:0.5], c", 1, 1, "c, [a:b:0.5]"),
        ("", 0, 1, ""),
    ],
)
def test_move(text: str, cursor: int, places: int, expected: str) -> None:
    assert done(text, move_tag(text, cursor, places)) == expected


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("a, b", "[a::0], b"),
        ("re:zero, b", r"[re\:zero::0], b"),
        ("(a:1.2), b", "[(a:1.2)::0], b"),
        (r"saber \(fate\), b", r"[saber \(fate\)::0], b"),
        ("<lora:x:0.7>, b", "[<lora:x:0.7>::0], b"),
        ("{a|b} c, b", "[{a|b} c::0], b"),
    ],
)
def test_toggle_hides_a_tag_and_gives_it_back(text: str, off: str) -> None:
    hidden = done(text, toggle_tag(text, 1))
    assert hidden == off
    assert is_off(parse(hidden).parts[0].nodes[0])
    assert prompt_schedule(hidden, 20) == [(20, ", b")]
    assert done(hidden, toggle_tag(hidden, 1)) == text


def test_toggle_refuses_what_brackets_would_change() -> None:
    assert toggle_tag("a (b, c", 2) == ()


def test_sort_stays_within_chunks_and_leaves_networks() -> None:
    order = {"1girl": 0, "red hair": 1, "sky": 2}
    text = "sky, <lora:x:1>, (red hair:1.2), 1girl BREAK sky, red_hair, 1girl"
    edits = sort_tags(text, lambda name: order.get(name, 9))
    assert done(text, edits) == "1girl, <lora:x:1>, (red hair:1.2), sky BREAK 1girl, sky, red_hair"


def test_sort_of_sorted_text_is_no_edit() -> None:
    assert sort_tags("a, b, c", lambda name: name) == ()


@pytest.mark.parametrize(
    ("text", "cursor", "expected"),
    [
        ("a, b, c", 3, "a, BREAK b, c"),
        ("a, b, c", 1, "a, BREAK b, c"),
        ("a,b", 2, "a, BREAK b"),
        ("a, (b, c:1.2)", 8, "a, BREAK (b, c:1.2)"),
        ("a", 1, "a BREAK "),
        ("", 0, "BREAK "),
    ],
)
def test_insert_break(text: str, cursor: int, expected: str) -> None:
    assert done(text, insert_break(text, cursor)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a, b, a", "a, b"),
        ("Red_hair, b, red hair, c", "Red_hair, b, c"),
        ("a, (a:1.3), [a]", "(a:1.3)"),
        ("a BREAK a", "a BREAK a"),
        (r"x \(y\), x \(y\)", r"x \(y\)"),
        ("[a:b:0.5], a", "[a:b:0.5], a"),
        ("<lora:x:1>, <lora:x:1>", "<lora:x:1>, <lora:x:1>"),
        ("a, a, a", "a"),
    ],
)
def test_merge_duplicates(text: str, expected: str) -> None:
    assert done(text, merge_duplicates(text)) == expected
    assert merge_duplicates(expected) == ()


def test_underscores_become_spaces_but_for_faces_and_names() -> None:
    text = (
        r"^_^, >_<, (o)_(o), |_|, long_hair, (a_b:1.2), __x_y__, <lora:x_y:1>, score_9, {a_b|o_o}"
    )
    expected = (
        r"^_^, >_<, (o)_(o), |_|, long hair, (a b:1.2), __x_y__, <lora:x_y:1>, score_9, {a b|o_o}"
    )
    assert done(text, underscores_to_spaces(text)) == expected


def test_edits_must_not_overlap() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply("abc", [Edit(span=Span(0, 2), text=""), Edit(span=Span(1, 3), text="")])
    with pytest.raises(ValueError, match="outside"):
        apply("abc", [Edit(span=Span(2, 4), text="")])
