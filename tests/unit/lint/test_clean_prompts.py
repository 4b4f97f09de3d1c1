"""Sixty prompts that an experienced person would call clean, drawn by the baseline recipe (P1).

All rules run, those on recipes too. Hints may be given; a warning must be rare.
"""

from pathlib import Path

import pytest

from irodori.lint import LintInput, Severity
from irodori.recipe import Detailer, Noise, Recipe

FIXTURE = Path(__file__).parents[2] / "fixtures" / "practice" / "clean_prompts.txt"
ALLOWED = 0.3
"""Warnings a prompt, over all of them."""


def read_prompts() -> list[tuple[str, str]]:
    text = FIXTURE.read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    blocks = [block.strip() for block in kept.split("\n\n") if block.strip()]
    return [(prompt, negative.strip()) for prompt, _, negative in map(_split, blocks)]


def _split(block: str) -> tuple[str, str, str]:
    return block.partition("\nNegative prompt:")


PROMPTS = read_prompts()


@pytest.fixture(scope="session")
def found(lint) -> list[tuple[str, object]]:
    """Every finding of every prompt, with the prompt."""
    pairs = []
    for prompt, negative in PROMPTS:
        drawn = Recipe(
            prompt=prompt,
            negative_prompt=negative,
            noise=Noise(seed=1),
            detailers=(Detailer(),),
        )
        pairs += [(prompt, one) for one in lint(LintInput.of(drawn))]
    return pairs


def test_there_are_sixty_of_many_kinds() -> None:
    assert len(PROMPTS) == len(set(PROMPTS)) == 60
    prompts = [prompt for prompt, _ in PROMPTS]
    assert sum("BREAK" in prompt for prompt in prompts) >= 4
    assert sum("no humans" in prompt for prompt in prompts) >= 4
    assert sum("<lora:" in prompt for prompt in prompts) >= 2
    assert sum(bool(negative) for _, negative in PROMPTS) >= 4
    assert {len(prompt) > 200 for prompt in prompts} == {True, False}


def test_a_clean_prompt_is_hardly_ever_warned_of(found) -> None:
    grave = [
        f"{one.code} {one.message}  <- {prompt}"
        for prompt, one in found
        if one.severity is not Severity.HINT
    ]
    assert len(grave) < ALLOWED * len(PROMPTS), "\n".join(grave)


def test_what_can_be_seen_is_never_called_hidden(found) -> None:
    assert [(one.message, prompt) for prompt, one in found if one.code.startswith("VIS")] == []


def test_the_fixture_would_show_a_fault(lint) -> None:
    spoiled = "1girl, solo, cowboy shot, boots, closed eyes, blue eyes, from behind, smile"
    grave = [one for one in lint(spoiled) if one.severity is not Severity.HINT]
    assert len(grave) > ALLOWED * 10
