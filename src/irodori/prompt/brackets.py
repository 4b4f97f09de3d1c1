"""Which bracket closes which, found once and before the tree is built.

Two questions are answered in one pass. *Lenient*: a closing bracket closes the nearest open one
of its kind, those left open in between are stray. *Strict*: would the pair also be a node in
A1111's grammar, in which one stray bracket, colon or pipe inside spoils the pair around it?
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from irodori.prompt.lexer import AND, CLOSE, COLON, ESCAPE, OPEN, PIPE, Token

# Trees deeper than this are cut: the brackets inside are text. It keeps every walk over a tree
# within Python's recursion limit, and 1.1 ** 64 is 445.
MAX_DEPTH: Final = 64

_STRUCTURE: Final = frozenset({AND, CLOSE, COLON, ESCAPE, OPEN, PIPE})
_OPENER: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True)
class Pair:
    """An opening token, its closing one, and what structures the text directly inside.

    Args:
        bracket: the opening character; empty for the text as a whole.
        opened: index of the opening token, -1 for the text as a whole.
        closed: index of the closing token.
        colons: indices of the colons inside, those inside inner pairs left out.
        pipes: the same for `|`.
        ands: the same for the word AND.
        strict: A1111's grammar has this pair as a node, too.
    """

    bracket: str
    opened: int
    closed: int = -1
    colons: list[int] = field(default_factory=list)
    pipes: list[int] = field(default_factory=list)
    ands: list[int] = field(default_factory=list)
    strict: bool = True

    def adopt(self, stray: "Pair") -> None:
        """Take over what stands behind a bracket that turned out to be open for good."""
        self.colons += stray.colons
        self.pipes += stray.pipes
        self.ands += stray.ands


@dataclass(slots=True)
class Brackets:
    """What is known about the brackets of one text.

    Args:
        top: the text as a whole.
        pairs: by index of the opening token.
        strays: indices of the brackets that have no partner.
        loose_pipes: indices of the pipes that are in no alternation of A1111's grammar; one
            is enough to make A1111 read the whole part as plain text.
        lone_backslashes: indices of backslashes before a newline or the end; the same holds.
    """

    top: Pair
    pairs: dict[int, Pair] = field(default_factory=dict)
    strays: set[int] = field(default_factory=set)
    loose_pipes: list[int] = field(default_factory=list)
    lone_backslashes: list[int] = field(default_factory=list)


def match_brackets(
    text: str, tokens: Sequence[Token], is_number: Callable[[int, int], bool]
) -> Brackets:
    """Pair the brackets of a token list.

    Args:
        text: what the tokens were read from.
        tokens: all of them.
        is_number: whether the tokens strictly between two indices are a number and blanks.
    """
    result = Brackets(top=Pair(bracket="", opened=-1, closed=len(tokens)))
    stack = [result.top]
    for index, (kind, start, end) in enumerate(tokens):
        if kind not in _STRUCTURE:
            continue
        if kind == OPEN:
            _open(result, stack, index, text[start])
        elif kind == CLOSE:
            _close(result, stack, index, text[start], is_number)
        elif kind == COLON:
            stack[-1].colons.append(index)
        elif kind == PIPE:
            stack[-1].pipes.append(index)
        elif kind == AND:
            stack[-1].ands.append(index)
        elif end - start == 1:
            result.lone_backslashes.append(index)
    while len(stack) > 1:
        _drop(result, stack)
    result.loose_pipes += result.top.pipes
    return result


def _open(result: Brackets, stack: list[Pair], index: int, char: str) -> None:
    if len(stack) > MAX_DEPTH:
        result.strays.add(index)
        _spoil(stack)
    else:
        stack.append(Pair(bracket=char, opened=index))


def _close(
    result: Brackets,
    stack: list[Pair],
    index: int,
    char: str,
    is_number: Callable[[int, int], bool],
) -> None:
    opener = _OPENER[char]
    if stack[-1].bracket != opener:
        _spoil(stack)
        if all(pair.bracket != opener for pair in stack):
            result.strays.add(index)
            return
        while stack[-1].bracket != opener:
            _drop(result, stack)
    pair = stack.pop()
    pair.closed = index
    result.pairs[pair.opened] = pair
    pair.strict = pair.strict and _is_strict(pair, is_number)
    if not pair.strict:
        stack[-1].strict = False
    if pair.pipes and not (pair.strict and opener == "["):
        result.loose_pipes += pair.pipes


def _is_strict(pair: Pair, is_number: Callable[[int, int], bool]) -> bool:
    if pair.bracket == "(":
        return not pair.pipes and len(pair.colons) <= 1
    if pair.bracket == "{":
        return True
    if pair.colons and pair.pipes:
        return False
    return not pair.colons or (len(pair.colons) <= 2 and is_number(pair.colons[-1], pair.closed))


def _spoil(stack: list[Pair]) -> None:
    for pair in stack:
        pair.strict = False


def _drop(result: Brackets, stack: list[Pair]) -> None:
    """Give up the innermost open bracket: it is text, and what follows belongs further out."""
    stray = stack.pop()
    result.strays.add(stray.opened)
    stack[-1].adopt(stray)
    stack[-1].strict = False
