"""Variants and wildcards: from a template to one prompt, or to all of them.

Each slot (`{a|b}` or `__name__`) is drawn from the seed and its own text alone, so moving a slot,
adding another, or sorting a wildcard file changes no other choice (see `irodori.prompt.draw`).

Source: the syntax is that of sd-dynamic-prompts, as its docs/SYNTAX.md describes it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from irodori.prompt.ast import (
    Alternation,
    Group,
    Network,
    Node,
    Prompt,
    Schedule,
    Variants,
    Wildcard,
)
from irodori.prompt.draw import Chooser, Odometer, Option, Seeded
from irodori.prompt.entries import top_rows
from irodori.prompt.parser import parse
from irodori.prompt.render import render_nodes
from irodori.prompt.span import Span
from irodori.prompt.wildcards import WildcardLibrary

DEEPEST: Final = 32  # slots inside slots
LONGEST: Final = 100_000  # code points of all that was drawn, and one for each slot


class ProblemCode(StrEnum):
    """Why a slot stayed as it was written."""

    NO_VALUES = "wildcard-without-values"
    CYCLE = "wildcard-cycle"
    TOO_LARGE = "template-too-large"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotProblem:
    """A slot that could not be filled; its text was left in place.

    Args:
        code: why.
        span: the slot in the template; of a slot inside a wildcard's value, the slot around it.
        message: the cause, with its name.
    """

    code: ProblemCode
    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one slot became.

    Args:
        slot: its identity: its own text, ` #2` for the second one like it, and before it those of
            the slots it lies in, joined by ` > `.
        span: as in `SlotProblem`.
        text: what stands in its place.
    """

    slot: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A template and what it became; both are kept, so that a picture can be varied again.

    Args:
        template: the text with its slots.
        text: the prompt that is drawn.
        choices: of every slot, outer before inner, in the order of the text.
        problems: slots that stayed as written.
    """

    template: str
    text: str
    choices: tuple[Choice, ...] = ()
    problems: tuple[SlotProblem, ...] = ()


def expand(
    template: str,
    *,
    seed: int,
    wildcards: WildcardLibrary | None = None,
) -> Expansion:
    """Return the template with every slot drawn.

    Args:
        template: any text; read in dialect irodori, as A1111 knows no templates of its own.
        seed: the picture's seed; any integer.
        wildcards: where `__name__` is looked up. Default: nowhere.
    """
    return _Filling(wildcards or WildcardLibrary(), Seeded(seed=seed)).run(template)


def combinations(
    template: str,
    *,
    wildcards: WildcardLibrary | None = None,
) -> Iterator[Expansion]:
    """Yield every result of a template once, the last slot changing fastest.

    There can be billions: take as many as are wanted. `{2$$a|b|c}` gives its pairs in written
    order only, not both orders of each. Options of weight 0 are left out.
    """
    odometer = Odometer()
    filling = _Filling(wildcards or WildcardLibrary(), odometer)
    while True:
        yield filling.run(template)
        if not odometer.advance():
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in the nest of slots the filling stands."""

    span: Span
    slot: str = ""
    open_wildcards: tuple[str, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class _Filling:
    """One template's slots being filled: the recursion and what it collects."""

    wildcards: WildcardLibrary
    chooser: Chooser
    choices: list[Choice] = field(default_factory=list)
    problems: list[SlotProblem] = field(default_factory=list)
    length: int = 0
    parsed: dict[str, Prompt] = field(default_factory=dict)

    def run(self, template: str) -> Expansion:
        self.choices, self.problems, self.length = [], [], 0
        text = self._fill(
            _nodes(self._parse(template)), template, Span(0, len(template)), _Place(span=Span(0, 0))
        )
        return Expansion(
            template=template,
            text=text,
            choices=tuple(self.choices),
            problems=tuple(dict.fromkeys(self.problems)),
        )

    def _parse(self, text: str) -> Prompt:
        if text not in self.parsed:
            self.parsed[text] = parse(text)
        return self.parsed[text]

    def _fill(self, nodes: Iterable[Node], text: str, span: Span, place: _Place) -> str:
        """Return `text[span]` with the slots among its nodes filled."""
        out: list[str] = []
        at = span.start
        seen: Counter[str] = Counter()
        for node in _slots(nodes):
            source = node.span.of(text)
            seen[source] += 1
            name = source if seen[source] == 1 else f"{source} #{seen[source]}"
            inside = _Place(
                slot=f"{place.slot} > {name}" if place.slot else name,
                span=place.span if place.depth else node.span,
                open_wildcards=place.open_wildcards,
                depth=place.depth + 1,
            )
            out += text[at : node.span.start], self._fill_slot(node, text, inside)
            at = node.span.end
        out.append(text[at : span.end])
        return "".join(out)

    def _fill_slot(self, node: "_Slot", text: str, place: _Place) -> str:
        source = node.span.of(text)
        if isinstance(node, Network):
            return self._fill_network(source, place)
        options, problem = self._options(node, place)
        if problem is None and (place.depth > DEEPEST or self.length > LONGEST):
            problem = ProblemCode.TOO_LARGE, f"slots {DEEPEST} deep or {LONGEST} characters reached"
        if problem is not None:
            self._report(*problem, place)
            return source
        least, most, joiner = 1, 1, ""
        if isinstance(node, Variants):
            least, most, joiner = node.least, node.most, node.joiner
        index = len(self.choices)
        taken = self.chooser.choose(place.slot, options, least, most)
        several = isinstance(node, Variants) and bool(node.count_source)
        texts = [self._fill_option(options[i], place) for i in taken]
        result = joiner.join([part.strip() for part in texts]) if several else "".join(texts)
        self.length += 1 + len(result)
        choice = Choice(slot=place.slot, span=place.span, text=result)
        self.choices.insert(index, choice)
        return result

    def _fill_option(self, option: Option, place: _Place) -> str:
        if option.wildcard:
            opened = (*place.open_wildcards, option.wildcard)
            place = replace(place, open_wildcards=opened)
        nodes = _nodes(self._parse(option.text))
        return self._fill(nodes, option.text, Span(0, len(option.text)), place)

    def _fill_network(self, source: str, place: _Place) -> str:
        """Fill the slots in a network's name and numbers; `__` may be part of a file's name."""
        inner = source[1:-1]
        known = [
            node
            for node in _slots(_nodes(self._parse(inner)))
            if isinstance(node, Variants)
            or (isinstance(node, Wildcard) and self.wildcards.look_up(node.name).values)
        ]
        return f"<{self._fill(known, inner, Span(0, len(inner)), place)}>" if known else source

    def _options(
        self, node: Variants | Wildcard, place: _Place
    ) -> tuple[list[Option], tuple[ProblemCode, str] | None]:
        if isinstance(node, Wildcard):
            return self._wildcard_options(node.name, place)
        only = node.options[0].nodes
        if len(node.options) == 1 and len(only) == 1 and isinstance(only[0], Wildcard):
            return self._wildcard_options(only[0].name, place)  # several values, none twice
        options = [
            Option(text=render_nodes(option.nodes), weight=option.weight) for option in node.options
        ]
        return options, None

    def _wildcard_options(
        self, name: str, place: _Place
    ) -> tuple[list[Option], tuple[ProblemCode, str] | None]:
        if name in place.open_wildcards:
            chain = " > ".join((*place.open_wildcards, name))
            return [], (ProblemCode.CYCLE, f"wildcard '{name}' stands for itself: {chain}")
        found = self.wildcards.look_up(name)
        if not found.values:
            return [], (ProblemCode.NO_VALUES, "; ".join(found.problems))
        options = [
            Option(text=value.text, weight=value.weight, wildcard=name) for value in found.values
        ]
        return options, None

    def _report(self, code: ProblemCode, message: str, place: _Place) -> None:
        self.problems.append(SlotProblem(code=code, span=place.span, message=message))


_Slot = Variants | Wildcard | Network


def _nodes(prompt: Prompt) -> list[Node]:
    return [node for row in top_rows(prompt) for node in row]


def _slots(nodes: Iterable[Node]) -> Iterator[_Slot]:
    """Yield the outermost slots among some nodes, and the networks that may hold slots."""
    for node in nodes:
        match node:
            case Variants() | Wildcard():
                yield node
            case Network(items=items) if any("{" in item or "__" in item for item in items):
                yield node
            case Group(nodes=inside, weight=weight):
                yield from _slots(inside)
                yield from _slots(weight.nodes if weight is not None else ())
            case Schedule(before=before, after=after):
                yield from _slots(before or ())
                yield from _slots(after)
            case Alternation(options=options, weight=weight):
                for option in options:
                    yield from _slots(option)
                yield from _slots(weight.nodes if weight is not None else ())
            case _:
                pass
