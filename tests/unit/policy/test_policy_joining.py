"""Joining neighbours only where a known word may begin finds what joining all of them finds."""

import random
import string
from typing import Final

import pytest

from irodori.policy import screen
from irodori.policy.fold import look_alikes
from irodori.policy.joining import places_to_join
from irodori.policy.spelling import LONGEST
from irodori.policy.words import Form, Word, known_words

WORDS: Final = [word for word in known_words() if word.core.isascii() and len(word.core) > 2]


def spelled(letters: str, rng: random.Random) -> list[str]:
    """Each letter as it is, drawn out, as a digit or sign, i as l, w as vv."""
    digits: dict[str, list[str]] = {}
    for code, plain in look_alikes().digits.items():
        digits.setdefault(plain, []).append(chr(code))
    forms = {"w": ["vv"], "i": ["l", "1"], "l": ["i"]}
    return [
        rng.choice([letter, letter, letter * 2, *digits.get(letter, []), *forms.get(letter, [])])
        for letter in letters.replace(" ", "")
    ]


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_every_word_is_joined_in_every_spelling(word: Word) -> None:
    rng = random.Random(word.core)  # noqa: S311  # a fixed stream of spellings, no secret
    for ending in ("", "s", "es", "z"):
        tokens = spelled(word.core + ending, rng)
        at = rng.randrange(1, 4)
        around = ["x", "hat", "q"][:at]
        assert places_to_join([*around, *tokens, "cat"], LONGEST)[at]


def test_a_word_inside_others_is_joined_from_before_it() -> None:
    for word in WORDS:
        if word.form is Form.INSIDE:
            places = places_to_join(["q", "q", *word.core.replace(" ", "")], LONGEST)
            assert places[:2] == [True, True]


def test_nothing_else_is_joined() -> None:
    assert not any(places_to_join(["q"] * 200 + ["z", "q", "/", "j"] * 50, LONGEST))


def test_single_letters_are_few_joins() -> None:
    rng = random.Random(3)  # noqa: S311  # a fixed stream of letters, no secret
    letters = [rng.choice(string.ascii_lowercase) for _ in range(20_000)]
    assert sum(places_to_join(letters, LONGEST)) < len(letters) / 10
    assert not screen([" ".join("zqxj" * 5000)]).rated
