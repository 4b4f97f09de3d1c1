"""Fixes come to rest: what a fix was for is not said again, and no two fixes undo one another."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

import pytest

from irodori.lint import Diagnostic, Field, Fix, LintInput, Rule
from irodori.lint.fix import apply_fixes, choose
from irodori.lint.page import Sample, read_page
from irodori.lint.registry import all_rules
from irodori.prompt import Dialect

RULES: Final = all_rules()
ENOUGH_ROUNDS: Final = 12
"""As many as `irodori lint --fix` makes before it gives up."""

# fmt: off
SURROUNDINGS: Final = (
    "{}", "({}:1.2)", "[{}]", "[{}:0.4]", "[{}::0.5]", "[smile:{}:0.4]", "[{}|smile]",
    "{{{}|smile}}", "({}", "{})", "smile AND {}", "{} AND smile", "smile BREAK {}", "{} BREAK hat",
    "<lora:hat:0.7>{}", "{}<lora:hat:1>", "# a comment\n{}", "{} # a comment", "{}, {}",
    "({}:1.2), {}", "{}\\:0.5", "{}, {} BREAK {}", "{}, __hat__",
)
ADVERSARIES: Final = (
    "red " * 80, "x" * 300, "日本語" * 60, "😀" * 90, "holding " * 30, "a_b" * 60, "e\u0301" * 80,
    "(" * 20 + "hat" + ")" * 20, "[" * 15 + "hat" + "]" * 15, "\\(" * 40, "(a BREAK hat:1.1)hat",
    "smile\\:0.5", "(red|blue:1.1) hair", "[a:b:0.5] hair", "hererochromia", "horror_(style)", ",,",
    "#1 hat", "saber \\(fate\\)AND", "(:3)", "^_^", "BREAK BREAK", "<lora:hat",
)
# fmt: on


def mended(source: LintInput, fixes: Sequence[Fix]) -> LintInput:
    texts = {Field.PROMPT: source.prompt, Field.NEGATIVE_PROMPT: source.negative_prompt}
    left = apply_fixes(texts, fixes)
    return replace(source, prompt=left[Field.PROMPT], negative_prompt=left[Field.NEGATIVE_PROMPT])


def said(findings: Sequence[Diagnostic]) -> Counter[tuple[str, Field, str]]:
    return Counter((one.code, one.field, one.message) for one in findings)


@pytest.mark.parametrize("rule", RULES, ids=[rule.meta.code for rule in RULES])
def test_no_rule_says_again_what_its_fix_was_for(rule: Rule, lint) -> None:
    for sample in read_page(rule).examples:
        findings = lint(sample.source, profile=sample.profile)
        for found in findings:
            for one in found.fixes if found.code == rule.meta.code else ():
                after = lint(mended(sample.source, [one]), profile=sample.profile)
                key = found.code, found.field, found.message
                assert said(after)[key] < said(findings)[key], one.title


@pytest.mark.parametrize("rule", RULES, ids=[rule.meta.code for rule in RULES])
@pytest.mark.parametrize("dialect", Dialect)
def test_every_example_comes_to_rest_in_any_surroundings(rule: Rule, lint, dialect) -> None:
    rng = random.Random(rule.meta.code)  # noqa: S311  # a fixed stream of prompts, no secret
    for sample in read_page(rule).examples:
        for around in rng.sample(SURROUNDINGS, 3):
            source = in_surroundings(sample.source, around, rng.choice(ADVERSARIES))
            if source.recipe is None:
                source = replace(source, dialect=dialect)
            assert_rests(source, sample, lint)


def in_surroundings(source: LintInput, around: str, adversary: str) -> LintInput:
    """The example between brackets, schedules, BREAK, AND or networks, an odd tag beside it."""

    def put(text: str) -> str:
        return around.replace("{}", f"{text}, {adversary}").replace("{{", "{").replace("}}", "}")

    negative = put(source.negative_prompt) if source.negative_prompt else ""
    return replace(source, prompt=put(source.prompt), negative_prompt=negative)


def assert_rests(source: LintInput, sample: Sample, lint) -> None:
    for unsafe in (False, True):
        left, seen = source, set[tuple[str, str]]()
        for _ in range(ENOUGH_ROUNDS):
            seen.add((left.prompt, left.negative_prompt))
            chosen = choose(lint(left, profile=sample.profile), unsafe=unsafe)
            if not chosen:
                break
            left = mended(left, chosen)
            assert (left.prompt, left.negative_prompt) not in seen, chosen
        else:
            pytest.fail(f"never rests: {source!r} is {left!r}")


REPEATED: Final = (
    "1girl, {tag}, smile, {tag}",
    "1girl, {tag} BREAK smile, {tag}",
    "1girl, ({tag}:1.1), [{tag}|smile]",
)


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("POP001", "grabbing own ankles"),
        ("POP003", r"belle \(zenless zone zero\)"),
        ("POP006", "black legwear"),
        ("POP008", "light coming out of both her open hands"),
        ("STY004", "miura kentarou"),
    ],
)
def test_what_is_true_of_a_tag_is_said_once(code: str, tag: str, lint) -> None:
    for around in REPEATED:
        assert len(lint(around.format(tag=tag), only=(code,))) == 1, around
    assert lint(f"1girl, [{tag}::0]", only=(code,)) == ()  # switched off


def test_nothing_is_said_twice_of_one_place(lint) -> None:
    for sample in chain.from_iterable(read_page(rule).examples for rule in RULES):
        prompt = f"{sample.source.prompt}, {sample.source.prompt}"
        findings = lint(replace(sample.source, prompt=prompt), profile=sample.profile)
        places = Counter((one.code, one.field, one.span, one.message) for one in findings)
        assert [each for each, count in places.items() if count > 1] == []


@pytest.mark.parametrize(
    ("prompt", "dialect", "offered"),
    [
        (r"smile\:0.5, 1girl", Dialect.IRODORI, None),
        (r"smile\:0.5, 1girl", Dialect.A1111, None),
        ("smile:0.5, 1girl", Dialect.IRODORI, "(smile:0.5), 1girl"),
    ],
)
def test_a_colon_that_is_text_is_no_weight(prompt, dialect, offered, lint) -> None:
    source = LintInput(prompt=prompt, dialect=dialect)
    fixes = [one for found in lint(source, only=("SYN024",)) for one in found.fixes]
    assert [mended(source, [one]).prompt for one in fixes] == ([offered] if offered else [])


def test_what_is_negated_twice_is_taken_out_twice(lint) -> None:
    source = LintInput(prompt="1girl, smile", negative_prompt="smile, bad hands BREAK (smile:1.2)")
    (found,) = lint(source, only=("NEG004",))
    assert mended(source, found.fixes[:1]).negative_prompt == "bad hands BREAK"


def test_a_misspelt_tag_is_mended_wherever_it_stands(lint) -> None:
    source = LintInput(prompt="hererochromia, smile, (hererochromia:1.2)")
    (found,) = lint(source, only=("POP002",))
    assert mended(source, found.fixes[:1]).prompt == "heterochromia, smile, (heterochromia:1.2)"


def test_a_tag_is_added_before_a_word_that_joins_parts(lint) -> None:
    source = LintInput(prompt=r"1girl, dawn \(pokemon\)AND smile")
    (found,) = lint(source, only=("ASC002",))
    after = mended(source, found.fixes[:1])
    assert " AND smile" in after.prompt
    assert lint(after, only=("ASC002",)) == ()


def test_eyes_that_are_named_need_no_colour_though_nobody_sees_them(lint) -> None:
    said_of = lint("1girl, from behind, blue eyes, red dress", only=("BLD001",))
    assert "eyes" not in said_of[0].message
    assert lint("1girl, from behind, blue eyes, black hair, red dress", only=("BLD001",)) == ()


def test_a_comment_cannot_be_escaped_where_comments_go_first(lint) -> None:
    for dialect, titles in ((Dialect.IRODORI, [r"write \#1 idol"]), (Dialect.A1111, [])):
        (found,) = lint(LintInput(prompt="1girl, #1 idol", dialect=dialect), only=("SYN015",))
        assert [one.title for one in found.fixes] == titles


def test_people_are_not_sorted_where_that_leaves_them_late(lint) -> None:
    late = "qwertyish, asdfgish, zxcvbnish, 1girl, 1girl"
    (found,) = lint(late, only=("ORD003",))
    assert found.fixes == ()
    (found,) = lint("smile, long hair, forest, 1girl", only=("ORD003",))
    assert found.fixes
