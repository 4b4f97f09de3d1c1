"""Prompts without a fault: the linter warns of next to none of them."""

from pathlib import Path

from irodori.lint import Severity

CLEAN = Path(__file__).parents[2] / "fixtures" / "clean_prompts" / "prompts.txt"
MOST_WARNINGS = 0.3
"""Warnings a clean prompt, at most."""


def test_clean_prompts_have_next_to_no_warnings(lint) -> None:
    lines = [line for line in CLEAN.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) >= 60
    grave = []
    for line in lines:
        prompt, _, negative = line.partition(" || ")
        found = lint(prompt, negative)
        grave += [(one.code, prompt) for one in found if one.severity is not Severity.HINT]
    assert len(grave) < MOST_WARNINGS * len(lines), grave


def test_the_measure_can_fail(lint) -> None:
    found = lint("1girl, long_hair, hererochromia, close-up, full body", "sensitive")
    assert sum(one.severity is not Severity.HINT for one in found) >= 4
