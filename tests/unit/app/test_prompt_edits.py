"""Adding, dropping and weighing tags by what they say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irodori.app.prompt_edits import add_tag, drop_tag, find_tag, split_weight, weigh_tag
from irodori.errors import InputError, UnknownNameError
from irodori.recipe.tag_diff import tags_of

ORDER = {"1girl": 0, "smile": 1, "grin": 1, "red hair": 2, "city": 3, "night": 3, "cowboy shot": 4}


def rank(name: str) -> int | None:
    return ORDER.get(name)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("dutch angle:0.3", ("dutch angle", 0.3)),
        ("dark", ("dark", None)),
        ("re:zero", ("re:zero", None)),
        (":3", (":3", None)),
        ("banana:nan", ("banana:nan", None)),
        ("dark:inf", ("dark:inf", None)),
        ("dark:-.5", ("dark", -0.5)),
        ("[a:b:0.3]", ("[a:b:0.3]", None)),
        ("<lora:x:0.7>", ("<lora:x:0.7>", None)),
        (" long hair : 1.2 ", ("long hair", 1.2)),
    ],
)
def test_weights_are_split_off(text: str, weight: tuple[str, float | None]) -> None:
    assert split_weight(text) == weight


@pytest.mark.parametrize(
    ("prompt", "tag", "weight", "expected"),
    [
        ("1girl, red hair, city", "grin", None, "1girl, grin, red hair, city"),
        ("1girl, red hair, city", "cowboy shot", 0.7, "1girl, red hair, city, (cowboy shot:0.7)"),
        ("red hair, city", "1girl", None, "1girl, red hair, city"),
        ("1girl, holding cane, city", "grin", None, "1girl, holding cane, grin, city"),
        ("1girl, (smile:0.5), city,", "grin", 0.5, "1girl, (smile:0.5), (grin:0.5), city,"),
        ("1girl, city, <lora:x:1>", "unheard of", None, "1girl, city, unheard of, <lora:x:1>"),
        ("1girl, city BREAK red hair", "night", None, "1girl, city, night BREAK red hair"),
        ("1girl, city AND red hair", "night", None, "1girl, city, night AND red hair"),
        ("1girl, city", "<lora:x:0.7>", None, "1girl, city <lora:x:0.7>"),
        ("", "<lora:x:0.7>", None, "<lora:x:0.7>"),
        ("", "1girl", 1.2, "(1girl:1.2)"),
        ("<lora:x:1>", "1girl", None, "1girl, <lora:x:1>"),
        ("1girl", "d.va", None, "1girl, d.va"),
        ("1girl", r"saber \(fate\)", None, r"1girl, saber \(fate\)"),
        ("1girl", "[city:night:0.5]", None, "1girl, [city:night:0.5]"),
    ],
)
def test_add(prompt: str, tag: str, weight: float | None, expected: str) -> None:
    assert add_tag(prompt, tag, weight=weight, rank=rank) == expected


@pytest.mark.parametrize(
    ("prompt", "tag", "expected"),
    [
        ("1girl, city, smile", "city", "1girl, smile"),
        ("1girl, city, smile", "1girl", "city, smile"),
        ("1girl, city,", "city", "1girl,"),
        ("1girl, (city:0.5), smile", "CITY", "1girl, smile"),
        ("1girl, (city, night:0.5)", "night", "1girl, (city:0.5)"),
        ("1girl, long_hair", "long hair", "1girl"),
        ("1girl BREAK city, night", "city", "1girl BREAK night"),
        ("1girl BREAK city", "city", "1girl BREAK "),
        ("city, 1girl, city", "city", "1girl"),
        ("1girl, <lora:a:1> <lora:b:0.5>", "<lora:a>", "1girl,  <lora:b:0.5>"),
        ("1girl, <lora:a:1>", "<lora:a>", "1girl"),
        ("city", "city", ""),
    ],
)
def test_drop(prompt: str, tag: str, expected: str) -> None:
    assert drop_tag(prompt, tag) == expected


@pytest.mark.parametrize(
    ("prompt", "tag", "weight", "expected"),
    [
        ("1girl, dark", "dark", 0.5, "1girl, (dark:0.5)"),
        ("1girl, (dark:0.5)", "dark", 1.0, "1girl, dark"),
        ("1girl, ((dark))", "dark", 0.8, "1girl, (dark:0.8)"),
        ("1girl, (dark, city:2)", "city", 1.0, "1girl, (dark, (city:0.5):2)"),
        ("<lora:a:1>, 1girl", "<lora:a>", 0.7, "<lora:a:0.7>, 1girl"),
        ("1girl, (dark:0.5)", "dark", 0.5, "1girl, (dark:0.5)"),
    ],
)
def test_weigh(prompt: str, tag: str, weight: float, expected: str) -> None:
    assert weigh_tag(prompt, tag, weight) == expected


def test_what_is_not_there_is_named_with_the_nearest() -> None:
    for change in (lambda: drop_tag("1girl, city", "ctiy"), lambda: weigh_tag("city", "ctiy", 1)):
        with pytest.raises(UnknownNameError, match="nearest is 'city'"):
            change()
    with pytest.raises(InputError, match="in the prompt already"):
        add_tag("1girl, (city:0.5)", "city")
    with pytest.raises(InputError, match="a name"):
        add_tag("1girl", " ")


TAGS = st.lists(
    st.sampled_from(["red hair", "(smile:0.5)", "city", "k-on!", "BREAK", "<lora:x:1>", "(a, b)"]),
    max_size=8,
).map(", ".join)


@settings(deadline=None)
@given(TAGS, st.sampled_from(["blue eyes", "night", "cowboy shot"]), st.sampled_from([None, 0.3]))
def test_what_was_added_is_there_and_can_be_dropped(
    prompt: str, tag: str, weight: float | None
) -> None:
    before = [each for each in tags_of(prompt) if each.key != " break"]
    longer = add_tag(prompt, tag, weight=weight, rank=rank)
    assert find_tag(longer, tag) is not None
    added = [each for each in tags_of(longer) if each.key != " break"]
    assert sorted(map(str, added)) == sorted(
        map(str, [*before, next(each for each in added if each.key == tag)])
    )
    assert [each for each in tags_of(drop_tag(longer, tag)) if each.key != " break"] == before
