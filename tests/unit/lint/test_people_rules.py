"""PPL: several people in one picture, and how they are counted."""

import pytest

from irodori.lint import LintInput, Settings, Severity
from irodori.lint.checker import read
from irodori.lint.people import people
from irodori.tags.profile import load_profile

EXAMPLE = (
    "2girls, looking at viewer, smile, side-by-side, hand on another's shoulder, red shirt, jeans, "
    "fox ears, orange hair, cowboy shot, white background BREAK black hair, sundress, pointy ears"
)
GOOD = (
    "2girls, looking at viewer, smile, side-by-side, hand on another's shoulder, cowboy shot, "
    "white background BREAK red shirt, jeans, fox ears, orange hair BREAK black hair, sundress, "
    "pointy ears"
)


@pytest.fixture
def codes(lint):
    def run(prompt: str) -> list[tuple[str, str]]:
        return [(one.code, prompt[slice(*one.span)]) for one in lint(prompt, only=("PPL",))]

    return run


@pytest.mark.parametrize(
    ("prompt", "total", "seen"),
    [
        ("", 0, 0),
        ("1girl, solo", 1, 1),
        ("1girl, 1boy", 2, 2),
        ("1girl, 1boy, pov", 2, 1),
        ("1girl, pov", 1, 1),
        ("2girls, multiple girls", 2, 2),
        ("multiple girls, multiple boys", 4, 4),
        ("3girls, 2boys, 1other", 6, 6),
        ("hatsune miku, megurine luka", 2, 2),
        ("1girl, hatsune miku, hatsune miku (append)", 1, 1),
        ("(1girl:0), 1boy", 1, 1),
        ("no humans, scenery", 0, 0),
    ],
)
def test_people_are_counted(prompt: str, total: int, seen: int, vocabulary, tokenizer) -> None:
    text = prompt.replace("(append)", r"\(append\)")
    context = read(
        LintInput(prompt=text),
        vocabulary,
        settings=Settings(),
        profile=load_profile(),
        tokenizer=tokenizer,
    )
    who = people(context.positive.tags)
    assert (who.total, who.seen) == (total, seen)


def test_the_example_of_the_practice_has_one_person_in_the_shared_chunk(codes) -> None:
    assert codes(EXAMPLE) == [("PPL003", "red shirt")]


def test_each_person_in_a_chunk_of_their_own_is_fine(codes) -> None:
    assert codes(GOOD) == []


def test_a_species_ruins_the_example(lint) -> None:
    first = EXAMPLE.replace("fox ears", "animal ears")
    second = EXAMPLE.replace("pointy ears", "elf")
    for prompt, tag in ((first, "animal ears"), (second, "elf")):
        (one,) = lint(prompt, only=("PPL006",))
        assert (prompt[slice(*one.span)], one.severity) == (tag, Severity.WARNING)


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        # a lone person needs no chunks
        ("1girl, solo, red hair BREAK cowboy shot, indoors", []),
        # shared things after a person's chunk, unless the chunk is nobody's
        (
            "2girls, side-by-side BREAK red hair, dress, indoors BREAK black hair, dress",
            [("PPL001", "indoors")],
        ),
        ("2girls, side-by-side BREAK red hair BREAK black hair BREAK indoors, sketch", []),
        # one chunk
        ("2girls, side-by-side, red hair, black hair", [("PPL002", "black hair")]),
        ("2girls, side-by-side, long hair, very long hair", []),
        ("2girls, side-by-side, school uniform", []),
        ("2girls, side-by-side, {red|black} hair", []),
        # nothing together
        ("2girls, smile", [("PPL004", "2girls")]),
        ("2girls, looking at another", []),
        ("6+girls, smile", []),
        ("1girl, 1boy, pov, smile", []),
        # uneven looks
        (
            "2girls, side-by-side BREAK red hair, dress BREAK dress, smile",
            [("PPL005", "dress")],
        ),
        (
            "2girls, side-by-side BREAK red hair, shirt, skirt BREAK red hair, shirt",
            [("PPL005", "red hair")],
        ),
        # species
        ("2girls, side-by-side BREAK elf, red hair BREAK elf, black hair", []),
        ("2girls, side-by-side BREAK fox girl, red hair BREAK black hair", []),
        # names
        (
            "2girls, side-by-side BREAK hatsune miku BREAK red hair",
            [("PPL007", "red hair")],
        ),
        ("2girls, side-by-side, hatsune miku", [("PPL008", "2girls")]),
        ("1girl, solo, hatsune miku, megurine luka", [("PPL008", "megurine luka")]),
        ("2girls, side-by-side, hatsune miku, megurine luka", []),
        ("2girls, side-by-side BREAK hatsune miku, red eyes BREAK megurine luka", []),
        ("multiple girls, side-by-side, hatsune miku", []),
        ("3girls, side-by-side, hatsune miku, megurine luka", [("PPL008", "3girls")]),
        # actions for more
        ("1girl, 1boy, sandwiched, hug", [("PPL009", "sandwiched")]),
        ("1girl, solo, holding hands", [("PPL009", "holding hands")]),
        ("1girl, pov, holding hands", []),
        (
            "3girls, side-by-side, hatsune miku, megurine luka, kagamine rin",
            [("PPL010", "kagamine rin")],
        ),
    ],
)
def test_rules_on_people(prompt: str, found: list[tuple[str, str]], codes) -> None:
    assert codes(prompt) == found


@pytest.mark.parametrize(
    ("prompt", "code", "severity"),
    [
        ("2girls, smile", "PPL004", Severity.HINT),
        ("2girls, smile BREAK red hair BREAK black hair", "PPL004", Severity.WARNING),
        ("1girl, holding hands", "PPL009", Severity.HINT),
        ("1girl, solo, holding hands", "PPL009", Severity.WARNING),
        ("1girl, solo, carrying", "PPL009", Severity.HINT),
        ("1girl, hatsune miku, megurine luka", "PPL008", Severity.HINT),
        ("1girl, solo, hatsune miku, megurine luka", "PPL008", Severity.WARNING),
    ],
)
def test_only_the_near_certain_is_a_warning(
    prompt: str, code: str, severity: Severity, lint
) -> None:
    (one,) = lint(prompt, only=(code,))
    assert one.severity is severity


def test_a_mutual_action_is_put_behind_the_number_of_people(lint) -> None:
    prompt = "2girls, smile"
    (one,) = lint(prompt, only=("PPL004",))
    edit = one.fixes[0].edits[0]
    assert prompt[: edit.span.start] + edit.text + prompt[edit.span.end :] == (
        "2girls, side-by-side, smile"
    )


def test_beside_solo_a_crowd_is_scenery(lint, codes) -> None:
    assert codes("1girl, solo, singing, stage, crowd") == []


def test_a_section_that_is_about_several_says_nothing_of_one(lint) -> None:
    prompt = "1boy, side-by-side BREAK 3girls, long hair, short hair, pink hair, white hair"
    assert lint(prompt, only=("IMP004", "STY008")) == ()


def test_what_is_shared_is_told_once_a_chunk(lint) -> None:
    prompt = "2girls, hug BREAK red hair, dress, city, night BREAK black hair, dress, cowboy shot"
    found = lint(prompt, only=("PPL001",))
    assert [one.message.partition(" hold")[0] for one in found] == [
        "'city', 'night'",
        "'cowboy shot'",
    ]
