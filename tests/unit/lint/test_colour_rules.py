"""BLD: which colours spread, and what holds them."""

import pytest


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("1girl, solo, green hair", {"BLD001": ["green hair"]}),
        ("1girl, solo, red eyes", {"BLD001": ["red eyes"]}),
        ("1girl, solo, blue eyes, red hair", {}),
        ("1girl, solo, black hair, brown eyes, blue skirt, hat", {"BLD002": ["hat"]}),
        ("1girl, solo, red jacket, jacket, black hair, brown eyes", {}),
        # common hair and shades colour nothing
        ("1girl, solo, blonde hair, dress", {}),
        ("1girl, solo, black hair, white shirt", {}),
        # a character has colours; a picture without colours has none to spread
        (r"1girl, solo, hatsune miku, green skirt, shirt", {}),
        ("1girl, solo, green hair, monochrome", {}),
        # two colours hold each other
        ("1girl, solo, green hair, red dress, hat", {}),
        # what cannot be seen has no colour to spread
        ("1girl, solo, closed eyes, red eyes", {}),
        # of several, each section is one person
        (
            "2girls, side-by-side BREAK green hair, dress BREAK red hair, blue eyes",
            {"BLD001": ["green hair"]},
        ),
    ],
)
def test_lone_colours_spread(prompt: str, found: dict[str, list[str]], lint) -> None:
    got: dict[str, list[str]] = {}
    for one in lint(prompt, only=("BLD",)):
        got.setdefault(one.code, []).append(prompt[slice(*one.span)])
    assert got == found


def test_pins_never_repeat_the_colour(lint) -> None:
    (one,) = lint("1girl, solo, blue hair", only=("BLD",))
    assert [fix.title for fix in one.fixes] == ["add 'brown eyes'", "add 'red eyes'"]


def test_more_colours_can_be_asked_for(lint) -> None:
    prompt = "1girl, solo, green hair, red dress"
    assert lint(prompt, only=("BLD",)) == ()
    (one,) = lint(prompt, only=("BLD",), bld={"enough": 3})
    assert one.code == "BLD001"
