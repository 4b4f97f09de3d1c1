"""A rule's page is its test: the example makes it speak, the cure leaves it silent."""

import re
from collections.abc import Sequence

import pytest

from irodori.lint import Diagnostic, Field, LintInput, Rule, Severity, fix
from irodori.lint.diagnostic import Applicability
from irodori.lint.page import Sample, read_page
from irodori.lint.registry import FAMILIES, REDIRECTS, all_rules, find_rule
from irodori.lint.settings import Settings

RULES = all_rules()
SECTIONS = ("Why is this bad?", "Example", "Use instead", "Fix", "Evidence")
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=[rule.meta.code for rule in RULES])


def of_rule(rule: Rule, sample: Sample, lint) -> list[Diagnostic]:
    found = lint(sample.source, profile=sample.profile)
    return [one for one in found if one.code == rule.meta.code]


@BY_CODE
def test_every_example_makes_its_rule_speak(rule: Rule, lint) -> None:
    page = read_page(rule)
    assert page.examples
    for sample in page.examples:
        assert of_rule(rule, sample, lint), sample.text


@BY_CODE
def test_every_cure_leaves_its_rule_silent(rule: Rule, lint) -> None:
    page = read_page(rule)
    assert page.cures
    for sample in page.cures:
        assert of_rule(rule, sample, lint) == [], sample.text


@BY_CODE
def test_every_page_is_whole(rule: Rule) -> None:
    page = read_page(rule)
    names = [name for name, _ in page.sections]
    assert [name for name in SECTIONS if name not in names] == []
    assert all(text.strip() for _, text in page.sections)
    assert bool(rule.meta.options) == ("Options" in names)
    for option in rule.meta.options:
        family, _, key = option.name.partition(".")
        holder = getattr(Settings(), family)
        assert hasattr(holder, key.replace("-", "_")), option.name
        assert option.name in dict(page.sections)["Options"]


@BY_CODE
def test_metadata_is_in_form(rule: Rule) -> None:
    meta = rule.meta
    assert re.fullmatch(r"[A-Z]{3}\d{3}", meta.code)
    assert meta.family in FAMILIES
    assert type(rule).__module__.split(".")[-2] == FAMILIES[meta.family][0]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", meta.name)
    assert meta.summary
    assert not meta.summary.endswith(".")
    assert meta.source == "" or re.fullmatch(r"P\d+(, P\d+)*", meta.source)
    assert find_rule(meta.code) is rule
    assert find_rule(meta.name) is rule


def test_codes_and_names_are_unique_and_never_used_again() -> None:
    codes = [rule.meta.code for rule in RULES]
    names = [rule.meta.name for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert set(REDIRECTS).isdisjoint(codes)
    assert set(REDIRECTS.values()) <= set(codes)


def test_every_family_has_rules() -> None:
    assert {rule.meta.family for rule in RULES} == set(FAMILIES)


@BY_CODE
def test_findings_point_at_what_they_speak_of(rule: Rule, lint) -> None:
    for sample in read_page(rule).examples:
        for found in of_rule(rule, sample, lint):
            text = {
                Field.PROMPT: sample.source.prompt,
                Field.NEGATIVE_PROMPT: sample.source.negative_prompt,
                Field.RECIPE: "",
            }[found.field]
            assert 0 <= found.span.start <= found.span.end <= len(text)
            assert found.message
            assert not found.message.endswith(".")
            assert found.help or found.evidence or found.fixes
            assert isinstance(found.severity, Severity)


@BY_CODE
def test_fixes_offered_are_of_the_class_the_page_names(rule: Rule, lint) -> None:
    classes = {
        one.applicability
        for sample in read_page(rule).examples
        for found in of_rule(rule, sample, lint)
        for one in found.fixes
    }
    if rule.meta.applicability is None:
        assert classes == set()
    else:
        assert rule.meta.applicability in classes


@BY_CODE
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_fixing_twice_is_fixing_once(rule: Rule, lint, *, unsafe: bool) -> None:
    for sample in read_page(rule).examples:

        def again(source: LintInput, sample: Sample = sample) -> Sequence[Diagnostic]:
            return lint(source, profile=sample.profile)

        once = fix(sample.source, again, unsafe=unsafe)
        twice = fix(once.source, again, unsafe=unsafe)
        assert (twice.source.prompt, twice.source.negative_prompt) == (
            once.source.prompt,
            once.source.negative_prompt,
        )
        assert twice.applied == ()


@BY_CODE
def test_the_best_fix_cures(rule: Rule, lint) -> None:
    if rule.meta.applicability not in {Applicability.SAFE, Applicability.UNSAFE}:
        return
    unsafe = rule.meta.applicability is Applicability.UNSAFE
    for sample in read_page(rule).examples:

        def only(source: LintInput, sample: Sample = sample) -> Sequence[Diagnostic]:
            found = lint(source, profile=sample.profile)
            return [one for one in found if one.code == rule.meta.code]

        offered = [f for one in only(sample.source) for f in one.fixes]
        if any(one.applicability is rule.meta.applicability for one in offered):
            left = fix(sample.source, only, unsafe=unsafe).findings
            assert [one for one in left if one.fixes] == []
