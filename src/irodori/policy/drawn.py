"""What a prompt's text becomes before it is encoded: every text that may really be drawn.

Brackets, weights, networks, comments, BREAK and AND are gone from them, so a word that was split
by the prompt language is whole again: `(wo:1.2)rd`, `wo[rd]`, `[wo:x:0.5]rd`, `{wo|x}rd`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Final, TypeAlias

from irodori.prompt import Dialect, parse, prompt_schedule
from irodori.prompt.ast import (
    Alternation,
    Break,
    Comment,
    Escape,
    Group,
    Node,
    Prompt,
    Schedule,
    Separator,
    Space,
    Text,
    Variants,
)

MOST_CHOICES: Final = 512
"""Results of one prompt's slots and schedules that are looked at before anything is drawn."""

Piece: TypeAlias = str | list[list["Piece"]]
"""A text, or the options of which one will stand there."""


def possible_texts(text: str, dialect: Dialect = Dialect.IRODORI) -> Iterator[str]:
    """Yield the texts that a prompt may become, whatever its steps and its seed.

    Every option of every schedule, alternation and variant is in one of them. Of a prompt with
    more than `MOST_CHOICES` combinations so many are yielded, and those in which all take their
    first, second ... option; `drawn_texts` of the finished recipe leaves none out.
    """
    pieces = list(_pieces(_top(parse(text, dialect=dialect))))
    yield from dict.fromkeys(islice(_combined(pieces), MOST_CHOICES))
    for turn in range(_widest(pieces)):
        yield _chosen(pieces, turn)


def drawn_texts(
    text: str, steps: int, *, hires_steps: int | None = None, dialect: Dialect = Dialect.IRODORI
) -> Iterator[str]:
    """Yield the texts that are in force at the steps of one pass, each once.

    Args:
        text: one prompt, with its variants and wildcards drawn.
        steps: of the first pass, 1 or more.
        hires_steps: of the hires pass, if the pass is that one.
        dialect: how the text is read.
    """
    entries = prompt_schedule(text, steps, hires_steps=hires_steps, dialect=dialect)
    for state in dict.fromkeys(state for _, state in entries):
        yield _chosen(list(_pieces(_top(parse(state, dialect=dialect)))), 0)


def _top(prompt: Prompt) -> Iterator[Node]:
    for part in prompt.parts:
        if part.joiner is not None:
            yield Space(span=part.joiner.span, source=" ")
        yield from part.nodes
        yield from part.tail


def _pieces(nodes: Iterable[Node]) -> Iterator[Piece]:
    after_comment = False
    for node in nodes:
        if after_comment and isinstance(node, Separator):
            yield " "  # the end of a comment parts no tags
        else:
            yield from _pieces_of(node)
        after_comment = isinstance(node, Comment)


def _pieces_of(node: Node) -> Iterator[Piece]:
    """Yield what a node draws; a network, a wildcard, a comment and a lone bracket draw nothing."""
    match node:
        case Text() | Space() | Separator():
            yield node.source
        case Escape():
            yield node.value
        case Break():
            yield " "
        case Group():
            yield from _pieces(node.nodes)
        case Schedule():
            yield [list(_pieces(node.before or ())), list(_pieces(node.after))]
        case Alternation():
            yield [list(_pieces(option)) for option in node.options]
        case Variants():
            options = [list(_pieces(option.nodes)) for option in node.options]
            yield options if node.most == 1 else [_joined(options, node.joiner), *options]


def _joined(options: list[list[Piece]], joiner: str) -> list[Piece]:
    """Return all options one after the other, as a variant of several may draw them."""
    row: list[Piece] = []
    for option in options:
        row += [*option, joiner]
    return row


def _combined(pieces: list[Piece]) -> Iterator[str]:
    """Yield every combination, the last choice changing fastest."""
    rows: list[list[str]] = [
        [piece]
        if isinstance(piece, str)
        else [text for option in piece for text in islice(_combined(option), MOST_CHOICES)]
        for piece in pieces
    ]
    yield from map("".join, product(*rows))


def _chosen(pieces: list[Piece], turn: int) -> str:
    """Return the text in which every choice takes the option of that number, or its last."""
    return "".join(
        [
            piece if isinstance(piece, str) else _chosen(piece[min(turn, len(piece) - 1)], turn)
            for piece in pieces
        ]
    )


def _widest(pieces: list[Piece]) -> int:
    """Return how many options the choice with the most has; 1 without any."""
    most = 1
    for piece in pieces:
        if not isinstance(piece, str):
            most = max(most, len(piece), *[_widest(option) for option in piece])
    return most
