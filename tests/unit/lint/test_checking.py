"""Checking: order, selection, settings, profiles, comments, what SARIF and JSON say."""

import json

import pytest

from irodori.errors import InputError, UnknownNameError
from irodori.lint import Diagnostic, Field, LintInput, Severity, load_profile, read_settings
from irodori.lint.registry import all_rules, find_rule
from irodori.lint.report import as_json, as_sarif, line_and_column
from irodori.lint.settings import Settings
from irodori.prompt import Dialect


def codes(found) -> list[str]:
    return [one.code for one in found]


def test_the_gravest_stand_first_then_the_order_of_the_text(lint) -> None:
    found = lint("1girl, smile,, ((hat, long_hair, hererochromia", "sensitive, cat_ears")
    ranks = [one.severity.rank for one in found]
    assert ranks == sorted(ranks)
    assert found[0].severity is Severity.ERROR
    warnings = [one for one in found if one.severity is Severity.WARNING]
    prompts = [one.span.start for one in warnings if one.field is Field.PROMPT]
    assert prompts == sorted(prompts)
    assert warnings[-1].field is Field.NEGATIVE_PROMPT


def test_rules_are_chosen_by_code_family_and_name(lint) -> None:
    text = "1girl, long_hair, smile,, hererochromia"
    assert set(codes(lint(text, only=("SYN",)))) == {"SYN020", "SYN023"}
    assert codes(lint(text, only=("SYN020",))) == ["SYN020"]
    assert codes(lint(text, only=("empty-tag",))) == ["SYN023"]
    assert "SYN020" not in codes(lint(text, ignore=["SYN"]))
    assert codes(lint(text, only=("SYN020", "POP"), ignore=["SYN"])) == ["POP002", "SYN020"][::-1]
    assert codes(lint(text, only=("SYN020",), ignore=["underscored-tag"])) == []


def test_thresholds_are_read_and_checked() -> None:
    settings = read_settings({"pop": {"general-min": 500, "dominance": 4}, "ignore": ["QLT"]})
    assert settings.pop.general_min == 500
    assert settings.pop.dominance == 4.0
    assert settings.ignore == ("QLT",)
    assert read_settings({}) == Settings()
    with pytest.raises(UnknownNameError, match="general-min"):
        read_settings({"pop": {"general-mn": 5}})
    with pytest.raises(UnknownNameError):
        read_settings({"popp": {}})
    for wrong in ({"pop": 3}, {"pop": {"general-min": "many"}}, {"ignore": "QLT"}, {"ignore": [1]}):
        with pytest.raises(InputError):
            read_settings(wrong)
    with pytest.raises(InputError, match="whole number"):
        read_settings({"pop": {"general-min": True}})


def test_a_threshold_changes_what_is_found(lint) -> None:
    text = "1girl, arm up, arm behind back"
    assert "POP005" in codes(lint(text))
    assert "POP005" not in codes(lint(text, pop={"dominance": 6}))


def test_names_of_ones_own_are_no_mistakes(lint) -> None:
    text = "1girl, hererochromia, my_char"
    assert codes(lint(text, **{"known-tags": ["hererochromia", "my char"]})) == []


def test_profiles_know_other_words(lint) -> None:
    assert "QLT006" in codes(lint("1girl, very awa"))
    assert "QLT006" not in codes(lint("1girl, very awa", profile="noobai"))
    with pytest.raises(UnknownNameError):
        load_profile("illustrous")


def test_a_comment_switches_off_in_its_prompt(lint) -> None:
    text = "1girl, long_hair\n# irodori: ignore SYN020"
    assert codes(lint(text)) == []
    assert codes(lint(text, "bad_quality")) == ["SYN020"]  # of the other prompt


def test_a_comment_behind_text_is_about_its_line(lint) -> None:
    text = "1girl, long_hair, # irodori: ignore SYN020\nshort_dress"
    found = lint(text, only=("SYN020",))
    assert [one.span.of(text) for one in found] == ["short_dress"]


def test_a_comment_may_name_a_family_a_name_several_or_none(lint) -> None:
    text = "1girl, long_hair, smile,, hererochromia\n# irodori: ignore"
    assert codes(lint(text)) == []
    assert codes(lint(f"{text} SYN, unknown-tag")) == []
    assert codes(lint(f"{text} empty-tag, underscored-tag")) == ["POP002"]


def test_comments_that_switch_nothing_off_are_told(lint) -> None:
    text = "1girl, long_hair\n# irodori: ignore SYN020, SYN023"
    found = lint(text)
    assert codes(found) == ["LNT001"]
    assert found[0].span.of(text) == "SYN023"
    assert codes(lint(text, ignore=["SYN023"])) == []
    assert "LNT002" in codes(lint("1girl # irodori: ignore SYN999"))


def test_a_rule_is_found_by_code_and_name() -> None:
    assert find_rule("pop002") is find_rule("unknown-tag")
    with pytest.raises(UnknownNameError) as caught:
        find_rule("unknown-tags")
    assert caught.value.nearest == "unknown-tag"


def test_the_dialect_decides(lint) -> None:
    a1111 = LintInput(prompt="1girl, (smile BREAK hat:1.1)", dialect=Dialect.A1111)
    assert "SYN008" in codes(lint(a1111))
    assert "SYN008" not in codes(lint(a1111.prompt))


def test_json_has_what_is_promised(lint) -> None:
    found = lint("1girl, long_hair", only=("SYN020",))
    data = json.loads(json.dumps(as_json(found)))
    assert data == [
        {
            "code": "SYN020",
            "name": "underscored-tag",
            "severity": "warning",
            "field": "prompt",
            "span": [7, 16],
            "message": "'long_hair' is not what the model was taught",
            "evidence": "",
            "help": "write long hair",
            "fixes": [
                {
                    "title": "write long hair",
                    "applicability": "safe",
                    "edits": [{"field": "prompt", "span": [7, 16], "text": "long hair"}],
                }
            ],
        }
    ]


def test_sarif_names_rules_places_and_levels(lint) -> None:
    text = "1girl,\n😀 long_hair"
    found: list[Diagnostic] = list(lint(text, "sensitive"))
    texts = {Field.PROMPT: text, Field.NEGATIVE_PROMPT: "sensitive"}
    log = as_sarif(found, texts, version="1.2.3", uri="a.txt")
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(codes(found))
    for one, result in zip(found, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == one.code
        assert result["level"] in {"error", "warning", "note"}
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == f"a.txt#{one.field.value}"
    syntax = next(r for r in run["results"] if r["ruleId"] == "SYN020")
    region = syntax["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (2, 1)


def test_lines_and_columns_count_from_one() -> None:
    assert line_and_column("ab\ncd", 0) == (1, 1)
    assert line_and_column("ab\ncd", 4) == (2, 2)
    assert line_and_column("ab\ncd", 5) == (2, 3)


def test_an_empty_prompt_is_no_mistake(lint) -> None:
    assert lint("") == ()
    assert lint("", "") == ()


def test_every_rule_has_state_of_nobody() -> None:
    assert all(not vars(rule) for rule in all_rules())


def test_a_message_gives_only_the_beginning_of_a_long_name(lint) -> None:
    prompt = "1girl, " + "x" * 5000
    found = [one for one in lint(prompt) if one.code in ("POP002", "CHK001")]
    assert [prompt[slice(*one.span)] for one in found] == ["x" * 5000] * 2
    assert all(len(one.message) < 200 and "xxx..." in one.message for one in found)


@pytest.mark.parametrize("length", [20, 200])
def test_no_break_is_asked_for_where_one_would_not_help(lint, length) -> None:
    """A tag longer than a chunk is cut wherever it begins."""
    for prompt in ("1girl" * 5 * length, "BREAK " + "1girl" * 5 * length):
        (found,) = [one for one in lint(prompt) if one.code == "CHK001"]
        assert found.fixes == ()
        assert found.help == "make it shorter"
