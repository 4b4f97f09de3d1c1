r"""A tag with brackets in its name, walked through everything that handles prompt text.

Escapes are what other tools lose: `\(series\)` becomes a weight one layer further on.
"""

from pathlib import Path

import pytest

from irodori.prompt import (
    Edit,
    Span,
    WildcardLibrary,
    apply,
    chunk,
    emphasis,
    escape,
    expand,
    load_tokenizer,
    merge_duplicates,
    move_tag,
    nudge_weight,
    parse,
    prompt_schedule,
    render,
    sort_tags,
    toggle_tag,
    underscores_to_spaces,
    unescape,
)
from irodori.prompt.convert import PromptFormat, convert
from irodori.recipe.infotext import parse as parse_infotext
from irodori.recipe.infotext import write
from irodori.recipe.parts import Noise
from irodori.recipe.recipe import Recipe

NAMES = (
    "saber (fate)",
    "artoria pendragon (lancer alter) (fate)",
    "link (zelda) [botw]",
    r"kaomoji \(^o^)/ face",
    "re:zero (series)",
    "set {a|b} of #1",
    "#compass (game)",
    "x (y:1.2)",
    "gold AND silver (band)",
    "coffee BREAK (bar)",
    "初音ミク (ボーカロイド) 😀",
)
TOKENIZER = load_tokenizer()

pytestmark = pytest.mark.parametrize("name", NAMES)


def prompt_with(name: str) -> str:
    return f"1girl, {escape(name)}, smile"


def names_in(text: str) -> list[str]:
    return [tag.name for tag in chunk(text, TOKENIZER).tags]


def test_tree_and_escape(name: str) -> None:
    text = prompt_with(name)
    assert render(parse(text)) == text
    assert parse(text).diagnostics == ()
    assert unescape(escape(name)) == name
    assert names_in(text) == ["1girl", name, "smile"]


def test_emphasis_and_tokens(name: str) -> None:
    text = prompt_with(name)
    assert emphasis(text) == [(f"1girl, {name}, smile", 1.0)]
    (only,) = chunk(text, TOKENIZER).chunks
    assert only.ids == TOKENIZER.encode(f"1girl, {name}, smile")


def test_every_edit(name: str) -> None:
    text = prompt_with(name)
    inside = text.index(escape(name)) + 1

    def changed(edits: tuple[Edit, ...]) -> str:
        return apply(text, edits)

    louder = changed(nudge_weight(text, Span(inside, inside), 1))
    assert emphasis(louder)[1] == (name, 1.1)
    assert apply(louder, nudge_weight(louder, Span(inside + 1, inside + 1), -1)) == text
    assert names_in(changed(move_tag(text, inside, 1))) == ["1girl", "smile", name]
    assert sorted(names_in(changed(sort_tags(text, len)))) == sorted(names_in(text))
    doubled = f"{text}, {escape(name)}"
    assert apply(doubled, merge_duplicates(doubled)) == text
    assert names_in(changed(underscores_to_spaces(text))) == names_in(text)
    off = changed(toggle_tag(text, inside))
    assert prompt_schedule(off, 20) == [(20, "1girl, , smile")]
    assert apply(off, toggle_tag(off, inside + 1)) == text


def test_schedule(name: str) -> None:
    before, after = prompt_schedule(f"[{escape(name, colons=True)}:x:0.5]", 20)
    assert emphasis(before[1]) == [(name, 1.0)]
    assert after == (20, "x")


def test_wildcard_and_variant(name: str, tmp_path: Path) -> None:
    # A line of a wildcard file is prompt text; one that begins with # is a comment.
    (tmp_path / "who.txt").write_text(f"{escape(name)}\n", encoding="utf-8")
    library = WildcardLibrary((tmp_path,))
    text = expand("1girl, __who__, {smile}, {2$$__who__}", seed=1, wildcards=library).text
    assert names_in(text) == ["1girl", name, r"{smile}", name]
    assert expand(f"{{{escape(name)}|{escape(name)}}}", seed=1).text == escape(name)


@pytest.mark.parametrize("tool", [PromptFormat.COMFYUI, PromptFormat.SWARMUI, PromptFormat.A1111])
def test_conversion_there_and_back(name: str, tool: PromptFormat) -> None:
    text = f"1girl, ({escape(name)}:1.2)"
    there = convert(text, source=PromptFormat.IRODORI, target=tool)
    back = convert(there.text, source=tool, target=PromptFormat.IRODORI)
    # A1111 cuts at # even behind a backslash: that must be said.
    if tool is PromptFormat.A1111 and "#" in name:
        assert "otherwise" in there.losses[0].message
    else:
        assert there.losses == ()
        assert emphasis(back.text) == [("1girl, ", 1.0), (name, 1.2)]


def test_infotext(name: str) -> None:
    recipe = Recipe(prompt=prompt_with(name), noise=Noise(seed=1))
    text = write(recipe)
    assert parse_infotext(text).prompt == recipe.prompt
    assert names_in(parse_infotext(text).prompt)[1] == name
