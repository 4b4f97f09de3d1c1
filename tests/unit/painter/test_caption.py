"""Captions: true, in the practice's order, escaped, with weights where they are wanted."""

import re
from random import Random

from irodori.painter.caption import (
    EMPHATIC,
    PRAISE,
    Habits,
    absent_tags,
    caption,
    escape,
    full_caption,
)
from irodori.painter.medium import Quality
from irodori.painter.naming import Section, names_of, tags
from irodori.painter.sampling import sample_scene
from irodori.painter.vocabulary import SYNONYMS, TAGS

WEIGHTED = re.compile(r"\((.+):([0-9.]+)\)")
PLAIN_SPEECH = Habits(synonym=0.0, phrased=0.0, praised=0.0, separated=0.0)


def stream(state: int) -> Random:
    return Random(state)  # noqa: S311  # words, not secrets


def spoken(text: str) -> list[str]:
    parts = re.split(r", | BREAK ", text)
    return [part.replace("\\(", "(").replace("\\)", ")") for part in parts if part]


def test_a_caption_says_nothing_untrue() -> None:
    rng = stream(1)
    for seed in range(400):
        scene = sample_scene(seed)
        true = set(tags(scene))
        allowed = true | set(PRAISE) | {word for tag in true for word in SYNONYMS.get(tag, ())}
        said = {tag for tag in spoken(caption(scene, rng)) if not tag.startswith("a ")}
        assert said <= allowed


def test_the_same_state_gives_the_same_caption() -> None:
    scene = sample_scene(7)
    assert caption(scene, stream(3)) == caption(scene, stream(3))
    assert len({caption(scene, stream(state)) for state in range(20)}) > 15


def test_order_follows_the_practice() -> None:
    habits = Habits(
        dropout=(0.0,), count_dropped=0, in_order=1, cut=0, synonym=0, phrased=0, praised=0
    )
    for seed in range(100):
        scene = sample_scene(seed)
        if len(scene.people) == 2 or scene.quality is not Quality.PLAIN:
            continue
        section = {name.tag: name.section for name in reversed(names_of(scene))}
        order = [section[tag] for tag in spoken(caption(scene, stream(seed), habits))]
        assert order == sorted(order)
        assert order[0] is Section.PEOPLE


def test_names_are_escaped() -> None:
    assert escape("sumire (irodori)") == "sumire \\(irodori\\)"
    named = next(s for s in map(sample_scene, range(2000)) if any(p.character for p in s.people))
    assert "\\(irodori\\)" in full_caption(named, stream(0))


def test_two_people_are_separated() -> None:
    scene = next(s for s in map(sample_scene, range(200)) if len(s.people) == 2)
    chunks = full_caption(scene, stream(0)).split(" BREAK ")
    assert len(chunks) == 3
    for chunk, person in zip(chunks[1:], scene.people, strict=True):
        assert f"{person.hair.colour} hair" in chunk
    captions = [caption(scene, stream(state)) for state in range(60)]
    assert 5 < sum("BREAK" in text for text in captions) < 55


def test_full_captions_say_everything() -> None:
    for seed in range(100):
        scene = sample_scene(seed)
        assert set(spoken(full_caption(scene, stream(0)))) == set(tags(scene))


def test_emphasis_weighs_what_is_there_up_and_what_is_not_down() -> None:
    present = absent = 0
    for seed in range(400):
        scene = sample_scene(seed)
        text = caption(scene, stream(seed), Habits(weighted=0.4, absent=0.3, synonym=0, phrased=0))
        for part in re.split(r", | BREAK ", text):
            found = WEIGHTED.fullmatch(part)
            if not found:
                continue
            tag, weight = found[1].replace("\\", ""), float(found[2])
            if tag in tags(scene) or tag in PRAISE:
                present += 1
                assert 0.8 <= weight <= 1.5
            else:
                absent += 1
                assert tag in TAGS
                assert 0 <= weight <= 0.3
    assert present > 100
    assert absent > 70
    assert EMPHATIC.absent > 0


def test_dropout_leaves_tags_out() -> None:
    scene = sample_scene(1)
    lengths = {len(spoken(caption(scene, stream(n), PLAIN_SPEECH))) for n in range(60)}
    assert len(lengths) > 4


def test_phrases_replace_what_they_say() -> None:
    habits = Habits(dropout=(0.0,), phrased=1.0, cut=0.0, synonym=0.0)
    seen = 0
    for seed in range(80):
        scene = sample_scene(seed)
        if len(scene.people) != 1:
            continue
        said = spoken(caption(scene, stream(seed), habits))
        phrase = next((tag for tag in said if tag.startswith("a ")), None)
        if phrase:
            seen += 1
            assert f"{scene.people[0].hair.colour} hair" not in said
            assert f"{scene.people[0].hair.colour} hair" in phrase
    assert seen > 20


def test_absent_tags_are_not_shown() -> None:
    shown = tags(sample_scene(3))
    assert not set(absent_tags(shown)) & set(shown)
    assert len(absent_tags(shown)) == len(TAGS) - len(set(shown) & set(TAGS))
