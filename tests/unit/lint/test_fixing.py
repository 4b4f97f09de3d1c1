"""Edits and fixes: what is taken out, what is kept, what is never done twice."""

import pytest

from irodori.lint import (
    Applicability,
    Diagnostic,
    Edit,
    Field,
    Fix,
    LintInput,
    Severity,
    fix,
)
from irodori.lint.edits import appended, placed_after, removed, replaced, weighed
from irodori.lint.fix import apply_fixes, choose
from irodori.lint.views import Reading, read_view
from irodori.prompt import Span


@pytest.fixture
def view(vocabulary, tokenizer):
    def read(text: str, field: Field = Field.PROMPT):
        return read_view(text, field, Reading(tokenizer=tokenizer, lookup=vocabulary.get))

    return read


def after(text: str, edits) -> str:
    one = Fix(title="x", edits=tuple(edits), applicability=Applicability.SAFE)
    return apply_fixes({Field.PROMPT: text}, [one])[Field.PROMPT]


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("smile, hat, bow", {"hat"}, "smile, bow"),
        ("smile, hat, bow", {"bow"}, "smile, hat"),
        ("smile, hat, bow", {"smile"}, "hat, bow"),
        ("smile, hat, bow", {"smile", "hat", "bow"}, ""),
        ("smile, hat, bow", {"hat", "bow"}, "smile"),
        ("smile, (hat:1.2), bow", {"hat"}, "smile, bow"),
        ("(smile, hat:1.2), bow", {"hat"}, "(smile:1.2), bow"),
        ("smile BREAK hat", {"hat"}, "smile BREAK"),
        ("smile,, hat", {"hat"}, "smile"),
        ("smile\nhat,\nbow", {"hat"}, "smile\n\nbow"),
        ("[smile:hat:0.5], bow", {"hat"}, "[smile:hat:0.5], bow"),
        ("(smile, hat:1.2)", {"smile", "hat"}, "(smile, hat:1.2)"),
        ("[red:blue:0.5] hair, bow", {"red hair"}, "[red:blue:0.5] hair, bow"),
    ],
)
def test_taking_tags_out(text: str, names: set[str], left: str, view) -> None:
    read = view(text)
    assert after(text, removed(read, [use for use in read.tags if use.name in names])) == left


def test_replacing_weighing_adding(view) -> None:
    text = "1girl, (hererochromia:1.2), arm up"
    read = view(text)
    _, typo, arm = read.tags
    assert after(text, replaced(read, typo, "x (y)")) == r"1girl, (x \(y\):1.2), arm up"
    assert after(text, weighed(read, arm, 0.4)) == "1girl, (hererochromia:1.2), (arm up:0.4)"
    assert weighed(read, typo, 0.4) == ()
    assert after(text, placed_after(read, read.tags[0], "solo")).startswith("1girl, solo, (")
    assert after(text, appended(read, "solo")) == text + ", solo"
    assert after("", appended(view(""), "solo")) == "solo"
    assert after("a, ", appended(view("a, "), "solo")) == "a, solo "


def test_nothing_is_added_where_it_would_not_count(view) -> None:
    assert appended(view("1girl # a comment"), "solo") == ()
    assert appended(view("1girl AND 1boy :0.5"), "solo") == ()


def finding(*edits: Edit, how: Applicability = Applicability.SAFE) -> Diagnostic:
    return Diagnostic(
        code="TST001",
        name="test-rule",
        severity=Severity.HINT,
        field=Field.PROMPT,
        span=Span(0, 0),
        message="x",
        fixes=(Fix(title=edits[0].text, edits=edits, applicability=how),),
    )


def edit(start: int, end: int, text: str, field: Field = Field.PROMPT) -> Edit:
    return Edit(field=field, span=Span(start, end), text=text)


def test_of_two_that_overlap_the_first_is_taken() -> None:
    found = [
        finding(edit(0, 4, "first")),
        finding(edit(3, 6, "second")),
        finding(edit(4, 6, "third")),
        finding(edit(4, 4, "fourth")),
        finding(edit(0, 4, "fifth", Field.NEGATIVE_PROMPT)),
    ]
    assert [one.title for one in choose(found)] == ["first", "third", "fifth"]


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    found = [finding(edit(0, 1, "a")), finding(edit(8, 9, "b"), edit(0, 2, "c"))]
    assert [one.title for one in choose(found)] == ["a"]


def test_safety_decides_who_may_apply() -> None:
    found = [
        finding(edit(0, 1, "safe")),
        finding(edit(2, 3, "unsafe"), how=Applicability.UNSAFE),
        finding(edit(4, 5, "shown"), how=Applicability.DISPLAY),
    ]
    assert [one.title for one in choose(found)] == ["safe"]
    assert [one.title for one in choose(found, unsafe=True)] == ["safe", "unsafe"]


def test_fixing_goes_on_until_nothing_is_left(lint) -> None:
    source = LintInput(prompt="long_hair, smile,, red_dress, smile, 1girl, long hair")
    result = fix(source, lambda each: lint(each, only=("SYN", "ORD")))
    assert result.source.prompt == "1girl, smile, long hair, red dress"
    assert [one for one in result.findings if one.fixes] == []
    assert len(result.applied) >= 4


def test_both_prompts_are_mended(lint) -> None:
    source = LintInput(prompt="1girl, smile", negative_prompt="bad_quality, 2girls, worst quality")
    result = fix(source, lint, unsafe=True)
    assert result.source.prompt == "1girl, solo, smile"
    assert result.source.negative_prompt == "bad quality, worst quality"


def test_a_check_that_never_rests_ends() -> None:
    flips = {"a": "b", "b": "a"}

    def restless(source: LintInput) -> list[Diagnostic]:
        return [finding(edit(0, 1, flips[source.prompt]))]

    assert fix(LintInput(prompt="a"), restless).source.prompt in flips
