"""From a prompt to its networks: which there are, and how strong each is at each step.

A1111 takes the tags out before it looks for schedules, so each is on at every step. In dialect
irodori a tag is part of the text around it: inside a schedule it is on while its branch is.

Source: P14 (styles and LoRAs late); AUTOMATIC1111's webui for the tag.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.prompt.ast import Alternation, Group, Network, Node, Part, Schedule
from irodori.prompt.curves import KNOWN_KINDS, NetworkTag, read_strengths, read_tag
from irodori.prompt.dialect import Dialect
from irodori.prompt.lexer import COMMENT_PATTERN, NETWORK_PATTERN
from irodori.prompt.parser import parse
from irodori.prompt.schedule import Clock, choices, clock_for, resolve, switching_nodes
from irodori.prompt.span import Span

_NETWORK: Final = re.compile(NETWORK_PATTERN)
_COMMENT: Final = re.compile(COMMENT_PATTERN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkTimeline:
    """How strong a network is over one pass.

    Args:
        tag: the network.
        te: the strength for both text encoders at each step; 0 where the network is off.
        unet: the same for the UNet.
    """

    tag: NetworkTag
    te: tuple[float, ...]
    unet: tuple[float, ...]

    def at(self, step: int) -> tuple[float, float]:
        """The strengths (te, unet) at a step counted from 1; past the end, the last ones."""
        index = min(step, len(self.te)) - 1
        return self.te[index], self.unet[index]


def networks(text: str, *, dialect: Dialect | str = "irodori") -> list[NetworkTag]:
    """The network tags of a prompt, in the order of the text.

    Raises:
        UnknownNameError: no such dialect.
    """
    if Dialect.named(dialect) is Dialect.A1111:
        return [read_tag(node, name_first=False) for node in _written(text)]
    return _tags(parse(text).parts)


def without_networks(text: str) -> str:
    """The text with every network tag taken out and nothing put in its place."""
    return _NETWORK.sub("", text)


def prepared(text: str, *, dialect: Dialect | str = "irodori", negative: bool = False) -> str:
    """What `composition` and `prompt_schedule` are to be given when a picture is drawn.

    A1111 takes comments and, from a prompt but not from a negative prompt, networks out before
    it reads on; its functions would take them for text. In dialect irodori the tree knows them,
    and the text is unchanged.

    Raises:
        UnknownNameError: no such dialect.
    """
    if Dialect.named(dialect) is Dialect.IRODORI:
        return text
    text = _COMMENT.sub("", text)
    return text if negative else without_networks(text)


def network_timelines(
    text: str,
    steps: int,
    *,
    hires_steps: int | None = None,
    old_timelines: bool = False,
    dialect: Dialect | str = "irodori",
) -> list[NetworkTimeline]:
    """How strong each network of a prompt is at each step of one pass.

    A tag that cannot be read (`<lora:x:>`) or is of an unknown kind has no timeline; the tree's
    diagnostics name it.

    Args:
        text: one prompt.
        steps: of the first pass, 1 or more.
        hires_steps: of the hires pass; if given, the timelines are that pass's.
        old_timelines: numbers of schedules are read as A1111 did before 1.6.
        dialect: how the text is read.

    Raises:
        RecipeError: a number of steps is below 1.
        UnknownNameError: no such dialect.
    """
    clock = clock_for(steps, hires_steps=hires_steps, old_timelines=old_timelines)
    length = hires_steps or steps
    if Dialect.named(dialect) is Dialect.A1111:
        tags = networks(text, dialect=dialect)
        presence = [frozenset(tag.span for tag in tags)] * length
    else:
        parts = parse(text).parts
        tags = _tags(parts)
        presence = _presence(parts, clock, length)
    timelines = (_timeline(tag, presence, is_hires=hires_steps is not None) for tag in tags)
    return [timeline for timeline in timelines if timeline is not None]


def _timeline(
    tag: NetworkTag, presence: Sequence[frozenset[Span]], *, is_hires: bool
) -> NetworkTimeline | None:
    strengths = read_strengths(tag)
    if tag.kind not in KNOWN_KINDS or isinstance(strengths, str):
        return None
    of_pass = strengths[is_hires]
    steps = len(presence)
    return NetworkTimeline(
        tag=tag,
        te=tuple(
            of_pass.te.at(step, steps) if tag.span in present else 0.0
            for step, present in enumerate(presence, start=1)
        ),
        unet=tuple(
            of_pass.unet.at(step, steps) if tag.span in present else 0.0
            for step, present in enumerate(presence, start=1)
        ),
    )


def _presence(parts: Sequence[Part], clock: Clock, steps: int) -> list[frozenset[Span]]:
    """For each step, the places of the tags that are on."""
    switching = switching_nodes(parts)
    known: dict[tuple[int, ...], frozenset[Span]] = {}
    presence = []
    for step in range(1, steps + 1):
        chosen = choices(switching, step, clock)
        if chosen not in known:
            known[chosen] = frozenset(
                node.span
                for part in parts
                for node in _inside(resolve((*part.nodes, *part.tail), step, clock))
            )
        presence.append(known[chosen])
    return presence


def _tags(parts: Iterable[Part]) -> list[NetworkTag]:
    return [read_tag(node) for part in parts for node in _inside((*part.nodes, *part.tail))]


def _inside(nodes: Iterable[Node]) -> Iterator[Network]:
    """Every network in these nodes; those in a choice not yet made are not in the prompt."""
    for node in nodes:
        match node:
            case Network():
                yield node
            case Group(nodes=inside):
                yield from _inside(inside)
            case Schedule(before=before, after=after):
                yield from _inside((*(before or ()), *after))
            case Alternation(options=options):
                for option in options:
                    yield from _inside(option)
            case _:
                pass


def _written(text: str) -> Iterator[Network]:
    for match in _NETWORK.finditer(text):
        kind, *items = match.group()[1:-1].split(":")
        yield Network(span=Span(*match.span()), kind=kind, items=tuple(items))
