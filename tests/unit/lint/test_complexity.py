"""CPX: the number of separate ideas, and what it is made of."""

import pytest

from irodori.lint import LintInput, Settings
from irodori.lint.checker import read
from irodori.lint.complexity import ADVICE, Complexity, Idea, complexity
from irodori.tags.profile import load_profile

HUG = (
    "1girl, 1boy, hug, sobbing, crying, streaming tears, head on chest, arms around waist, dress, "
    "green eyes, barefoot, pov"
)


@pytest.fixture
def measured(vocabulary, tokenizer):
    def run(prompt: str) -> Complexity:
        context = read(
            LintInput(prompt=prompt),
            vocabulary,
            settings=Settings(),
            profile=load_profile(),
            tokenizer=tokenizer,
        )
        return complexity(context)

    return run


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "1girl, solo, smile",
        # looks of a lone person and styles add nothing
        "1girl, solo, long hair, black hair, brown eyes, dress, hat, boots, necklace, gloves",
        "1girl, solo, traditional media, sketch, retro artstyle",
        "no humans, scenery, mountain, river, forest, sky, cloud",
        "masterpiece, best quality, 1girl, solo, sitting",
    ],
)
def test_a_lone_person_doing_one_thing_is_nothing(prompt: str, measured) -> None:
    assert measured(prompt) == Complexity(parts=())


@pytest.mark.parametrize(
    ("prompt", "idea", "points"),
    [
        ("1girl, solo, cowboy shot, boots", Idea.REDUNDANT, 1.0),
        ("1girl, solo, from behind, blue eyes, smile", Idea.REDUNDANT, 2.0),
        ("1girl, solo, grabbing own ankles", Idea.RARE, 1.0),
        ("1girl, solo, hererochromia", Idea.UNKNOWN, 1.0),
        ("1girl, solo, arm up, arm behind back", Idea.OVERWHELMED, 1.0),
        ("1girl, solo, green hair", Idea.BLEEDING, 1.0),
        ("1girl, solo, sitting, holding sword, crossed legs", Idea.ACTIONS, 2.0),
        ("1girl, solo, wariza, sitting", Idea.ACTIONS, 0.0),  # one says the other
        ("1girl, solo, sitting, (arm up:0.3)", Idea.ACTIONS, 0.0),
        ("2girls, side-by-side, red hair, blue eyes", Idea.LOOKS, 1.0),
        ("1girl, city, night, rain, street, sky", Idea.SCENERY, 1.0),
        ("3girls, side-by-side", Idea.PEOPLE, 4.0),
        ("hatsune miku, megurine luka, holding hands", Idea.PEOPLE, 1.0),
        ("1girl, 1boy, pov, hug", Idea.PEOPLE, 0.0),
        ("multiple girls, multiple boys", Idea.PEOPLE, 7.0),
    ],
)
def test_every_idea_is_counted(prompt: str, idea: Idea, points: float, measured) -> None:
    found = {part.idea: part.points for part in measured(prompt).parts}
    assert found.get(idea, 0.0) == points


def test_the_hug_is_complex_and_what_is_hidden_is_mended_first(measured, lint) -> None:
    found = measured(HUG)
    assert found.parts[0].idea is Idea.REDUNDANT
    assert {use.text for use in found.parts[0].uses} >= {"barefoot", "green eyes", "crying"}
    (one,) = lint(HUG, only=("CPX",))
    assert f"complexity {found.points:g}" in one.message
    assert one.evidence.startswith("redundant 5 (sobbing, crying, streaming tears")
    assert one.help == f"first: {ADVICE[Idea.REDUNDANT]}"


def test_mending_lowers_the_number(measured) -> None:
    mended = "1girl, 1boy, hug, head on chest, arms around waist, dress, pov, from above"
    assert measured(mended).points < measured(HUG).points / 2


def test_every_part_has_advice(measured) -> None:
    assert set(ADVICE) == set(Idea)
    told = measured("1girl, solo, cowboy shot, boots").parts[0].told
    assert told == "redundant 1 (boots)"


def test_the_limit_can_be_set(lint) -> None:
    prompt = "2girls, side-by-side, sitting"
    assert lint(prompt, only=("CPX",)) == ()
    assert len(lint(prompt, only=("CPX",), cpx={"high": 2})) == 1
