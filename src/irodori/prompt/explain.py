"""All that a prompt means, in one value: what the command line prints and the page draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from irodori.prompt.ast import Diagnostic, Part, Prompt
from irodori.prompt.chunk import DEFAULT_BACKTRACK, EmbeddingTable
from irodori.prompt.chunked import ChunkedPrompt, Kinship, belong_together, chunk_nodes, leaf_tags
from irodori.prompt.composition import part_text, part_weight
from irodori.prompt.dialect import Dialect
from irodori.prompt.emphasis import read_nodes, read_resolved
from irodori.prompt.networks import NetworkTimeline, network_timelines
from irodori.prompt.parser import parse
from irodori.prompt.schedule import (
    Clock,
    choices,
    clock_for,
    prompt_schedule,
    resolve,
    switching_nodes,
)
from irodori.prompt.span import Span
from irodori.prompt.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a prompt.

    Args:
        steps: of the first pass, 1 or more. Default 28.
        hires_steps: of the hires pass, if there is one.
        dialect: how the text is read.
        negative: it is a negative prompt.
        old_timelines: numbers are read as A1111 did before 1.6.
        backtrack: 0 to 74. Default 20.
        kinship: which neighbouring tags belong together.
    """

    steps: int = 28
    hires_steps: int | None = None
    dialect: Dialect = Dialect.IRODORI
    negative: bool = False
    old_timelines: bool = False
    backtrack: int = DEFAULT_BACKTRACK
    kinship: Kinship = belong_together


@dataclass(frozen=True, slots=True, kw_only=True)
class TagTimeline:
    """When a tag that comes or goes is drawn.

    Args:
        name: what it says, escapes resolved.
        span: its code points in the prompt.
        is_drawn: for each step, whether it is.
    """

    name: str
    span: Span
    is_drawn: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassTimeline:
    """What one pass draws.

    Args:
        steps: how many it has.
        entries: each text and the step it ends at.
        tags: those that are not there at every step, in the order of the text.
        networks: strengths at each step.
    """

    steps: int
    entries: tuple[tuple[int, str], ...]
    tags: tuple[TagTimeline, ...]
    networks: tuple[NetworkTimeline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A prompt's meaning.

    Args:
        text: the prompt.
        diagnostics: what is wrong in it, in order of place.
        parts: what AND joins, each with its weight.
        first: the first pass.
        hires: the hires pass, if asked for.
        emphasis: of the text drawn first, part after part: each segment with its weight.
        chunked: of the text drawn first: the chunks of each part, spans in the prompt.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...]
    parts: tuple[tuple[str, float], ...]
    first: PassTimeline
    hires: PassTimeline | None
    emphasis: tuple[tuple[str, float], ...]
    chunked: tuple[ChunkedPrompt, ...]


def explain(
    text: str,
    tokenizer: Tokenizer,
    question: Question | None = None,
    *,
    embeddings: EmbeddingTable | None = None,
) -> Explanation:
    """Return what a prompt means.

    Args:
        text: one prompt.
        tokenizer: CLIP's.
        question: steps, dialect and the like. Default: 28 steps, nothing special.
        embeddings: what can be named. Default: nothing.

    Raises:
        RecipeError: a number of steps is below 1.
        ValueError: backtrack outside 0..74.
    """
    asked = question or Question()
    prompt = parse(text, dialect=asked.dialect, negative=asked.negative)
    clock = clock_for(asked.steps, old_timelines=asked.old_timelines)
    return Explanation(
        text=text,
        diagnostics=prompt.diagnostics,
        parts=tuple((part_text(part), part_weight(part)) for part in prompt.parts),
        first=_timeline(prompt, text, asked, is_hires=False),
        hires=_timeline(prompt, text, asked, is_hires=True) if asked.hires_steps else None,
        emphasis=_emphasis(prompt.parts, clock, asked.dialect),
        chunked=tuple(
            chunk_nodes(
                resolve((*part.nodes, *part.tail), 1, clock),
                tokenizer,
                dialect=asked.dialect,
                backtrack=asked.backtrack,
                embeddings=embeddings,
                kinship=asked.kinship,
            )
            for part in prompt.parts
        ),
    )


def _timeline(prompt: Prompt, text: str, asked: Question, *, is_hires: bool) -> PassTimeline:
    hires_steps = asked.hires_steps if is_hires else None
    steps = hires_steps or asked.steps
    clock = clock_for(asked.steps, hires_steps=hires_steps, old_timelines=asked.old_timelines)
    entries = prompt_schedule(
        text,
        asked.steps,
        hires_steps=hires_steps,
        old_timelines=asked.old_timelines,
        dialect=asked.dialect,
    )
    networks: Sequence[NetworkTimeline] = ()
    if not asked.negative:
        networks = network_timelines(
            text,
            asked.steps,
            hires_steps=hires_steps,
            old_timelines=asked.old_timelines,
            dialect=asked.dialect,
        )
    return PassTimeline(
        steps=steps,
        entries=tuple(entries),
        tags=tuple(_changing_tags(prompt.parts, clock, steps)),
        networks=tuple(networks),
    )


def _changing_tags(parts: Sequence[Part], clock: Clock, steps: int) -> Iterator[TagTimeline]:
    switching = switching_nodes(parts)
    drawn: dict[tuple[Span, str], set[int]] = {}
    known: dict[tuple[int, ...], list[tuple[Span, str]]] = {}
    for step in range(1, steps + 1) if switching else ():
        chosen = choices(switching, step, clock)
        if chosen not in known:
            rows = (resolve(part.nodes, step, clock) for part in parts)
            known[chosen] = [(tag.span, tag.name) for row in rows for tag in leaf_tags(row)]
        for tag in known[chosen]:
            drawn.setdefault(tag, set()).add(step)
    for (span, name), at in sorted(drawn.items()):
        if len(at) < steps:
            is_drawn = tuple(step in at for step in range(1, steps + 1))
            yield TagTimeline(name=name, span=span, is_drawn=is_drawn)


def _emphasis(
    parts: Sequence[Part], clock: Clock, dialect: Dialect
) -> tuple[tuple[str, float], ...]:
    read = read_resolved if dialect is Dialect.A1111 else read_nodes
    segments = chain.from_iterable(read(resolve(part.nodes, 1, clock)) for part in parts)
    return tuple([(segment.text, segment.weight) for segment in segments])
