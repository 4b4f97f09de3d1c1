"""No spelling of a refused word gets through, and nothing harmless is refused."""

import csv
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import irodori.tags
from irodori.errors import PolicyError
from irodori.policy import Rating, check_prompt, screen
from irodori.policy.fold import fold, look_alikes
from irodori.policy.words import Kind, Word, harmless_phrases, known_words

LETTERS = [
    word
    for word in known_words()
    if word.core.isascii() and word.core.isalpha() and len(word.core) > 3
]
REFUSED = [w for w in LETTERS if w.kind is Kind.RATED and w.rating.rank >= 2]
MINORS = [w for w in LETTERS if w.kind is Kind.MINOR]
HIDDEN = ["\u200b", "\u200d", "\u00ad", "\ufe0f", "\u0301", "\u2060"]


def looking_like(letter: str) -> list[str]:
    table = look_alikes().letters
    full_width = chr(ord("ａ") + ord(letter) - ord("a"))
    mathematical = chr(0x1D41A + ord(letter) - ord("a"))
    return [letter.upper(), full_width, mathematical] + [
        chr(code) for code, plain in table.items() if plain == letter
    ]


def digits_for(letter: str) -> list[str]:
    found = [chr(code) for code, plain in look_alikes().digits.items() if plain == letter]
    return found + (["1", "!", "|"] if letter == "i" else [])


def is_harmless(first: str, last: str) -> bool:
    """Whether the halves of a word are words of their own, as in `pen is`."""
    return (fold(first), fold(last)) in harmless_phrases().get(fold(first), ())


@st.composite
def other_letters(draw: st.DrawFn, word: str) -> str:
    """The word in other characters: look-alikes, capitals, invisible signs between them."""
    out = []
    for letter in word:
        out.append(draw(st.sampled_from([letter, *looking_like(letter)])))
        out.append(draw(st.sampled_from(["", "", "", *HIDDEN])))
    return "".join(out)


@st.composite
def digits(draw: st.DrawFn, word: str) -> str:
    """The word with digits and signs for some letters, one letter at least kept."""
    keep = draw(st.integers(0, len(word) - 1))
    out = [
        letter if i == keep else draw(st.sampled_from([letter, *digits_for(letter)]))
        for i, letter in enumerate(word)
    ]
    if out[-1] == "!":  # at its end it is an exclamation mark
        out[-1] = "1"
    return "".join(out)


@st.composite
def drawn_out(draw: st.DrawFn, word: str) -> str:
    return "".join(letter * draw(st.integers(1, 4)) for letter in word)


@st.composite
def taken_apart(draw: st.DrawFn, word: str) -> str:
    """The word with signs or blanks inside it."""
    sign = draw(st.sampled_from([" ", ".", "-", "_", "/", "'", "~", " - ", ", "]))
    if sign == ", " or draw(st.booleans()):
        return sign.join(word)
    at = draw(st.integers(2, len(word) - 2))
    assume(not is_harmless(word[:at], word[at:]))
    return word[:at] + sign + word[at:]


@st.composite
def in_the_language(draw: st.DrawFn, word: str) -> str:
    """The word split by weights, brackets, schedules, variants, comments, BREAK and AND."""
    at = draw(st.integers(1, len(word) - 1))
    first, last = word[:at], word[at:]
    assume(not is_harmless(first, last))
    forms = [
        f"({first}:1.2){last}",
        f"{first}[{last}]",
        f"(({first})){last}",
        f"[{first}:hat:0.4]{last}",
        f"[hat:{first}:7]{last}",
        f"{first}[{last}|hat]",
        f"{{{first}|hat}}{last}",
        f"{{hat|cat}}, {{hat|{first}}}{{{last}|s}}",
        f"{first}<lora:hat:0.5>{last}",
        f"{first}# hat, cat\n{last}",
        f"{first}\\({last}",
        f"({word}:0.3)",
        f"[[{word}]]",
    ]
    if len(word) > 3 and 1 < at < len(word) - 1:
        forms += [f"{first} BREAK {last}", f"{first} AND {last}"]
    return draw(st.sampled_from(forms))


WAYS = [other_letters, digits, drawn_out, taken_apart, in_the_language]


@st.composite
def disguised(draw: st.DrawFn, words: list[Word]) -> tuple[Word, str]:
    word = draw(st.sampled_from(words))
    return word, draw(draw(st.sampled_from(WAYS))(word.core))


@settings(deadline=None, max_examples=400)
@given(disguised(REFUSED))
def test_a_refused_word_is_refused_in_every_disguise(found: tuple[Word, str]) -> None:
    _, spelled = found
    with pytest.raises(PolicyError):
        check_prompt(f"1girl, park, {spelled}, hat", Rating.SENSITIVE)


@settings(deadline=None, max_examples=400)
@given(disguised(MINORS), disguised(REFUSED))
def test_minors_are_refused_in_every_disguise(
    minor: tuple[Word, str], refused: tuple[Word, str]
) -> None:
    with pytest.raises(PolicyError, match="no setting allows it"):
        check_prompt(f"{refused[1]}, park, {minor[1]}", Rating.EXPLICIT)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_two_disguises_at_once_are_refused(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(REFUSED))
    letters = [data.draw(st.sampled_from([c, *looking_like(c)])) for c in word.core]
    spelled = data.draw(
        data.draw(st.sampled_from([taken_apart, in_the_language]))("".join(letters))
    )
    with pytest.raises(PolicyError):
        check_prompt(f"1girl, {spelled}", Rating.SENSITIVE)


@cache
def vocabulary() -> tuple[tuple[str, bool], ...]:
    """Every shipped general tag and character, and whether it is sensitive."""
    found: list[tuple[str, bool]] = []
    for path in sorted((Path(irodori.tags.__file__).parent / "data").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [
                (row["name"], "sensitive" in (row.get("flags") or ""))
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row.get("category") in {"general", "character"}
            ]
    return tuple(found)


@cache
def mild() -> tuple[str, ...]:
    """The tags that belong to the rating `general` and speak of no child."""
    return tuple(name for name, sensitive in vocabulary() if not sensitive and is_mild(name))


def is_mild(name: str) -> bool:
    found = screen([name])
    return not found.rated and not found.minors


def test_no_shipped_tag_is_refused() -> None:
    refused = [name for name, _ in vocabulary() if screen([name]).above(Rating.SENSITIVE)]
    assert len(vocabulary()) > 6000
    assert refused == []


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_lists_of_shipped_tags_pass(data: st.DataObject) -> None:
    tags = data.draw(st.lists(st.sampled_from(mild()), max_size=40))
    check_prompt(", ".join(tags), Rating.GENERAL)
    check_prompt("\n".join(tags), Rating.GENERAL)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=120), st.text(max_size=120))
def test_no_text_around_a_word_hides_it(before: str, after: str) -> None:
    with pytest.raises(PolicyError):
        check_prompt(f"{before}\nnsfw\n{after}", Rating.SENSITIVE)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=120))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
