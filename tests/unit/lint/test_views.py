"""A prompt read for rules: each tag's place, weight, chunk, and when it is in force."""

import pytest

from irodori.lint import Field
from irodori.lint.views import Reading, read_view
from irodori.prompt import Dialect, Span


@pytest.fixture
def view(vocabulary, tokenizer):
    def read(text: str, field: Field = Field.PROMPT, **how):
        reading = Reading(tokenizer=tokenizer, lookup=vocabulary.get, **how)
        return read_view(text, field, reading)

    return read


def test_a_tag_has_its_name_its_text_and_both_its_places(view) -> None:
    text = r"1girl, ((Makima \(Chainsaw_Man\)):1.2), smile"
    tag = view(text).tags[1]
    assert tag.name == "makima (chainsaw man)"
    assert tag.text == r"Makima \(Chainsaw_Man\)"
    assert tag.span.of(text) == r"Makima \(Chainsaw_Man\)"
    assert tag.outer.of(text) == r"((Makima \(Chainsaw_Man\)):1.2)"
    assert tag.weight == pytest.approx(1.32)
    assert tag.entry is not None
    assert (tag.group, tag.facet) == ("character", "character")
    assert tag.count == tag.entry.count > 1000


def test_tags_of_one_group_of_brackets_share_its_weight(view) -> None:
    text = "(smile, (blush:0.5):1.2), hat"
    weights = {tag.name: tag.weight for tag in view(text).tags}
    assert weights == {"smile": 1.2, "blush": pytest.approx(0.6), "hat": 1.0}


def test_schedules_say_when(view) -> None:
    tags = view("[smile:frown:0.25], [:hat:14], [bow::0]", steps=28).tags
    assert {tag.name: (tag.start, tag.end, tag.is_drawn) for tag in tags} == {
        "smile": (0.0, 0.25, True),
        "frown": (0.25, 1.0, True),
        "hat": (0.5, 1.0, True),
        "bow": (0.0, 0.0, False),
    }
    assert all(tag.in_schedule for tag in tags)


def test_branches_never_meet(view) -> None:
    tags = {tag.name: tag for tag in view("[smile|frown], {hat|cap}, [a1:b1:0.5], sky").tags}
    assert not tags["smile"].meets(tags["frown"])
    assert not tags["hat"].meets(tags["cap"])
    assert not tags["a1"].meets(tags["b1"])
    assert tags["smile"].meets(tags["hat"])
    assert tags["sky"].meets(tags["b1"])
    assert tags["sky"].meets(tags["sky"])


def test_a_bracket_inside_a_tag_gives_every_reading(view) -> None:
    text = "very long [red:blue:0.5] hair, [big|small] [red|blue] hat"
    read = view(text).tags
    assert [tag.name for tag in read] == [
        "very long red hair",
        "very long blue hair",
        "big red hat",
        "big blue hat",
        "small red hat",
        "small blue hat",
    ]
    assert not any(tag.editable for tag in read)
    assert read[0].span.of(text) == "very long [red:blue:0.5] hair"


def test_many_brackets_inside_one_tag_do_not_explode(view) -> None:
    assert len(view(" ".join(["[a|b|c|d]"] * 30)).tags) <= 64


def test_networks_are_no_tags(view) -> None:
    text = "smile <lora:a/b:0.7>, [<lora:c:0.5>::0.3], <lora:d:0@0,1@0.5,0@1>"
    read = view(text)
    assert [tag.name for tag in read.tags] == ["smile"]
    assert read.tags[0].outer.of(text) == "smile"
    networks = {each.name: (each.weight, each.start, each.end) for each in read.networks}
    assert networks["a/b"] == (0.7, 0.0, 1.0)
    assert networks["c"] == (0.5, 0.0, pytest.approx(8 / 28))
    assert networks["d"][0] == pytest.approx(1.0, abs=0.06)
    assert 0 < networks["d"][1] < 0.1
    assert 0.9 < networks["d"][2] < 1


def test_chunks_parts_and_sections(view) -> None:
    text = "smile, hat BREAK bow, [:tie:0.5] AND cat :0.5"
    places = {tag.name: (tag.part, tag.section, tag.chunk) for tag in view(text).tags}
    assert places == {
        "smile": (0, 0, 0),
        "hat": (0, 0, 0),
        "bow": (0, 1, 1),
        "tie": (0, 1, 1),
        "cat": (1, 0, 0),
    }
    assert [tag.name for tag in view(text).in_chunk(1)] == ["bow", "tie"]
    assert [tag.name for tag in view(text).in_chunk(0, part=1)] == ["cat"]


def test_lookups_go_by_name_alias_facet_and_group(view) -> None:
    read = view("1girl, fox_ears, cat ears, smile")
    assert read.named("fox ears") is read.tags[1]
    assert read.named("dog ears") is None
    assert [tag.name for tag in read.in_facet("ears")] == ["fox ears", "cat ears"]
    assert [tag.name for tag in read.in_group("appearance")] == ["fox ears", "cat ears"]


def test_the_negative_prompt_has_no_parts_and_no_networks_to_draw(view) -> None:
    read = view("smile AND frown", Field.NEGATIVE_PROMPT)
    assert len(read.tree.parts) == 1
    assert read.field is Field.NEGATIVE_PROMPT


def test_the_other_dialect_is_read_as_such(view) -> None:
    assert [tag.weight for tag in view("(a, b", dialect=Dialect.A1111).tags] == [1.0, 1.0]
    assert view("", dialect=Dialect.A1111).tags == ()
    assert view("smile").tags[0].span == Span(0, 5)


def test_a_network_among_brackets_is_listed_once(view) -> None:
    text = "1girl, [(red|blue <lora:x:1.2>):green:0.5], [[hat:cap:0.2]|bow <lora:y:0.4>]"
    assert [(use.name, use.weight) for use in view(text).networks] == [("x", 1.2), ("y", 0.4)]
    twice = "<lora:x:0.5> <lora:x:0.5>"
    assert len(view(twice).networks) == 2
