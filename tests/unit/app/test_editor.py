"""Prompt files, and what an editor is told about them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from irodori.app.editor import Editor
from irodori.app.linting import Linter
from irodori.app.prompt_file import read_prompt_file
from irodori.lint import Edit, Field, Settings, load_profile
from irodori.prompt import Span, load_tokenizer
from irodori.prompt.entries import Edit as TextEdit
from irodori.prompt.entries import apply
from irodori.tags import open_vocabulary


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with open_vocabulary(tmp_path_factory.mktemp("tags") / "tags.sqlite") as vocabulary:
        yield Editor(
            Linter(
                vocabulary=vocabulary,
                settings=Settings(),
                profile=load_profile(),
                tokenizer=load_tokenizer(),
            )
        )


@pytest.mark.parametrize(
    ("text", "prompt", "negative"),
    [
        ("1girl", "1girl", ""),
        ("1girl,\nsmile\n\n", "1girl,\nsmile", ""),
        ("1girl\nNegative prompt: bad\n", "1girl", "bad"),
        ("1girl\r\nNegative prompt:bad, worse", "1girl", "bad, worse"),
        ("Negative prompt: bad", "", "bad"),
        ("1girl\nNegative prompt:", "1girl", ""),
        ("1girl, Negative prompt: bad", "1girl, Negative prompt: bad", ""),
        ("", "", ""),
    ],
)
def test_a_file_has_two_prompts(text: str, prompt: str, negative: str) -> None:
    source = read_prompt_file(text).source()
    assert (source.prompt, source.negative_prompt) == (prompt, negative)


def test_places_go_to_and_fro() -> None:
    file = read_prompt_file("1girl\nNegative prompt: bad, worse\n")
    assert file.place(Field.NEGATIVE_PROMPT, Span(5, 10)).of(file.text) == "worse"
    assert file.field_at(3) == (Field.PROMPT, 3)
    assert file.field_at(file.text.index("worse")) == (Field.NEGATIVE_PROMPT, 5)
    assert file.field_at(10) is None


def test_the_label_is_written_where_it_lacks() -> None:
    file = read_prompt_file("1girl\n")
    edit = Edit(field=Field.NEGATIVE_PROMPT, span=Span(0, 0), text="bad")
    span, text = file.change(edit)
    assert apply(file.text, [TextEdit(span=span, text=text)]) == "1girl\nNegative prompt: bad\n"


def test_hover_tells_of_the_tag_and_its_use(editor: Editor) -> None:
    text = "1girl, (fox ears:1.2), [:pixel art:0.25], nonsensical thing"
    file = read_prompt_file(text)
    fox = editor.hover(file, text.index("ears"))
    assert fox is not None
    assert fox.span.of(text) == "(fox ears:1.2)"
    assert "implies animal ears" in fox.text
    assert "weight 1.2" in fox.text
    pixel = editor.hover(file, text.index("pixel"))
    assert pixel is not None
    assert "25% to 100%" in pixel.text
    unknown = editor.hover(file, text.index("nonsens"))
    assert unknown is not None
    assert "not known" in unknown.text
    assert editor.hover(read_prompt_file("a\n\nNegative prompt: b"), 2) is None


@pytest.mark.parametrize(
    ("before", "label", "insert"),
    [
        ("1girl, makim", "makima (chainsaw man)", r"makima \(chainsaw man\)"),
        (r"1girl, makima \(cha", "makima (chainsaw man)", r"makima \(chainsaw man\)"),
        ("1girl, (looking at vi", "looking at viewer", "looking at viewer"),
        ("1girl, [:pixel a", "pixel art", "pixel art"),
        ("1girl\nlong_ha", "long hair", "long hair"),
    ],
)
def test_what_was_begun_is_completed(before: str, label: str, insert: str, editor: Editor) -> None:
    text = before + ", smile"
    offered = editor.completions(read_prompt_file(text), len(before))
    best = next(one for one in offered if one.label == label)
    done = apply(text, [TextEdit(span=best.span, text=best.insert)])
    assert done.endswith(f"{insert}, smile")
    assert done.startswith(before[: best.span.start])


def test_little_or_nothing_completes_to_nothing(editor: Editor) -> None:
    assert editor.completions(read_prompt_file("1girl, "), 7) == ()
    assert editor.completions(read_prompt_file("1girl, s"), 8) == ()


def test_actions_are_those_of_the_findings_touched(editor: Editor) -> None:
    file = read_prompt_file("1girl, long_hair, smile,, hat")
    titles = [one.title for one in editor.actions(file, Span(8, 8))]
    assert titles == ["write long hair (SYN020)"]
    assert editor.actions(file, Span(0, 1)) == ()
    assert editor.actions(file, Span(8, 8))[0].is_best


def test_formatting_changes_each_prompt_at_most_once(editor: Editor, tmp_path: Path) -> None:
    file = read_prompt_file("1girl, long_hair\nNegative prompt: bad_quality\n")
    changes = editor.formatted(file)
    done = apply(file.text, [TextEdit(span=span, text=text) for span, text in changes])
    assert done == "1girl, long hair\nNegative prompt: bad quality\n"
    assert editor.formatted(read_prompt_file(done)) == ()
