"""From characters to tokens: the only place where a prompt's characters are looked at one by one.

Each token is `(kind, start, end)`; they follow each other without a gap from the first character
to the last, so nothing can be lost. What a token means (is this bracket closed? is this colon a
schedule's?) is decided later, in `brackets` and `parser`.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Token: TypeAlias = tuple[str, int, int]

# Kinds of tokens. Each names its group in the pattern below, so a match needs no look-up.
TEXT: Final = "text"  # words with blanks between them, none at the ends
SPACE: Final = "space"  # blanks, but no newline
SEPARATOR: Final = "separator"  # comma or newline
ENDER: Final = "ender"  # . ; ! before a blank or the end: separates unless it begins a tag
COLON: Final = "colon"
OPEN: Final = "open"  # ( [ {, the brace with its `2$$` and `0.5::`
CLOSE: Final = "close"  # ) ] }
PIPE: Final = "pipe"  # |, with the `0.5::` after it
ESCAPE: Final = "escape"  # a backslash and what it makes literal; one at the end stands alone
NETWORK: Final = "network"  # <kind:items>
WILDCARD: Final = "wildcard"  # __name__
COMMENT: Final = "comment"  # from # to before the newline
BREAK: Final = "break"
AND: Final = "and"
OTHER: Final = "other"  # a character with no meaning here: text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which words have a meaning; the others are text.

    Args:
        networks: `<lora:x:1>` is one token.
        comments: `#` starts a comment.
        templates: braces and `__wildcards__` are tokens.
        parts: `AND` is a token.
    """

    networks: bool = True
    comments: bool = True
    templates: bool = True
    parts: bool = True


IRODORI: Final = Reading()
IRODORI_NEGATIVE: Final = Reading(parts=False)
A1111: Final = Reading(templates=False)
A1111_NEGATIVE: Final = Reading(networks=False, templates=False, parts=False)
A1111_VERBATIM: Final = Reading(networks=False, comments=False, templates=False)
A1111_VERBATIM_PART: Final = Reading(networks=False, comments=False, templates=False, parts=False)

NETWORK_PATTERN: Final = r"<\w+:[^>]+>"
COMMENT_PATTERN: Final = r"\#[^\n]*"
_CHARS: Final = r"[^\s\\()\[\]{}|:,.;!<#]"
_CHARS_BUT_UNDERSCORE: Final = r"[^\s\\()\[\]{}|:,.;!<#_]"
# A dot after a letter alone or a title abbreviates: `monkey d. luffy`, `dr. ratio` are one tag.
_ABBREVIATION: Final = (
    r"(?:(?<=\b[^\W\d_])|(?<=\b(?i:dr|jr|mr|ms|st|vs))|(?<=\b(?i:mrs)))\.(?=[^\S\n])"
)
_INNER_DOT: Final = rf"[.;!](?!\s|\Z)|{_ABBREVIATION}"
_OPTION_WEIGHT: Final = r"(?:[^\S\n]*(?:[0-9]+\.?[0-9]*|\.[0-9]+)::)?"
_COUNT: Final = r"(?:(?:[0-9]+-?[0-9]*|-[0-9]+)\$\$(?:[^${}|]*\$\$)?)?"
_WORDS: Final = re.compile(r"\b(?:BREAK|AND)\b")


def _pattern(reading: Reading, *, wildcards: bool) -> re.Pattern[str]:
    word = rf"(?:{_CHARS}++|{_INNER_DOT})++"
    if wildcards:
        word = rf"(?:{_CHARS_BUT_UNDERSCORE}++|_(?!_)|{_INNER_DOT})++"
    templates = reading.templates
    alternatives = [
        rf"(?P<text>{word}(?:[^\S\n]++{word})*+)",
        r"(?P<separator>[,\n])",
        r"(?P<space>[^\S\n]++)",
        r"(?P<colon>:)",
        rf"(?P<open>[(\[]|\{{{_COUNT}{_OPTION_WEIGHT})" if templates else r"(?P<open>[(\[])",
        r"(?P<close>[)\]}])" if templates else r"(?P<close>[)\]])",
        rf"(?P<pipe>\|{_OPTION_WEIGHT})" if templates else r"(?P<pipe>\|)",
        # A1111 takes comments out before it knows of backslashes.
        r"(?P<escape>\\[^\n]?)" if templates or not reading.comments else r"(?P<escape>\\[^\n#]?)",
        r"(?P<ender>[.;!](?=\s|\Z))",
    ]
    if reading.networks:
        alternatives.append(rf"(?P<network>{NETWORK_PATTERN})")
    if wildcards:
        alternatives.append(r"(?P<wildcard>__(?!_)[\w\-./*?~@]+?(?<!_)__(?!_))")
    if reading.comments:
        alternatives.append(rf"(?P<comment>{COMMENT_PATTERN})")
    alternatives.append(r"(?P<other>[\s\S])")
    return re.compile("|".join(alternatives))


_PATTERNS: Final = {
    (reading, wildcards): _pattern(reading, wildcards=wildcards)
    for reading in (
        IRODORI,
        IRODORI_NEGATIVE,
        A1111,
        A1111_NEGATIVE,
        A1111_VERBATIM,
        A1111_VERBATIM_PART,
    )
    for wildcards in (False, True)
}


def tokenize(text: str, reading: Reading, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of `text[start:end]`, without a gap; their places count from the text's start."""
    stop = len(text) if end is None else end
    pattern = _PATTERNS[reading, reading.templates and "__" in text]
    tokens = [
        (match.lastgroup or OTHER, *match.span()) for match in pattern.finditer(text, start, stop)
    ]
    if "BREAK" in text or (reading.parts and "AND" in text):
        tokens = [piece for token in tokens for piece in _cut(text, token, reading)]
    return tokens


def _cut(text: str, token: Token, reading: Reading) -> list[Token]:
    """Take the words BREAK and AND out of a text token."""
    kind, start, end = token
    if kind != TEXT:
        return [token]
    pieces: list[Token] = []
    # Upstream, too, looks for the word inside the run: a bracket beside it is a word's border.
    for match in _WORDS.finditer(text, start, end):
        word = match.group()
        if word == "AND" and not reading.parts:
            continue
        pieces += _trimmed(text, start, match.start())
        pieces.append((BREAK if word == "BREAK" else AND, *match.span()))
        start = match.end()
    return pieces + _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> list[Token]:
    """A stretch of text as blanks, words and blanks, each only where there is any."""
    run = text[start:end]
    left = start + len(run) - len(run.lstrip())
    right = max(left, start + len(run.rstrip()))
    edges = ((SPACE, start, left), (TEXT, left, right), (SPACE, right, end))
    return [edge for edge in edges if edge[1] < edge[2]]
