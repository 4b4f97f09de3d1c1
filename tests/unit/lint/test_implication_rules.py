"""IMP: what is said twice over, what cannot both be true, what is asked for but never named."""

import pytest

from irodori.lint import Severity


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("1girl, fox ears, animal ears", [("IMP001", "animal ears")]),
        ("1girl, fox ears, (animal ears:0.6)", []),
        ("2girls BREAK fox ears BREAK animal ears", []),
        ("1girl, [fox ears:animal ears:0.5]", []),
        ("1girl, fox ears, cat ears, animal ears", [("IMP001", "animal ears")]),
        ("1girl, open jacket AND 1girl, dress", [("IMP003", "open jacket")]),
        ("1girl, holding cane, cane", [("IMP002", "cane")]),
        ("1girl, holding cane BREAK cane", []),
        ("1girl, red jacket, open jacket", [("IMP003", "open jacket")]),
        ("1girl, red jacket, open jacket, dress", []),
        ("1girl, white shirt, open shirt", [("IMP003", "open shirt")]),
        ("1boy, open shirt, abs", []),
        ("1girl, hatsune miku, open jacket", []),
        ("1girl, holding", [("IMP005", "holding")]),
        ("1girl, holding, umbrella", []),
        ("1girl, holding weapon, holding sword", [("IMP001", "holding weapon")]),
    ],
)
def test_what_is_implied_and_what_is_missing(
    prompt: str, found: list[tuple[str, str]], lint
) -> None:
    got = lint(prompt, only=("IMP",))
    assert [(one.code, prompt[slice(*one.span)]) for one in got] == found
    assert {one.severity for one in got} <= {Severity.HINT}


@pytest.mark.parametrize(
    ("prompt", "severity"),
    [
        ("1girl, long hair, short hair", Severity.WARNING),
        ("1girl, looking at viewer, closed eyes", Severity.WARNING),
        ("2girls, solo", Severity.WARNING),
        ("1girl, (long hair:0.5), short hair", Severity.HINT),
        ("1girl, standing, sitting", Severity.HINT),
        ("1girl, open mouth, clenched teeth", Severity.HINT),
        ("1girl, 2girls", Severity.WARNING),
        ("1girl, day, night", Severity.HINT),
        ("2girls BREAK long hair, short hair BREAK medium hair", Severity.WARNING),
    ],
)
def test_what_cannot_both_be_true(prompt: str, severity: Severity, lint) -> None:
    (one,) = lint(prompt, only=("IMP004",))
    assert one.severity is severity


@pytest.mark.parametrize(
    "prompt",
    [
        "2girls, long hair, short hair",  # each may have one
        "1girl, [day:night:0.5]",
        "1girl, {long|short} hair",
        "2girls BREAK long hair BREAK short hair",
        "1girl, grin, smile",
        "1girl, 1boy, looking at viewer",
        "2girls, hug BREAK 1girl, red hair BREAK 1girl, black hair",
    ],
)
def test_what_may_both_be_true(prompt: str, lint) -> None:
    assert lint(prompt, only=("IMP004",)) == ()


def test_the_held_thing_is_told_to_be_no_error(lint) -> None:
    (one,) = lint("1girl, holding cane, cane", only=("IMP",))
    assert "no error" in one.message
    assert one.severity is Severity.HINT
