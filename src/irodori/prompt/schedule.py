"""From a tree to a timeline: which text is in force at each step.

A pass of S steps asks every schedule once, "when do you switch?", and gets a step between 0 (at
once) and S (never). The first text holds for the steps 1 to that step, the second from there on.

Source: P12, P14 and P15 for what people write; the rules are those of AUTOMATIC1111's webui.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from irodori.errors import RecipeError
from irodori.prompt import numbers
from irodori.prompt.ast import (
    Alternation,
    Comment,
    Group,
    Node,
    Part,
    Prompt,
    Schedule,
    Separator,
    Space,
    Text,
    VariantOption,
    Variants,
    Weight,
    When,
)
from irodori.prompt.dialect import Dialect
from irodori.prompt.parser import parse, parse_verbatim
from irodori.prompt.render import render_nodes, render_part
from irodori.prompt.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How one pass turns a schedule's number into a step.

    Args:
        steps: how many the pass has, 1 or more.
        fraction_from: the fraction at which the pass begins; 1.0 for a hires pass.
        step_from: the step before its first one; the first pass's steps for a hires pass.
        is_old: the rule of A1111 before 1.6: a number below 1 is a fraction, any other a step.
    """

    steps: int
    fraction_from: float = 0.0
    step_from: int = 0
    is_old: bool = False

    def switch(self, when: When) -> int:
        """The last step of the text before the switch: 0 for none, `steps` for all.

        Fractions are cut off, not rounded: 0.3 of 28 steps is step 8.
        """
        value = when.value
        if self.is_old:
            step = value * self.steps if value < 1 else value
        elif when.is_fraction:
            step = (value - self.fraction_from) * self.steps
        else:
            step = value - self.step_from
        if step >= self.steps:
            return self.steps
        return int(step) if step >= 1 else 0


def clock_for(
    steps: int, *, hires_steps: int | None = None, old_timelines: bool = False, calls: int = 1
) -> Clock:
    """The clock of one pass.

    Args:
        steps: of the first pass, 1 or more.
        hires_steps: of the hires pass, 1 or more, if that pass is asked for.
        old_timelines: the rule of A1111 before 1.6, in which both passes share one list.
        calls: how many units of the clock one step has.

    Raises:
        RecipeError: a number of steps or calls is below 1.
    """
    for name, number in (("steps", steps), ("hires steps", hires_steps), ("calls", calls)):
        if number is not None and number < 1:
            raise RecipeError(f"{name} must be 1 or more, not {number}")
    if old_timelines or hires_steps is None:
        return Clock(steps=steps * calls, is_old=old_timelines)
    return Clock(steps=hires_steps * calls, fraction_from=1.0, step_from=steps * calls)


def end_steps(parts: Iterable[Part], clock: Clock) -> list[int]:
    """The last step of each stretch in which nothing changes, ascending; the last is the pass's."""
    ends = {clock.steps}
    for node in switching_nodes(parts):
        if isinstance(node, Alternation):
            return list(range(1, clock.steps + 1))
        ends.add(clock.switch(node.when))
    return sorted(ends - {0})


def switching_nodes(parts: Iterable[Part]) -> list[Schedule | Alternation]:
    """Every schedule and alternation, nested ones too, in the order of the text."""
    found: list[Schedule | Alternation] = []
    for part in parts:
        _collect(part.nodes, found)
    return found


def _collect(nodes: Iterable[Node], found: list[Schedule | Alternation]) -> None:
    for node in nodes:
        match node:
            case Text() | Separator() | Space():
                pass
            case Group(nodes=inside, weight=weight):
                _collect(inside, found)
                _collect(weight.nodes if weight else (), found)
            case Schedule(before=before, after=after):
                found.append(node)
                _collect(before or (), found)
                _collect(after, found)
            case Alternation(options=options, weight=weight):
                found.append(node)
                for option in options:
                    _collect(option, found)
                _collect(weight.nodes if weight else (), found)
            case Variants(options=variants):
                for variant in variants:
                    _collect(variant.nodes, found)
            case _:
                pass


def choices(
    switching: Sequence[Schedule | Alternation], step: int, clock: Clock
) -> tuple[int, ...]:
    """Which branch each of these nodes takes at a step: equal choices draw the same text."""
    return tuple(
        (step - 1) % len(node.options)
        if isinstance(node, Alternation)
        else int(step > clock.switch(node.when))
        for node in switching
    )


def resolve(nodes: Iterable[Node], step: int, clock: Clock) -> tuple[Node, ...]:
    """The nodes in force at a step: no schedule, no alternation and no comment is left.

    Args:
        nodes: of one row.
        step: 1 to `clock.steps`.
        clock: of the pass.
    """
    return tuple(_resolved(nodes, step, clock))


def _resolved(nodes: Iterable[Node], step: int, clock: Clock) -> Iterator[Node]:
    for node in nodes:
        match node:
            case Text() | Separator() | Space():
                yield node
            case Schedule(before=before, after=after, when=when):
                branch = (before or ()) if step <= clock.switch(when) else after
                yield from _resolved(branch, step, clock)
            case Alternation(bracket=bracket, options=options, weight=weight, span=span):
                option = options[(step - 1) % len(options)]
                if bracket == "[":
                    yield from _resolved(option, step, clock)
                else:
                    group = Group(span=span, bracket=bracket, nodes=option, weight=weight)
                    yield _resolved_group(group, step, clock)
            case Group():
                yield _resolved_group(node, step, clock)
            case Variants(options=variants):
                inside = tuple(_resolved_option(option, step, clock) for option in variants)
                yield replace(node, options=inside)
            case Comment():
                pass
            case _:
                yield node


def _resolved_option(option: VariantOption, step: int, clock: Clock) -> VariantOption:
    return replace(option, nodes=resolve(option.nodes, step, clock))


def _resolved_group(group: Group, step: int, clock: Clock) -> Group:
    nodes, weight = resolve(group.nodes, step, clock), group.weight
    if weight is not None and weight.nodes:
        number = render_nodes(resolve(weight.nodes, step, clock))
        value, source = numbers.read_weight(number), ":" + number
        if value is None:
            colon = Text(span=Span(weight.span.start, weight.span.start + 1), source=source)
            nodes, weight = (*nodes, colon), None
        else:
            weight = Weight(span=weight.span, source=source, value=value)
    return Group(span=group.span, bracket=group.bracket, nodes=nodes, weight=weight)


def text_in_force(prompt: Prompt, step: int, clock: Clock) -> str:
    """The text of a prompt at a step, comments left out; networks stay as they are written."""
    return "".join(
        render_part(
            replace(
                part, nodes=resolve(part.nodes, step, clock), tail=resolve(part.tail, step, clock)
            )
        )
        for part in prompt.parts
    )


def prompt_schedule(
    text: str,
    steps: int,
    *,
    hires_steps: int | None = None,
    old_timelines: bool = False,
    dialect: Dialect | str = "irodori",
    calls_per_step: int = 1,
) -> list[tuple[int, str]]:
    """The texts of one pass, each with the step it ends at.

    In dialect irodori an entry holds for exactly the sampler steps from the one after the entry
    before it to its own: `[a:b:0.5]` of 20 steps is 10 steps `a` and 10 `b`. Network tags stay in
    the text; `irodori.prompt.read_timeline` takes them out and weighs them. In dialect a1111 the
    list is A1111's own, which counts denoiser calls; `entry_at_call` says which entry is used.

    Args:
        text: one prompt.
        steps: of the first pass, 1 or more.
        hires_steps: of the hires pass; if given, the list is that pass's.
        old_timelines: numbers are read as A1111 did before 1.6.
        dialect: how the text is read.
        calls_per_step: dialect a1111 only: 2 for a second-order sampler, whose schedules A1111
            counts in denoiser calls.

    Raises:
        RecipeError: a number of steps or calls is below 1.
        UnknownNameError: no such dialect.
    """
    is_a1111 = Dialect.named(dialect) is Dialect.A1111
    clock = clock_for(
        steps,
        hires_steps=hires_steps,
        old_timelines=old_timelines,
        calls=calls_per_step if is_a1111 else 1,
    )
    prompt = parse_verbatim(text) if is_a1111 else parse(text)
    switching = switching_nodes(prompt.parts)
    texts: dict[tuple[int, ...], str] = {}
    entries: list[tuple[int, str]] = []
    for end in end_steps(prompt.parts, clock):
        chosen = choices(switching, end, clock)
        if chosen not in texts:
            texts[chosen] = text_in_force(prompt, end, clock)
        entries.append((end, texts[chosen]))
    return entries


def text_at_step(
    text: str,
    step: int,
    steps: int,
    *,
    hires_steps: int | None = None,
    old_timelines: bool = False,
    dialect: Dialect | str = "irodori",
) -> str:
    """The text in force at one sampler step.

    Args:
        text: one prompt.
        step: of the pass, counted from 1; a step past its end has the last one's text.
        steps: of the first pass, 1 or more.
        hires_steps: of the hires pass; if given, `step` is one of that pass.
        old_timelines: numbers are read as A1111 did before 1.6.
        dialect: how the text is read. In a1111 the step is one of one denoiser call.

    Raises:
        RecipeError: a number of steps or calls is below 1.
        UnknownNameError: no such dialect.
    """
    schedule = prompt_schedule(
        text,
        steps,
        hires_steps=hires_steps,
        old_timelines=old_timelines,
        dialect=dialect,
    )
    ends = [end for end, _ in schedule]
    if Dialect.named(dialect) is Dialect.A1111:
        return schedule[entry_at_call(ends, step - 1)][1]
    return schedule[entry_at_step(ends, step)][1]


def entry_at_step(ends: Sequence[int], step: int) -> int:
    """Index of the entry that holds at a sampler step counted from 1, in dialect irodori."""
    return min(bisect_left(ends, step), len(ends) - 1)


def entry_at_call(ends: Sequence[int], call: int) -> int:
    """Index of the entry A1111 uses for a denoiser call counted from 0.

    A1111 compares a count from 0 with steps from 1: the first text holds one call longer than
    asked for. A call past the last entry has the first one.
    """
    return bisect_left(ends, call) % len(ends)
