"""What a prompt says, whatever the tool it was written for.

Readers make a document of a tool's text, writers make text of it. In it every weight multiplies,
every character is literal, and each item remembers the characters it came from.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from irodori.prompt.span import Span

_BLANKS_BEFORE_COMMA: Final = re.compile(r"(?<=\w) ,")


class PromptFormat(StrEnum):
    """The tools whose prompts can be read and written."""

    IRODORI = "irodori"
    A1111 = "a1111"
    COMFYUI = "comfyui"
    INVOKEAI = "invokeai"
    NOVELAI = "novelai"
    SWARMUI = "swarmui"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that could not be kept.

    Args:
        span: the characters of the source text concerned.
        message: what was lost and what stands in its place.
    """

    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Literal text, nothing in it escaped."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """Items whose weight is multiplied."""

    span: Span
    items: tuple["Item", ...]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One text, then another; `when` is a share of the steps or a step."""

    span: Span
    before: tuple["Item", ...]
    after: tuple["Item", ...]
    when: float
    is_fraction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternating:
    """Another option at each step."""

    span: Span
    options: tuple[tuple["Item", ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Options of which `least` to `most` are drawn, with odds, and joined."""

    span: Span
    options: tuple[tuple["Item", ...], ...]
    odds: tuple[float, ...]
    least: int = 1
    most: int = 1
    joiner: str = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A wildcard: one line of a file."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A network, in A1111's items: name, strength of the text encoders, of the UNet, named ones."""

    span: Span
    kind: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkBreak:
    """A new chunk begins."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment, without the characters that mark it."""

    span: Span
    text: str


Item: TypeAlias = (
    Plain | Weighted | Scheduled | Alternating | Picked | Listed | Added | ChunkBreak | Remark
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One of several prompts drawn together, with its weight."""

    items: tuple[Item, ...]
    weight: float = 1.0
    span: Span = Span(0, 0)  # noqa: RUF009  # a tuple, immutable


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole prompt: one section, or several that are combined."""

    sections: tuple[Section, ...]


def single(items: Iterable[Item]) -> Document:
    """Return the document of one section."""
    return Document(sections=(Section(items=tuple(items)),))


def with_weights_inside(items: Iterable[Item], weight: float = 1.0) -> Iterator[Item]:
    """Yield the items with no weight around anything but literal text, and none inside another.

    `(a [b:c:0.5]:1.2)` becomes `(a :1.2)[(b:1.2):(c:1.2):0.5]`: the same meaning for tools whose
    weights do not multiply.
    """
    run: list[Item] = []
    for item in items:
        match item:
            case Plain() | Listed() | Remark():
                run.append(item)
                continue
            case _:
                yield from _run(run, weight)
                run = []
        match item:
            case Weighted():
                yield from with_weights_inside(item.items, weight * item.weight)
            case Scheduled():
                before = tuple(with_weights_inside(item.before, weight))
                yield replace(
                    item, before=before, after=tuple(with_weights_inside(item.after, weight))
                )
            case Alternating() | Picked():
                options = tuple([tuple(with_weights_inside(o, weight)) for o in item.options])
                yield replace(item, options=options)
            case _:
                yield item
    yield from _run(run, weight)


def _run(items: Sequence[Item], weight: float) -> Iterator[Item]:
    if not items or weight == 1.0:
        yield from items
    else:
        span = Span(items[0].span.start, items[-1].span.end)
        yield Weighted(span=span, items=tuple(items), weight=weight)


def meaning(document: Document) -> tuple[object, ...]:
    """Return a value that is equal for documents that say the same.

    Blanks do not count (CLIP drops them), weights count to 3 decimals, remarks not at all.
    """
    return tuple([(_meaning(s.items), round(s.weight, 3)) for s in document.sections])


def _meaning(items: Iterable[Item]) -> tuple[object, ...]:
    said: list[tuple[object, ...]] = []
    for item, exact in _leaves(items, 1.0):
        if isinstance(item, Plain):
            _add_text(said, item.text, round(exact, 3))
        else:
            said.extend(_said(item, round(exact, 3)))
    return tuple(
        [
            ("text", _without_blanks(str(one[1])), one[2]) if one[0] == "text" else one
            for one in said
        ]
    )


def _without_blanks(text: str) -> str:
    return _BLANKS_BEFORE_COMMA.sub(",", " ".join(text.split()))


def _add_text(said: list[tuple[object, ...]], text: str, weight: float) -> None:
    """Join a text to what was said; blanks alone have no weight and belong to what is before."""
    after_text = bool(said) and said[-1][0] == "text"
    if after_text and (said[-1][2] == weight or not text.strip()):
        said[-1] = ("text", f"{said[-1][1]}{text}", said[-1][2])
    elif text.strip():
        said.append(("text", text, weight))


def _said(item: Item, weight: float) -> Iterator[tuple[object, ...]]:
    match item:
        case Scheduled():
            before, after = _under(item.before, weight), _under(item.after, weight)
            yield "schedule", before, after, item.when, item.is_fraction
        case Alternating():
            yield "alternate", tuple([_under(option, weight) for option in item.options])
        case Picked():
            options = tuple([_under(option, weight) for option in item.options])
            joiner = item.joiner if item.most > 1 else ""
            yield "pick", options, item.odds, item.least, item.most, joiner
        case Listed():
            yield "wildcard", item.name, weight
        case Added():
            yield "network", item.kind, item.items
        case ChunkBreak():
            yield ("break",)
        case _:
            pass


def _under(items: tuple[Item, ...], weight: float) -> tuple[object, ...]:
    return _meaning((Weighted(span=Span(0, 0), items=items, weight=weight),))


def _leaves(items: Iterable[Item], weight: float) -> Iterator[tuple[Item, float]]:
    for item in items:
        if isinstance(item, Weighted):
            yield from _leaves(item.items, weight * item.weight)
        else:
            yield item, weight
