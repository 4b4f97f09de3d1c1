"""Names as prompt text, and which underscores are mouths."""

import pytest

from irodori.prompt.escaping import escape, is_face, spaced, unescape


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("saber (fate)", r"saber \(fate\)"),
        ("a [b] {c|d}", r"a \[b\] \{c\|d\}"),
        ("back\\slash", r"back\\slash"),
        ("#tag", r"\#tag"),
        ("__x__", r"_\_x_\_"),
        ("<lora:x:1>", r"\<lora:x:1>"),
        ("<3, >_<", "<3, >_<"),
        ("re:zero", "re:zero"),
        ("a AND b", r"a A\ND b"),
        ("BREAK", r"B\REAK"),
        ("BREAKS SAND", "BREAKS SAND"),
        ("plain", "plain"),
    ],
)
def test_escape(name: str, text: str) -> None:
    assert escape(name) == text
    assert unescape(text) == name


def test_colons_are_escaped_where_they_would_structure() -> None:
    assert escape("re:zero", colons=True) == r"re\:zero"


def test_unescape_drops_a_backslash_at_the_end() -> None:
    assert unescape("a\\") == "a"
    assert unescape(r"\a\\") == "a\\"


@pytest.mark.parametrize(
    "name",
    ["^_^", ">_<", "o_o", "O_O", "@_@", "0_0", "=_=", "|_|", "+_+", "._.", "(o)_(o)", "<o>_<o>",
     "6_9", "u_u", "x_x", ";_;", "3_3", "||_||", "<|>_<|>", ">_o", "-_-"],
)  # fmt: skip
def test_faces(name: str) -> None:
    assert is_face(name)
    assert spaced(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("long_hair", "long hair"),
        ("a_b", "a b"),
        ("saber_(fate)", "saber (fate)"),
        ("ab_ab", "ab ab"),
        ("score_9", "score_9"),
        ("score_8_up", "score_8_up"),
        ("_", " "),
        ("", ""),
    ],
)
def test_spaced(name: str, expected: str) -> None:
    assert spaced(name) == expected
    assert not is_face(name)
