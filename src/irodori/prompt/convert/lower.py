"""Leaving out what a tool cannot express, and saying so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from irodori.prompt.convert.document import (
    Added,
    Alternating,
    ChunkBreak,
    Document,
    Item,
    Listed,
    Loss,
    Picked,
    Plain,
    Remark,
    Scheduled,
    Section,
    Weighted,
)
from irodori.prompt.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a tool's prompts can express.

    Args:
        name: the tool's, for messages.
        schedules: another text from some step on.
        alternation: another text at each step.
        breaks: chunks that begin where the text says.
        networks: the kinds of network that can be named in the text.
        odds: options can have odds.
        counts: several can be drawn, and joined by a text of choice.
        wildcards: options from a file.
        remarks: comments.
        sections: several prompts combined.
        least_weight: the smallest weight.
        most_weight: the largest.
    """

    name: str
    schedules: bool = False
    alternation: bool = False
    breaks: bool = False
    networks: frozenset[str] = frozenset()
    odds: bool = False
    counts: bool = False
    wildcards: bool = False
    remarks: bool = False
    sections: bool = False
    least_weight: float = float("-inf")
    most_weight: float = float("inf")


def lower(document: Document, abilities: Abilities) -> tuple[Document, tuple[Loss, ...]]:
    """Return the document with only what the tool can express, and what was lost."""
    lowering = _Lowering(abilities=abilities)
    sections = [
        replace(section, items=tuple(lowering.items(section.items)))
        for section in document.sections
    ]
    if len(sections) > 1 and not abilities.sections:
        sections = [lowering.join(sections)]
    return Document(sections=tuple(sections)), tuple(lowering.losses)


@dataclass(slots=True, kw_only=True)
class _Lowering:
    abilities: Abilities
    losses: list[Loss] = field(default_factory=list)

    def lose(self, span: Span, message: str) -> None:
        self.losses.append(Loss(span=span, message=message))

    def join(self, sections: list[Section]) -> Section:
        for section in sections[1:]:
            self.lose(
                section.span,
                f"{self.abilities.name} cannot combine prompts with AND;"
                " the parts were written one after the other, without their weights",
            )
        items: list[Item] = []
        for section in sections:
            if items:
                items.append(Plain(span=section.span, text=", "))
            items.extend(section.items)
        return Section(items=tuple(items))

    def items(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            yield from self.item(item)

    def item(self, item: Item) -> Iterator[Item]:
        match item:
            case Plain():
                yield item
            case Weighted():
                yield self.weighted(item)
            case Scheduled():
                yield from self.scheduled(item)
            case Alternating():
                yield from self.alternating(item)
            case Picked():
                yield from self.picked(item)
            case Listed() | Added() | ChunkBreak() | Remark():
                yield from self.leaf(item)
            case _:
                assert_never(item)

    def leaf(self, item: Listed | Added | ChunkBreak | Remark) -> Iterator[Item]:
        can = self.abilities
        stand_in = ""
        match item:
            case Listed():
                kept, stand_in = can.wildcards, f"__{item.name}__"
                message = f"{can.name} has no wildcards; it was written as text"
            case Added():
                kept = item.kind in can.networks
                name = item.items[0] if item.items else ""
                message = f"{can.name} does not load networks from the prompt: {item.kind} '{name}'"
            case ChunkBreak():
                kept, stand_in = can.breaks, ", "
                message = f"{can.name} has no BREAK; a comma stands in its place"
            case Remark():
                kept = can.remarks
                message = f"{can.name} has no comments: '{item.text}'"
        if kept:
            yield item
            return
        self.lose(item.span, message)
        if stand_in:
            yield Plain(span=item.span, text=stand_in)

    def weighted(self, item: Weighted) -> Item:
        can = self.abilities
        weight = min(max(item.weight, can.least_weight), can.most_weight)
        if weight != item.weight:
            self.lose(
                item.span,
                f"{can.name} takes weights of {can.least_weight:g} to {can.most_weight:g};"
                f" {item.weight:g} became {weight:g}",
            )
        return replace(item, items=tuple(self.items(item.items)), weight=weight)

    def scheduled(self, item: Scheduled) -> Iterator[Item]:
        if self.abilities.schedules:
            yield replace(
                item, before=tuple(self.items(item.before)), after=tuple(self.items(item.after))
            )
            return
        # A fraction tells which text is in force longer; a step is early in most pictures.
        kept_first = item.is_fraction and item.when > 0.5
        kept = item.before if kept_first else item.after
        which = "first" if kept_first else "second"
        self.lose(
            item.span, f"{self.abilities.name} has no prompt schedules; the {which} text was kept"
        )
        yield from self.items(kept)

    def alternating(self, item: Alternating) -> Iterator[Item]:
        if self.abilities.alternation:
            yield replace(item, options=tuple([tuple(self.items(o)) for o in item.options]))
            return
        self.lose(item.span, f"{self.abilities.name} has no alternation; the first option was kept")
        yield from self.items(item.options[0])

    def picked(self, item: Picked) -> Iterator[Item]:
        can = self.abilities
        kept = replace(item, options=tuple([tuple(self.items(o)) for o in item.options]))
        if not can.odds and len(set(item.odds)) > 1:
            self.lose(item.span, f"{can.name} draws options with equal odds")
            kept = replace(kept, odds=(1.0,) * len(item.odds))
        if not can.counts and (item.least, item.most) != (1, 1):
            self.lose(item.span, f"{can.name} draws one option, not several")
            kept = replace(kept, least=1, most=1)
        yield kept
