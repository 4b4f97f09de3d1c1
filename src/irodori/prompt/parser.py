"""From text to tree: total (any `str` has a tree) and lossless (`render` gives the text back).

The tokens' brackets are paired first, then one descent builds the nodes. Text that means nothing
is kept as text and reported, so there is no way to fail.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from irodori.prompt import findings, numbers
from irodori.prompt.ast import And, Diagnostic, Part, PartWeight, Prompt
from irodori.prompt.brackets import match_brackets
from irodori.prompt.dialect import Dialect
from irodori.prompt.lexer import (
    A1111,
    A1111_NEGATIVE,
    A1111_VERBATIM,
    A1111_VERBATIM_PART,
    COLON,
    COMMENT,
    COMMENT_PATTERN,
    ENDER,
    IRODORI,
    IRODORI_NEGATIVE,
    NETWORK,
    NETWORK_PATTERN,
    SEPARATOR,
    SPACE,
    TEXT,
    Reading,
    Token,
    tokenize,
)
from irodori.prompt.reader import Reader, Source
from irodori.prompt.span import Span

_AND: Final = re.compile(r"\bAND\b")
_TAKEN_OUT: Final = re.compile(rf"{COMMENT_PATTERN}|{NETWORK_PATTERN}")
_TAKEN_OUT_OF_NEGATIVE: Final = re.compile(COMMENT_PATTERN)


def parse(text: str, *, dialect: Dialect | str = "irodori", negative: bool = False) -> Prompt:
    """The tree of a prompt.

    Args:
        text: any text.
        dialect: how to read it, `irodori` or `a1111`.
        negative: it is a negative prompt, in which AND and networks have no meaning.

    Raises:
        UnknownNameError: no such dialect.
    """
    if Dialect.named(dialect) is Dialect.IRODORI:
        return _parse_irodori(text, IRODORI_NEGATIVE if negative else IRODORI)
    return _parse_a1111(text, A1111_NEGATIVE if negative else A1111)


def parse_verbatim(text: str, *, split: bool = False) -> Prompt:
    """The A1111 tree of a text as its single functions see it: networks and comments are text.

    Args:
        text: any text.
        split: AND and the weights at the ends of its parts are read; else the text is one part.
    """
    return _parse_a1111(text, A1111_VERBATIM if split else A1111_VERBATIM_PART)


# --- dialect irodori: AND is a token, and only outside of brackets --------------------------------


def _parse_irodori(text: str, reading: Reading) -> Prompt:
    tokens = tokenize(text, reading)
    found: list[Diagnostic] = []
    reader = _reader(text, text, tokens, Dialect.IRODORI, found, negative=not reading.parts)
    ands = reader.ands
    if not ands:
        part = Part(span=Span(0, len(text)), nodes=reader.nodes(0, len(tokens)))
        return _prompt([part], Dialect.IRODORI, found)
    parts: list[Part] = []
    for left, right in pairwise([-1, *ands, len(tokens)]):
        joiner = And(span=Span(*tokens[left][1:])) if left >= 0 else None
        start = joiner.span.start if joiner else 0
        end = tokens[right - 1][2] if right else 0
        colon, after, value = _weight_tokens(text, tokens, left + 1, right)
        weight = None
        if colon < right:
            span = Span(tokens[colon][1], tokens[after - 1][2])
            before = text[joiner.span.end if joiner else 0 : span.start]
            weight = _part_weight(span, text, value, before, found)
        nodes, tail = reader.nodes(left + 1, colon), reader.nodes(after, right)
        parts.append(
            Part(span=Span(start, end), nodes=nodes, joiner=joiner, weight=weight, tail=tail)
        )
    return _prompt(parts, Dialect.IRODORI, found)


def _weight_tokens(
    text: str, tokens: Sequence[Token], start: int, stop: int
) -> tuple[int, int, float]:
    """Where the weight of a part begins and ends among its tokens; `stop` twice without one."""
    after = stop
    while after > start and _draws_nothing(text, tokens[after - 1]):
        after -= 1
    colon = after - 1
    while colon > start and tokens[colon][0] in {TEXT, ENDER, SPACE}:
        colon -= 1
    if colon < start or tokens[colon][0] != COLON:
        return stop, stop, 1.0
    match = numbers.find_part_weight(text[tokens[colon][1] : tokens[after - 1][2]])
    return (colon, after, float(match[1])) if match and not match.start() else (stop, stop, 1.0)


def _draws_nothing(text: str, token: Token) -> bool:
    kind, start, _ = token
    return kind in {SPACE, NETWORK, COMMENT} or (kind == SEPARATOR and text[start] == "\n")


# --- dialect a1111: AND is looked for before anything else ----------------------------------------


def _parse_a1111(text: str, reading: Reading) -> Prompt:
    """As A1111 does it: networks and comments out, AND splits, then each part is read alone."""
    plain = text
    if reading.comments:
        taken_out = _TAKEN_OUT if reading.networks else _TAKEN_OUT_OF_NEGATIVE
        plain = taken_out.sub(lambda match: " " * len(match.group()), text)
    found: list[Diagnostic] = []
    parts = [
        _a1111_part(text, plain, reading, borders, found)
        for borders in _a1111_borders(plain, split=reading.parts)
    ]
    return _prompt(parts, Dialect.A1111, found)


def _a1111_borders(plain: str, *, split: bool) -> Iterator[tuple[Span | None, Span]]:
    """Each part's AND, None for the first, and the stretch of its text and weight."""
    joiner, start = None, 0
    for match in _AND.finditer(plain) if split else ():
        yield joiner, Span(start, match.start())
        joiner, start = Span(*match.span()), match.end()
    yield joiner, Span(start, len(plain))


def _a1111_part(
    text: str,
    plain: str,
    reading: Reading,
    borders: tuple[Span | None, Span],
    found: list[Diagnostic],
) -> Part:
    joiner, body = borders
    weight, nodes_end, tail_start = None, body.end, body.end
    match = numbers.find_part_weight(body.of(plain)) if reading.parts else None
    if match:
        nodes_end, tail_start = body.start + match.start(), body.start + match.end(1)
        span = Span(nodes_end, tail_start)
        before = text[body.start : span.start] if joiner or body.end < len(text) else ""
        weight = _part_weight(span, text, float(match[1]), before, found)
    rows = []
    for start, end in ((body.start, nodes_end), (tail_start, body.end)):
        tokens = tokenize(text, reading, start, end)
        reader = _reader(text, plain, tokens, Dialect.A1111, found, negative=not reading.networks)
        rows.append(reader.nodes(0, len(tokens)))
    return Part(
        span=Span(joiner.start if joiner else body.start, body.end),
        nodes=rows[0],
        joiner=And(span=joiner) if joiner else None,
        weight=weight,
        tail=rows[1],
    )


# --- both -----------------------------------------------------------------------------------------


def _part_weight(
    span: Span, text: str, value: float, before: str, found: list[Diagnostic]
) -> PartWeight:
    source = span.of(text)
    if before.rstrip()[-1:] in {"", ","}:
        found.append(findings.accidental_and_weight(span, source, value))
    return PartWeight(span=span, source=source, value=value)


def _reader(
    text: str,
    plain: str,
    tokens: Sequence[Token],
    dialect: Dialect,
    found: list[Diagnostic],
    *,
    negative: bool = False,
) -> Reader:
    def is_number(colon: int, closed: int) -> bool:
        return numbers.is_when(plain[tokens[colon][2] : tokens[closed][1]])

    return Reader(
        Source(
            text=text,
            plain=plain,
            tokens=tokens,
            brackets=match_brackets(text, tokens, is_number),
            dialect=dialect,
            negative=negative,
            found=found,
        )
    )


def _prompt(parts: Sequence[Part], dialect: Dialect, found: list[Diagnostic]) -> Prompt:
    found.sort(key=lambda diagnostic: diagnostic.span)
    return Prompt(parts=tuple(parts), dialect=dialect, diagnostics=tuple(found))
