"""Weights by cursor and selection."""

import pytest

from irodori.prompt.entries import apply
from irodori.prompt.span import Span
from irodori.prompt.weights import clear_weight, nudge_weight, set_weight


def at(marked: str) -> tuple[str, Span]:
    """Return the text without its marks `^`, and the cursor or selection they make."""
    first = marked.index("^")
    second = marked.find("^", first + 1)
    text = marked.replace("^", "")
    return text, Span(first, first if second < 0 else second - 1)


def nudged(marked: str, steps: int = 1) -> str:
    text, selection = at(marked)
    return apply(text, nudge_weight(text, selection, steps))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("1girl, red^ hair, solo", "1girl, (red hair:1.1), solo"),
        ("1girl, ^red hair", "1girl, (red hair:1.1)"),
        ("1girl, red hair^", "1girl, (red hair:1.1)"),
        (r"a, saber \(fa^te\)", r"a, (saber \(fate\):1.1)"),
        (r"(\(x^\):1.1)", r"(\(x\):1.2)"),
        (":^3", "(:3:1.1)"),
        ("re:^zero", "(re:zero:1.1)"),
        ("(a, ^b:1.2)", "(a, b:1.3)"),
        ("(^x)", "(x:1.2)"),
        ("((^x))", "(x:1.31)"),
        ("([^x])", "(x:1.1)"),
        ("[^x]", "(x:1.01)"),
        ("(x:^1.2)", "(x:1.3)"),
        ("^(x:1.2)", "(x:1.3)"),
        ("(very) red ^hair", "((very) red hair:1.1)"),
        ("(ve^ry) red hair", "(very:1.2) red hair"),
        ("[red^ hair:blue hair:0.5]", "[(red hair:1.1):blue hair:0.5]"),
        ("([a^|b] c:1.2)", "([(a:1.1)|b] c:1.2)"),
        ("(red^|blue:1.2)", "(red|blue:1.3)"),
        ("{a|b^ c}", "{a|(b c:1.1)}"),
        ("a AND ^b :0.5", "a AND (b:1.1) :0.5"),
        ("__col^or__", "(__color__:1.1)"),
        ("a, ^b^, c", "a, (b:1.1), c"),
        ("^a, b^, c", "(a, b:1.1), c"),
        ("a^, b,^ c", "a, (b:1.1), c"),
        ("lo^ng^ hair", "lo(ng:1.1) hair"),
        ("(^a, b^:1.2)", "(a, b:1.3)"),
        ("(^a^, b:1.2)", "((a:1.1), b:1.2)"),
        ("^(a:1.2), b^", "((a:1.2), b:1.1)"),
        ("(x^:[1.1:1.4:0.5])", "((x:1.1):[1.1:1.4:0.5])"),
        ("x (a ^b) c^", "x ((a b) c:1.1)"),
    ],
)
def test_nudge_up(marked: str, expected: str) -> None:
    assert nudged(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("(x^:1.1)", "x"),
        ("(x^)", "x"),
        (r"(saber \(fate\)^:1.1), b", r"saber \(fate\), b"),
        ("x^", "(x:0.9)"),
        ("(x^:0.05)", "(x:0)"),
        ("(x^:-0.5)", "(x:-0.6)"),
        ("(a|b^:1.1)", "(a|b:1)"),
        ("<lora:x^:0.05>", "<lora:x:0>"),
    ],
)
def test_nudge_down(marked: str, expected: str) -> None:
    assert nudged(marked, -1) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("<lo^ra:x:0.7>", "<lora:x:0.75>"),
        ("<lora:x:0.7:0.5>^", "<lora:x:0.75:0.55>"),
        ("a, <lora:x^>", "a, <lora:x:1.05>"),
        ("<lora:x^:unet=0.3>", "<lora:x:unet=0.35>"),
        ("<lora:x^:te=0:unet=1>", "<lora:x:te=0.05:unet=1.05>"),
        ("[<lora:x^:0.7>::0.5]", "[<lora:x:0.75>::0.5]"),
        ("^<lora:x:0.7>^", "<lora:x:0.75>"),
        ("(a <lora:x^:0.7>:1.2)", "(a <lora:x:0.75>:1.2)"),
    ],
)
def test_networks_go_by_005(marked: str, expected: str) -> None:
    assert nudged(marked) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "",
        "a,^ ",
        "a, (b^",
        "b^) c",
        "<lora:x:0@0,1@0.4^>",
        "a BREAK^",
        ", ^,^",
    ],
)
def test_nothing_to_point_at_gives_no_edits(marked: str) -> None:
    text, selection = at(marked or "^")
    assert nudge_weight(text, selection, 1) == ()


def test_set_and_clear() -> None:
    text = "a, (red hair:1.2)"
    assert apply(text, set_weight(text, Span(5, 5), 0.85)) == "a, (red hair:0.85)"
    assert apply(text, clear_weight(text, Span(5, 5))) == "a, red hair"
    assert clear_weight("a, b", Span(3, 3)) == ()
    assert apply("<lora:x:0.7>", clear_weight("<lora:x:0.7>", Span(3, 3))) == "<lora:x:1>"


def test_selection_over_a_break_is_refused() -> None:
    assert nudge_weight("a BREAK b", Span(0, 9), 1) == ()
