"""Styles as A1111 keeps them; differences as a person would tell them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irodori.errors import InputError, OutputError
from irodori.recipe import Base, Detailer, Hires, Img2Img, Noise, Recipe
from irodori.recipe.diff import diff
from irodori.recipe.styles import (
    Style,
    apply_styles,
    parse_styles,
    read_styles,
    remove_styles,
    styles_text,
    write_styles,
)
from irodori.recipe.tag_diff import ChangeKind, diff_prompts

STEPS = (
    "1girl, looking at viewer, head tilt, smirk, city, dark, high contrast,",
    "1girl, looking at viewer, head tilt, (smirk:0.5), (grin:0.5), (dark:0.5), (dutch angle:0.3)",
)


def lines(before: str, after: str) -> list[str]:
    return [str(change) for change in diff_prompts(before, after, where="prompt")]


def test_prompts_differ_by_tag_and_weight() -> None:
    assert lines(*STEPS) == [
        "smirk 1.0 -> 0.5",
        "+ grin 0.5",
        "dark 1.0 -> 0.5",
        "+ dutch angle 0.3",
        "- city",
        "- high contrast",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a, b", "a, b", []),
        ("a,b", "a, b", ["~ prompt: only blanks, separators or brackets changed"]),
        ("((a))", "(a:1.21)", ["~ prompt: only blanks, separators or brackets changed"]),
        ("a, b, c", "b, c, a", ["~ a moved"]),
        ("(a, b)", "a, (b:1.1)", ["a 1.1 -> 1.0"]),
        ("a", "a, a", ["+ a"]),
        ("red_hair", "red hair, x", ["+ x"]),
        (r"saber \(fate\)", r"(saber \(fate\):0.8)", ["saber (fate) 1.0 -> 0.8"]),
        ("a <lora:x:0.7>", "a <lora:x:0.4> <lora:y:1>", ["<lora:x> 0.7 -> 0.4", "+ <lora:y> 1"]),
        ("a, b", "a BREAK b", ["+ BREAK"]),
        ("a AND b:0.5", "a AND b:0.7", ["AND 0.5 -> 0.7"]),
        ("a", "[a:b:0.5]", ["+ [a:b:0.5]", "- a"]),
        ("", "a", ["+ a"]),
    ],
)
def test_every_kind_of_change_is_told(before: str, after: str, told: list[str]) -> None:
    assert lines(before, after) == told


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_change_goes_untold(before: str, after: str) -> None:
    changes = diff_prompts(before, after, where="prompt")
    assert bool(changes) == (before != after)
    assert all(str(change) for change in changes)


def test_settings_differ_under_the_names_people_use() -> None:
    before = Recipe(prompt="a", noise=Noise(seed=1))
    after = replace(
        before,
        negative_prompt="censor",
        base=Base(cfg_scale=4.5, width=1216, height=832),
        hires=Hires(scale=1.6, steps=22, denoise=0.39),
        detailers=(Detailer(),),
        img2img=Img2Img(denoise=0.3),
    )
    assert [str(change) for change in diff(before, after)] == [
        "negative: + censor",
        "size 832x1216 -> 1216x832",
        "CFG 5 -> 4.5",
        "+ hires R-ESRGAN 4x+ Anime6B x1.6, 22 steps, denoise 0.39",
        "+ detailer face_yolov8n.pt",
        "+ img2img denoise 0.3",
    ]
    back = diff(after, replace(after, hires=Hires(), detailers=(Detailer(confidence=0.5),)))
    assert [str(change) for change in back] == [
        "hires scale 1.6 -> 1.5",
        "hires steps 22 -> 20",
        "hires denoise 0.39 -> 0.4",
        "detailer 1 confidence 0.3 -> 0.5",
    ]
    assert diff(after, after) == ()
    assert diff(after, before)[0].kind is ChangeKind.REMOVED


STYLES = (
    Style(name="soft", prompt="soft light, {prompt}, pastel", negative_prompt="harsh"),
    Style(name='"quoted", comma', prompt="line\nbreak", negative_prompt=""),
)


def test_styles_files_come_back(tmp_path: Path) -> None:
    path = tmp_path / "styles.csv"
    assert read_styles(path) == ()
    write_styles(path, STYLES)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfname,prompt,negative_prompt")
    assert read_styles(path) == STYLES
    write_styles(path, STYLES[:1])
    assert read_styles(path) == STYLES[:1]
    assert read_styles(tmp_path / "styles.csv.bak") == STYLES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["styles.csv", "styles.csv.bak"]


@given(st.lists(st.builds(Style, name=st.text(min_size=1), prompt=st.text(), negative_prompt=st.text()), unique_by=lambda s: s.name))  # fmt: skip  # noqa: E501
def test_any_style_comes_back(styles: list[Style]) -> None:
    kept = [s for s in styles if not {"\r", "\n"} & set(s.name)]
    found = parse_styles(styles_text(kept))
    assert [(s.name, s.prompt, s.negative_prompt) for s in found] == [
        (s.name, s.prompt, s.negative_prompt) for s in kept
    ]


def test_old_and_bad_styles_files(tmp_path: Path) -> None:
    assert parse_styles("name,text\nold,soft light\n")[0].prompt == "soft light"
    assert parse_styles("") == ()
    with pytest.raises(InputError, match="no column 'name'"):
        parse_styles("a,b\n1,2\n")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"name\n\xff\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read_styles(bad)
    with pytest.raises(OutputError, match="cannot write"):
        write_styles(tmp_path / "no" / "styles.csv", STYLES)


def test_styles_are_applied_and_found_again() -> None:
    plain = Style(name="plain", prompt="8k wallpaper")
    applied = apply_styles("1girl", "bad", (STYLES[0], plain))
    assert applied == ("soft light, 1girl, pastel, 8k wallpaper", "bad, harsh")
    assert remove_styles(*applied, (plain, STYLES[0])) == ("1girl", "bad", (STYLES[0], plain))
    assert remove_styles("1girl", "bad", STYLES) == ("1girl", "bad", ())
