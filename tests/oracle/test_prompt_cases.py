"""Dialect a1111 against recorded outputs of Forge's own functions, every case of every section.

Texts that Forge stops on (`error`, a weight such as `1..2`) have no output to compare with. They
are text here: the tree must name the weight as malformed, and the emphasis must be that of the
same text with a weight that Forge, too, reads as text.
"""

import json
from pathlib import Path

import pytest

from irodori.prompt import (
    Code,
    EmphasisMode,
    composition,
    emphasis,
    networks,
    parse,
    prompt_schedule,
    render,
    text_at_step,
    without_networks,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "prompts"
CASES = json.loads((FIXTURES / "prompt_cases.json").read_text(encoding="utf-8"))
LARK = json.loads((FIXTURES / "lark_schedules.json").read_text(encoding="utf-8"))
SCHEDULES = CASES["schedule"] + CASES["schedule_fuzz_stable"]


def by_id(case: dict[str, object]) -> str:
    return str(case["id"])


def test_the_record_is_whole() -> None:
    assert {name: len(CASES[name]) for name in CASES if name != "meta"} == {
        "schedule": 181,
        "attention": 93,
        "multicond": 20,
        "extra_networks": 28,
        "cond_at_step": 5,
        "schedule_fuzz_stable": 360,
    }


@pytest.mark.parametrize("case", SCHEDULES, ids=by_id)
def test_schedule(case) -> None:
    found = prompt_schedule(
        case["prompt"],
        case["base_steps"],
        hires_steps=case["hires_steps"],
        old_timelines=case["use_old_scheduling"],
        dialect="a1111",
    )
    assert [list(entry) for entry in found] == case["expected"]


@pytest.mark.parametrize("case", CASES["attention"], ids=by_id)
def test_attention(case) -> None:
    text = case["text"]
    found = [list(segment) for segment in emphasis(text, dialect="a1111")]
    if case["error"] is None:
        assert found == case["expected"]
    else:
        codes = {diagnostic.code for diagnostic in parse(text, dialect="a1111").diagnostics}
        assert Code.MALFORMED_WEIGHT in codes
        weight = text[text.rindex(":") + 1 : text.rindex(")")]
        same = emphasis(text.replace(weight, "--1"), dialect="a1111")
        assert found == [[part.replace("--1", weight), number] for part, number in same]
    none = emphasis(text, dialect="a1111", mode=EmphasisMode.NONE)
    assert [list(segment) for segment in none] == case["emphasis_none"]


@pytest.mark.parametrize("case", CASES["multicond"], ids=by_id)
def test_composition(case) -> None:
    found = [list(part) for part in composition(case["prompt"], dialect="a1111")]
    assert found == case["subprompts"]


@pytest.mark.parametrize("case", CASES["extra_networks"], ids=by_id)
def test_networks(case) -> None:
    found: dict[str, list[dict[str, object]]] = {}
    for tag in networks(case["prompt"], dialect="a1111"):
        items = {
            "items": list(tag.items),
            "positional": list(tag.positional),
            "named": dict(tag.named),
        }
        found.setdefault(tag.kind, []).append(items)
    assert found == case["networks"]
    assert without_networks(case["prompt"]) == case["cleaned"]


@pytest.mark.parametrize("case", CASES["cond_at_step"], ids=by_id)
def test_text_at_each_denoiser_call(case) -> None:
    used = case["text_used_at_denoiser_call"]
    found = [
        text_at_step(
            case["prompt"],
            call + 1,
            case["base_steps"],
            hires_steps=case["hires_steps"],
            dialect="a1111",
        )
        for call in range(len(used))
    ]
    assert found == used


def test_every_recorded_text_is_parsed_without_loss() -> None:
    keys = {"attention": "text"}
    for section, cases in CASES.items():
        for case in cases if section != "meta" else ():
            text = case[keys.get(section, "prompt")]
            for dialect in ("irodori", "a1111"):
                assert render(parse(text, dialect=dialect)) == text


def test_schedules_of_random_strings_are_those_of_the_published_grammar() -> None:
    steps = LARK["steps"]
    assert len(LARK["cases"]) >= 1500
    differing = [
        (text, expected)
        for text, expected in LARK["cases"]
        if [list(e) for e in prompt_schedule(text, steps, dialect="a1111")] != expected
    ]
    assert differing == []
