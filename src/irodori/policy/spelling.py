"""The words of a text, and what they may be meant to spell.

A word is hidden from a plain search by digits for letters (`w0rd`), by signs or blanks inside it
(`w.o.r.d`, `w o r d`, `wo rd`), by repeating letters (`wooord`) or by leaving some out (`w*rd`).
A *reading* is one thing a stretch of text may spell; readings are compared with whole words only,
so that ordinary words which merely hold such letters are none of the policy's business.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from irodori.policy.fold import look_alikes
from irodori.policy.joining import places_to_join
from irodori.policy.words import harmless_phrases

LONGEST: Final = 24
"""Letters of the longest reading that is made by joining words."""

_LEAST: Final = 3
"""Letters of the shortest reading."""

_SIGNS: Final = "@$!|+€£"
"""Signs that stand for letters inside a word."""

_TAG_END: Final = re.compile(r"[,\n;，、。；]|[.!?](?=\s|$)")
_TOKEN: Final = re.compile(rf"(?:[^\W_]|[{re.escape(_SIGNS)}])+")
_SIGN_ROW: Final = re.compile(rf"[{re.escape(_SIGNS)}]+")
_STARRED: Final = re.compile(rf"(?<![a-z*])[a-z*]{{3,{LONGEST}}}(?![a-z*])")
_POSSESSIVE: Final = re.compile(r"(?<=[a-z]{3})['’]s(?![\w'’])")
_CAPITAL_I: Final = re.compile(r"(?<=[a-z])I|I(?=[a-z])")
_PARTNERS: Final = (
    "girls?|boys?|wom[ae]n|m[ae]n|lad(?:y|ies)|females?|males?|person|people|couple|body|art|pics?"
    "|pictures?|photos?|scene|style|pose|model|anime|manga|character"
)
_COMPOUND: Final = re.compile(rf"(?:{_PARTNERS})(.{{4,}})|(.{{4,}}?)(?:{_PARTNERS})")
"""A word with another written on to it: `wordgirl`, `girlword`."""

BARRIER: Final = "/"
"""Stands between tags, and where a harmless phrase was; no reading reaches across it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Something a stretch of text may spell.

    Attributes:
        letters: small letters, without digits.
        is_guess: digits or signs were read as letters, so i and l cannot be told apart.
        is_run: it is put together from single letters; a word may stand anywhere in it.
        is_joined: it is put together from words with blanks between them.
    """

    letters: str
    is_guess: bool = False
    is_run: bool = False
    is_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """A text as words.

    Attributes:
        plain: the words as they stand, folded, single blanks between them and ` / ` between tags.
        tags: the words of each tag, harmless phrases included.
        readings: what else may be meant.
        starred: words with letters left out, `*` for each.
    """

    plain: str
    tags: tuple[str, ...]
    readings: frozenset[Reading]
    starred: frozenset[str]


def split_tags(folded: str) -> list[str]:
    """Return what stands between the separators of a folded text, without possessive s."""
    return [tag for tag in _TAG_END.split(_POSSESSIVE.sub("", folded)) if tag]


def spell(tags: Iterable[str]) -> Spelled:
    """Return the words of some tags, folded, and what each tag may spell."""
    plain, whole = [], []
    readings: set[Reading] = set()
    starred: list[str] = []
    for tag in tags:
        matches = list(_TOKEN.finditer(tag))
        if not matches:
            continue
        tokens = [match[0] for match in matches]
        kept = _without_harmless(tokens)
        whole.append(_plain(tokens))
        plain.append(_plain(kept))
        touching = [
            not any(map(str.isspace, tag[before.end() : after.start()]))
            for before, after in pairwise(matches)
        ]
        readings.update(_of_tokens(kept), _of_stretches(kept, touching))
        starred += [word for word in _STARRED.findall(tag) if "*" in word.strip("*")]
    return Spelled(
        plain=f" {BARRIER} ".join([words for words in plain if words]),
        tags=tuple([words for words in whole if words]),
        readings=frozenset(readings),
        starred=frozenset(starred),
    )


def with_small_l(text: str) -> tuple[str, ...]:
    """Return a text, and if it has a capital I inside a word, the text with an l there."""
    read = _CAPITAL_I.sub("l", text)
    return (text,) if read == text else (text, read)


def _plain(tokens: Sequence[str]) -> str:
    return " ".join(_SIGN_ROW.sub(" ", " ".join(tokens)).split())


def _without_harmless(tokens: Sequence[str]) -> list[str]:
    """Return the tokens with a barrier for each word of every harmless phrase."""
    words = [token.strip(_SIGNS) for token in tokens]
    kept: list[str] = []
    at = 0
    while at < len(words):
        size = _harmless_at(words, at)
        kept += [BARRIER] * size or [tokens[at]]
        at += size or 1
    return kept


def _harmless_at(words: Sequence[str], at: int) -> int:
    """Return how many words the longest harmless phrase that begins here has, or 0."""
    phrases = harmless_phrases().get(words[at], ())
    return next((len(p) for p in phrases if tuple(words[at : at + len(p)]) == p), 0)


def _of_tokens(tokens: Sequence[str]) -> Iterator[Reading]:
    """Yield the readings of single words and of neighbours joined, each join once."""
    known: set[tuple[str, bool]] = set()
    joins = places_to_join(tokens, LONGEST)
    for first, token in enumerate(tokens):
        if len(token) >= _LEAST:
            yield from _of_token(token)
        if token == BARRIER or not joins[first]:
            continue
        joined, is_single = token, len(token) == 1
        for following in tokens[first + 1 :]:
            joined += following
            if following == BARRIER or len(joined) > LONGEST:
                break
            is_single = is_single and len(following) == 1
            if (joined, is_single) not in known:
                known.add((joined, is_single))
                yield from _reading(joined, is_joined=not is_single)


def _of_token(token: str) -> Iterator[Reading]:
    """Yield the readings of a word, and of what is written on to a word such as `girl`."""
    for variant in {token, token.strip(_SIGNS), token.strip(_SIGNS + "0123456789")}:
        yield from _reading(variant)
        compound = _COMPOUND.fullmatch(variant)
        if compound is not None:
            yield from _reading(compound[1] or compound[2])


def _of_stretches(tokens: Sequence[str], touching: Sequence[bool]) -> Iterator[Reading]:
    """Yield what stands without blanks, with the signs inside it taken out.

    Args:
        tokens: the words of a tag.
        touching: whether there is no blank between a word and the next, one less than words.
    """
    stretch: list[str] = []
    for token, touches in zip(tokens, (*touching, False), strict=True):
        stretch.append(token)
        if not touches:
            if len(stretch) > 1 and BARRIER not in stretch:
                yield from _reading("".join(stretch))
            stretch = []


def spaced_out(folded: str) -> Iterator[Reading]:
    """Yield every stretch of three or more single letters, whatever stands between them."""
    tokens = re.findall(r"[^\W_]+", folded)
    for is_single, group in groupby(tokens, key=lambda token: len(token) == 1):
        letters = "".join(group)
        if is_single and len(letters) > 2:
            for reading in _reading(letters):
                yield Reading(letters=reading.letters, is_guess=reading.is_guess, is_run=True)


def _reading(word: str, *, is_joined: bool = False) -> Iterator[Reading]:
    """Yield the reading of some letters, digits and signs, unless they are no word."""
    if len(word) < _LEAST or not any(c.isalpha() for c in word):
        return
    if "vv" in word:
        yield from _reading(word.replace("vv", "w"), is_joined=is_joined)
    if word.isalpha():
        yield Reading(letters=word, is_joined=is_joined)
    else:
        letters = word.translate(look_alikes().digits)
        yield Reading(letters=letters, is_guess=True, is_joined=is_joined)
