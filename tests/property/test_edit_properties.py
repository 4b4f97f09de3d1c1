"""What holds for every edit, escape and conversion."""

import string

from hypothesis import assume, example, given
from hypothesis import strategies as st

from irodori.prompt.arrange import (
    insert_break,
    merge_duplicates,
    move_tag,
    sort_tags,
    toggle_tag,
    underscores_to_spaces,
)
from irodori.prompt.chunk import CHUNK_LENGTH
from irodori.prompt.chunked import chunk
from irodori.prompt.convert import PromptFormat, convert
from irodori.prompt.convert.document import meaning
from irodori.prompt.convert.native import read
from irodori.prompt.dialect import Dialect
from irodori.prompt.emphasis import emphasis
from irodori.prompt.entries import apply
from irodori.prompt.escaping import escape, spaced, unescape
from irodori.prompt.explain import Question, explain
from irodori.prompt.parser import parse
from irodori.prompt.render import render
from irodori.prompt.schedule import prompt_schedule
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import load_tokenizer
from irodori.prompt.variants import combinations, expand
from irodori.prompt.weights import clear_weight, nudge_weight, set_weight

TOKENIZER = load_tokenizer()
PIECES = (
    "a", "red hair", ", ", " ", "\n", "(", ")", "[", "]", ":", "1.2", "0.5", "|", "{", "}", "$$",
    "2", "::", "\\", "<lora:x:0.7>", "__w__", "BREAK", " AND ", "#", ":3", "^_^", "😀", "e\u0301",
    "<", ">", "+", "-", "//", "/*", "\"", ".and()", "<fromto[0.5]:a,b>", "||",
)  # fmt: skip
prompts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
names = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)

words = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=6)
tags = st.builds(lambda w, more: " ".join([w, *more]), words, st.lists(words, max_size=2))
leaves = st.one_of(tags, tags.map(lambda t: escape(f"{t} ({t})")), st.sampled_from([":3x", "^_^"]))


def weighted(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    weights = st.integers(1, 40).map(lambda n: n / 20)
    return st.builds(lambda t, w: f"({t}:{w:g})", inner, weights)


def listed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, min_size=1, max_size=4).map(", ".join)


well_formed = listed(st.one_of(leaves, weighted(leaves), weighted(listed(leaves))))
scheduled = listed(
    st.one_of(
        well_formed,
        st.builds("[{}:{}:{}]".format, tags, tags, st.sampled_from(["0.3", "12"])),
        st.builds("[{}|{}]".format, tags, tags),
        st.builds("{{{}|{}}}".format, tags, tags),
        st.just("BREAK"),
        st.just("<lora:x:0.7:0.5>"),
    )
)


@given(names)
def test_unescape_undoes_escape(name: str) -> None:
    assert unescape(escape(name)) == name
    assert unescape(escape(name, colons=True)) == name


@given(names)
@example("a AND b")
@example("BREAK")
@example("x BREAKS AND y")
@example("__a__ ___ _ __")
@example("<lora:x:1> <3 >_<")
@example("#tag {a|b} [c:d:0.5] (e:1.2)")
@example("\\ \\( \\\\")
@example(":3")
def test_an_escaped_name_is_one_text_of_weight_one(name: str) -> None:
    assume(name == " ".join(name.split()))
    prompt = parse(escape(name))
    assert emphasis(escape(name)) == [(name, 1.0)]
    assert len(prompt.parts) == 1
    assert prompt_schedule(escape(name), 20) == [(20, escape(name))]


@given(names)
def test_spacing_twice_is_spacing_once(name: str) -> None:
    assert spaced(spaced(name)) == spaced(name)


@given(prompts, st.data())
def test_edits_apply_to_every_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    selection = Span(start, end)
    for edits in (
        set_weight(text, selection, 1.3),
        nudge_weight(text, selection, 1),
        nudge_weight(text, selection, -2),
        clear_weight(text, selection),
        move_tag(text, start, 1),
        sort_tags(text, lambda name: name),
        toggle_tag(text, start),
        insert_break(text, start),
        merge_duplicates(text),
        underscores_to_spaces(text),
    ):
        changed = apply(text, edits)
        assert render(parse(changed)) == changed


@given(well_formed, st.data(), st.integers(1, 5))
def test_a_nudge_and_its_inverse_change_nothing(text: str, data: st.DataObject, n: int) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    edits = nudge_weight(text, Span(cursor, cursor), n)
    there = apply(text, edits)
    if edits and not any(edit.text for edit in edits):
        # At weight 1 the brackets go, and with them what held several tags together.
        assume("," not in text[edits[0].span.end : edits[-1].span.start])
    # As in an editor, the cursor stays before the character it stood before.
    grown = 0
    for edit in edits:
        if edit.span.end <= cursor:
            grown += len(edit.text) - (edit.span.end - edit.span.start)
        elif edit.span.start < cursor:
            grown += edit.span.start - cursor
    cursor += grown
    back = apply(there, nudge_weight(there, Span(cursor, cursor), -n))
    assert emphasis(back) == emphasis(text)


@given(well_formed, st.data())
def test_toggling_twice_is_the_identity(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text) - 1))
    hidden = apply(text, toggle_tag(text, cursor))
    assume(hidden != text)
    off = next(edit.span.start for edit in toggle_tag(text, cursor))
    assert apply(hidden, toggle_tag(hidden, off + 1)) == text


@given(well_formed)
def test_sorting_and_merging_twice_is_once(text: str) -> None:
    ordered = apply(text, sort_tags(text, len))
    assert sort_tags(ordered, len) == ()
    merged = apply(text, merge_duplicates(text))
    assert merge_duplicates(merged) == ()


@given(prompts, st.sampled_from(PromptFormat), st.sampled_from(PromptFormat))
def test_any_text_converts(text: str, source: PromptFormat, target: PromptFormat) -> None:
    convert(text, source=source, target=target)


@given(scheduled, st.sampled_from(PromptFormat))
def test_what_loses_nothing_comes_back(text: str, tool: PromptFormat) -> None:
    there = convert(text, source=PromptFormat.IRODORI, target=tool)
    assume(not there.losses)
    back = convert(there.text, source=tool, target=PromptFormat.IRODORI)
    assert back.losses == ()
    assert meaning(read(back.text)[0]) == meaning(read(text)[0])


@given(well_formed, st.sampled_from([PromptFormat.COMFYUI, PromptFormat.SWARMUI]))
def test_weights_and_names_convert_without_loss(text: str, tool: PromptFormat) -> None:
    assert convert(text, source=PromptFormat.IRODORI, target=tool).losses == ()


@given(prompts, st.integers(0, 74))
def test_chunks_of_every_text(text: str, backtrack: int) -> None:
    result = chunk(text * 12, TOKENIZER, backtrack=backtrack)
    assert all(len(one.ids) <= CHUNK_LENGTH for one in result.chunks)
    for tag in result.tags:
        for place in tag.places:
            assert 0 <= place.start < place.end <= len(result.chunks[place.chunk].ids)


@given(prompts, st.sampled_from(Dialect), st.booleans())
def test_every_text_can_be_explained(text: str, dialect: Dialect, negative: bool) -> None:
    question = Question(steps=8, hires_steps=4, dialect=dialect, negative=negative)
    result = explain(text, TOKENIZER, question)
    assert result.first.entries[-1][0] == 8
    assert len(result.chunked) == (1 if negative else len(result.parts))


@given(prompts, st.integers())
def test_expansion_is_total_and_repeatable(text: str, seed: int) -> None:
    once = expand(text, seed=seed)
    assert once == expand(text, seed=seed)
    assert once.template == text


@given(st.lists(st.sampled_from(["a", "{b|c}", "{1-2$$d|e}", "{f|{g|h}}"]), max_size=4))
def test_every_draw_is_one_of_the_combinations(parts: list[str]) -> None:
    template = "; ".join(parts)
    everything = {_sets(one.text) for one in combinations(template)}
    assert len(everything) == len(list(combinations(template)))
    for seed in range(5):
        assert _sets(expand(template, seed=seed).text) in everything


def _sets(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(part.split(", ")) for part in text.split("; "))
