"""What the solver hides, what it spares, and how sure it is."""

from collections.abc import Callable

import pytest

from irodori.lint import Severity

HUG = (
    "1girl, 1boy, hug, sobbing, crying, streaming tears, head on chest, arms around waist, dress, "
    "green eyes, barefoot, pov"
)


@pytest.fixture
def hidden_tags(lint) -> Callable[[str], dict[str, Severity]]:
    """The tags that VIS says are hidden, with the severity of the finding."""

    def run(prompt: str) -> dict[str, Severity]:
        return {prompt[slice(*one.span)]: one.severity for one in lint(prompt, only=("VIS",))}

    return run


def test_the_pov_hug_hides_eyes_tears_feet_and_expression(hidden_tags) -> None:
    found = hidden_tags(HUG)
    assert {"green eyes", "streaming tears", "barefoot", "crying", "sobbing"} == set(found)
    assert set(found.values()) == {Severity.WARNING}


def test_a_finding_names_what_hides_and_what_is_hidden(lint) -> None:
    (one,) = lint("1girl, cowboy shot, sandals", only=("VIS",))
    assert (
        one.message == "'sandals' cannot be seen: 'cowboy shot' leaves the feet outside the picture"
    )
    (one,) = [each for each in lint(HUG, only=("VIS",)) if "barefoot" in each.message]
    assert one.message == "'barefoot' cannot be seen: 'pov' and 'hug' together hide the feet"


@pytest.mark.parametrize(
    "prompt",
    [
        "1girl, full body, boots, standing",
        "1girl, cowboy shot, thighhighs, skirt",
        "1girl, upper body, shirt, necktie, earrings",
        "1girl, portrait, dress, choker",  # the upper half of the dress is seen
        "1girl, from behind, long hair, ponytail",
        "1girl, from behind, looking up, head tilt, earrings, sweatdrop, tattoo, walking",
        "1girl, portrait, maid apron, lingerie, corset",
        "1girl, from behind, school uniform, white shirt, coat, skirt",
        "1girl, from behind, looking back, looking at viewer, smile, blue eyes",
        "1girl, from behind, mirror, reflection, smile",
        "1girl, multiple views, close-up, full body, boots",
        "1girl, one eye closed, blue eyes",
        "1girl, blindfold, black blindfold",
        "1girl, hair over eyes, glasses",
        "1girl, bald, hat, earrings",
        "1girl, cowboy shot, leg up, barefoot",
        "1girl, coat, open coat, navel",
        "1girl, fingerless gloves, nail polish",
        "1girl, greyscale, spot color, red eyes",
        "1girl, greyscale, black hair",
        "1girl, hug, stuffed toy, smile",
        "no humans, scenery, wide shot",
    ],
)
def test_what_can_be_seen_is_left_alone(prompt: str, lint) -> None:
    found = [one for one in lint(prompt, only=("VIS",)) if one.code != "VIS007"]
    assert [one.message for one in found] == []


@pytest.mark.parametrize(
    ("prompt", "tag", "severity"),
    [
        ("1girl, cowboy shot, boots", "boots", Severity.WARNING),
        ("1girl, upper body, skirt", "skirt", Severity.WARNING),
        ("1girl, close-up, navel", "navel", Severity.WARNING),
        ("1girl, head out of frame, smile", "smile", Severity.WARNING),
        ("1girl, from behind, smile", "smile", Severity.WARNING),
        ("1girl, facing away, green eyes", "green eyes", Severity.WARNING),
        ("1girl, closed eyes, blue eyes", "blue eyes", Severity.WARNING),
        ("1girl, blindfold, blue eyes", "blue eyes", Severity.WARNING),
        ("1girl, faceless, smile", "smile", Severity.WARNING),
        ("1girl, bald, long hair", "long hair", Severity.WARNING),
        ("1girl, red coat, navel", "navel", Severity.HINT),
        ("1girl, gloves, red nails", "red nails", Severity.HINT),
        ("1girl, boots, toenails", "toenails", Severity.HINT),
        ("1girl, from side, heterochromia", "heterochromia", Severity.HINT),
        ("1girl, greyscale, red eyes", "red eyes", Severity.HINT),
        ("1girl, portrait, holding flower", "holding flower", Severity.HINT),
    ],
)
def test_what_is_hidden_is_found(prompt: str, tag: str, severity: Severity, hidden_tags) -> None:
    assert hidden_tags(prompt) == {tag: severity}


@pytest.mark.parametrize(
    ("prompt", "severity"),
    [
        # one of two may be the one whose eyes are open
        ("2girls, closed eyes, blue eyes", Severity.HINT),
        # after BREAK each has a section of her own
        ("2girls, side-by-side BREAK closed eyes, blue eyes BREAK red eyes", Severity.WARNING),
        # a frame is one for all
        ("2girls, cowboy shot BREAK red hair, boots", Severity.WARNING),
        # the viewer is not seen: one person is left
        ("1girl, 1boy, pov, closed eyes, blue eyes", Severity.WARNING),
        # weak
        ("1girl, (closed eyes:0.4), blue eyes", Severity.HINT),
        ("1girl, (cowboy shot:0.7), boots", Severity.WARNING),
        # hides for some of the steps
        ("1girl, [cowboy shot:full body:0.3], boots", Severity.HINT),
        ("1girl, [close-up|full body], boots", Severity.HINT),
        # in force whenever the other is
        ("1girl, cowboy shot, [:boots:0.5]", Severity.WARNING),
    ],
)
def test_doubt_makes_a_hint(prompt: str, severity: Severity, hidden_tags) -> None:
    assert list(hidden_tags(prompt).values()) == [severity]


@pytest.mark.parametrize(
    "prompt",
    [
        "2girls, side-by-side BREAK closed eyes, red hair BREAK blue eyes, black hair",
        "1girl, [closed eyes:blue eyes:0.5]",
        "1girl, {closed eyes|blue eyes}",
        "1girl, (closed eyes:0), blue eyes",
        "1girl, closed eyes AND blue eyes",
        "1girl, {from behind|looking back, smile}",
    ],
)
def test_tags_that_never_meet_hide_nothing(prompt: str, hidden_tags) -> None:
    assert hidden_tags(prompt) == {}


def test_only_what_is_there_at_the_same_time_uncovers(hidden_tags) -> None:
    assert hidden_tags("1girl, from behind, looking back, smile") == {}
    assert hidden_tags("1girl, {from behind, smile|looking back}") == {"smile": Severity.WARNING}


def test_contradicting_framings_hide_what_both_hide(lint) -> None:
    prompt = "1girl, close-up, full body, boots"
    codes = [one.code for one in lint(prompt, only=("VIS",))]
    assert codes == ["VIS007"]


@pytest.mark.parametrize(
    ("prompt", "severity"),
    [
        ("1girl, close-up, full body", Severity.WARNING),
        ("1girl, (cowboy shot:0.7), close-up", Severity.WARNING),
        ("1girl, portrait, upper body", Severity.WARNING),
        ("1girl, from above, from below", Severity.HINT),
    ],
)
def test_two_views_contradict(prompt: str, severity: Severity, lint) -> None:
    (one,) = lint(prompt, only=("VIS",))
    assert (one.code, one.severity) == ("VIS007", severity)


def test_a_turned_head_is_offered(lint) -> None:
    prompt = "1girl, from behind, looking at viewer, standing"
    (one,) = lint(prompt, only=("VIS",))
    assert one.code == "VIS003"
    ((edit,),) = [fix.edits for fix in one.fixes]
    mended = prompt[: edit.span.start] + edit.text + prompt[edit.span.end :]
    assert mended == "1girl, from behind, looking at viewer, looking back, standing"
    assert lint(mended, only=("VIS",)) == ()
