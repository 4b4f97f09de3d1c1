"""The data files of the policy fit together."""

import re
from itertools import pairwise

import pytest

from irodori.policy.ages import is_minors_age
from irodori.policy.fold import DATA, fold, look_alikes
from irodori.policy.lexicon import lexicon
from irodori.policy.screen import screen, tag_key
from irodori.policy.spelling import Reading, Spelled
from irodori.policy.words import Kind, harmless_phrases, known_tags, known_words


def test_words_are_listed_once_and_as_they_are_compared() -> None:
    cores = [(word.core, word.form) for word in known_words()]
    assert len(cores) == len(set(cores))
    for word in known_words():
        assert word.core == fold(word.core)
        assert word.core == " ".join(re.findall(r"[^\W_]+", word.core)) or not word.core.isalnum()


def test_every_word_is_found_by_itself() -> None:
    for word in known_words():
        found = screen([f"park, {word.core}, hat"])
        if word.kind is Kind.RATED:
            assert found.rating.allows(word.rating), word.core
        elif word.kind is Kind.MINOR:
            assert found.minors, word.core
        else:
            assert found.is_refused_always, word.core


@pytest.mark.parametrize("phrase", [p for ps in harmless_phrases().values() for p in ps], ids=str)
def test_harmless_phrases_are_needed_and_silent(phrase: tuple[str, ...]) -> None:
    text = " ".join(phrase)
    found = screen([text])
    assert not found.rated
    assert not found.minors
    unmasked = Spelled(
        plain=text,
        tags=(),
        readings=frozenset(
            Reading(letters="".join(pair), is_joined=True) for pair in pairwise(phrase)
        ),
        starred=frozenset(),
    )
    assert list(lexicon().find(unmasked)), "this phrase holds no known word"


def test_look_alikes_stand_under_one_letter_each() -> None:
    text = (DATA / "look_alikes.toml").read_text(encoding="utf-8")
    for section in text.split("[")[1:]:
        characters = "".join(re.findall(r'= "(.*)"', section))
        assert len(characters) == len(set(characters))
    assert all(len(letter) == 1 and letter.isascii() for letter in look_alikes().letters.values())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("ＨＡＴ", "hat"),
        ("𝐡𝒶𝓽", "hat"),
        ("ⓗⓐⓣ", "hat"),
        ("🅗🅐🅣", "hat"),
        ("һаτ", "hat"),
        ("ΗΑΤ", "hat"),
        ("ħɐŧ", "hat"),
        ("\u1e29\u1ea1\u1e97", "hat"),
        ("h\u0363t", "hat"),
        ("🇭🇦🇹", "hat"),
        ("h\u200ba\u00adt\ufe0f", "hat"),
        ("a\nb\tc", "a\nb\tc"),
        ("1girl", "1girl"),
    ],
)
def test_fold(text: str, plain: str) -> None:
    assert fold(text) == plain


@pytest.mark.parametrize(
    "text",
    ["17 years old", "9 year old", "12yo", "12 y o", "age 7", "aged 15", "ten years old",
     "age of 11", "under the age of 18", "8 months old", "12歳"],
)  # fmt: skip
def test_ages_of_minors(text: str) -> None:
    assert is_minors_age(f"park / {text} / hat")


@pytest.mark.parametrize(
    "text",
    ["18 years old", "100 years old", "year 2015", "20yo", "age 30", "ice age", "17 cats",
     "5 years", "golden age 1950", "stage 10", "eighteen years old"],
)  # fmt: skip
def test_other_numbers(text: str) -> None:
    assert not is_minors_age(f"park / {text} / hat")


def test_tags_are_known_by_hashes_of_the_right_form() -> None:
    assert known_tags()
    assert all(re.fullmatch("[0-9a-f]{12}", key) for key in known_tags())
    assert tag_key("red hair") not in known_tags()
    kinds = {kind for kind, _ in known_tags().values()}
    assert kinds == {Kind.MINOR, Kind.BOTH, Kind.RATED}
