"""What holds for every text, in both dialects: totality, losslessness, places, timelines.

    python tests/property/test_prompt_properties.py 200000 [SEED]

runs the same checks over that many random strings and says how long it took.
"""

import random
import sys
import time
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from irodori.prompt import (
    Code,
    Dialect,
    EmphasisMode,
    Prompt,
    Span,
    composition,
    emphasis,
    from_utf16,
    network_timelines,
    networks,
    parse,
    prompt_schedule,
    render,
    text_at_step,
    to_utf16,
    without_networks,
)
from irodori.prompt.ast import Alternation, Group, Node, Schedule, Text, Variants
from irodori.prompt.emphasis import read_nodes, read_resolved
from irodori.prompt.render import render_node
from irodori.prompt.schedule import clock_for, resolve

PIECES = (
    *("[", "[", "]", "]", "(", "(", ")", ")", ":", ":", ":", "|", "{", "}", "<", ">", "\\", "#"),
    *("a", "b", "red hair", "é", "初音ミク", "😀", "\ud800", " ", "  ", "\t", "\n", "\r", "\u3000"),
    *(",", ", ", ".", ". ", ";", "; ", "!", "! ", "_", "__", "$$", "::", "AND", " AND ", "BREAK"),
    *(" BREAK ", "0.5", "1", "1.2", "3", "-1", "+.5", "1..2", "1,2", "1e1", "1e999", "１.2", "²"),
    *("[a:b:0.5]", "[:b:2]", "[a|b]", "[|b|]", "(x:1.2)", "(a|b:1.1)", "(:3)", ":3", "\\(", "\\)"),
    *("{a|b}", "{2$$a|b}", "{1-$$", "{0.3::", "__x__", "__a/*__", "<lora:x:0.7>", "<lora:x:>"),
    *("<lora:x:0@0,1@0.4>", "<hypernet:y>", "<foo:", "<lora:x:1:hr=0.5>", "# c", "(x:[1.1:2:0.5])"),
)
DIALECTS = tuple(Dialect)

texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
dialects = st.sampled_from(DIALECTS)
FAST = settings(max_examples=200, deadline=None)


def rows(node: Node) -> list[tuple[Node, ...]]:
    """The rows of nodes directly inside a node."""
    match node:
        case Group(nodes=nodes, weight=weight):
            return [nodes, weight.nodes if weight else ()]
        case Schedule(before=before, after=after):
            return [before or (), after]
        case Alternation(options=options, weight=weight):
            return [*options, weight.nodes if weight else ()]
        case Variants(options=options):
            return [option.nodes for option in options]
        case _:
            return []


def check_places(text: str, nodes: Iterable[Node], within: Span) -> None:
    """Every node covers its own source, in order, inside of what it stands in."""
    nodes = list(nodes)
    for node in nodes:
        assert within.start <= node.span.start < node.span.end <= within.end
        assert render_node(node) == node.span.of(text)
        if isinstance(node, Text):
            assert node.source == node.source.strip()
        for row in rows(node):
            check_places(text, row, node.span)
    for left, right in pairwise(nodes):
        assert left.span.end == right.span.start


def check_tree(text: str, prompt: Prompt) -> None:
    assert render(prompt) == text
    assert "".join(part.span.of(text) for part in prompt.parts) == text
    for part in prompt.parts:
        check_places(text, part.nodes, part.span)
        check_places(text, part.tail, part.span)
    starts = [diagnostic.span for diagnostic in prompt.diagnostics]
    assert starts == sorted(starts)
    for diagnostic in prompt.diagnostics:
        assert 0 <= diagnostic.span.start < diagnostic.span.end <= len(text)
        assert diagnostic.message
        assert diagnostic.suggestion


def check_timeline(
    text: str, dialect: Dialect, steps: int, hires_steps: int | None, *, old: bool, calls: int = 1
) -> None:
    found = prompt_schedule(
        text,
        steps,
        hires_steps=hires_steps,
        old_timelines=old,
        dialect=dialect,
        calls_per_step=calls,
    )
    unit = calls if dialect is Dialect.A1111 else 1
    last = (steps if old or hires_steps is None else hires_steps) * unit
    ends = [end for end, _ in found]
    covered = [step for low, high in pairwise([0, *ends]) for step in range(low + 1, high + 1)]
    assert covered == list(range(1, last + 1))
    for timeline in network_timelines(
        text, steps, hires_steps=hires_steps, old_timelines=old, dialect=dialect
    ):
        assert len(timeline.te) == len(timeline.unet) == (hires_steps or steps)


def check_segments(text: str, dialect: Dialect, steps: int) -> None:
    read = read_resolved if dialect is Dialect.A1111 else read_nodes
    clock = clock_for(steps)
    for part in parse(text, dialect=dialect).parts:
        segments = read(resolve(part.nodes, 1 + steps // 2, clock))
        assert segments
        for segment in segments:
            assert len(segment.spans) == len(segment.text)
            assert all(0 <= a < b <= len(text) for a, b in segment.spans)
    for mode in EmphasisMode:
        assert emphasis(text, dialect=dialect, mode=mode)


def check(text: str, *, steps: int, hires_steps: int | None, old: bool) -> None:
    """All of the above, in both dialects."""
    for dialect in DIALECTS:
        for negative in (False, True):
            check_tree(text, parse(text, dialect=dialect, negative=negative))
        check_timeline(text, dialect, steps, hires_steps, old=old, calls=1 + steps % 2)
        check_segments(text, dialect, steps)
        assert composition(text, dialect=dialect)
        networks(text, dialect=dialect)


@given(text=texts, dialect=dialects, negative=st.booleans())
@example(text="(" * 3000 + ")" * 3000, dialect=Dialect.IRODORI, negative=False)
@example(text="[a:" * 500 + "0.5]" * 500, dialect=Dialect.A1111, negative=False)
@example(text="{(" * 700 + "a|b)}" * 700, dialect=Dialect.IRODORI, negative=False)
@FAST
def test_every_text_has_a_tree_that_gives_it_back(text, dialect, negative) -> None:
    check_tree(text, parse(text, dialect=dialect, negative=negative))


@given(
    text=texts,
    dialect=dialects,
    steps=st.integers(1, 60),
    hires_steps=st.none() | st.integers(1, 40),
    old=st.booleans(),
    calls=st.integers(1, 2),
)
@FAST
def test_a_schedule_covers_each_step_once_and_in_order(
    text, dialect, steps, hires_steps, old, calls
) -> None:
    check_timeline(text, dialect, steps, hires_steps, old=old, calls=calls)


@given(text=texts, dialect=dialects, steps=st.integers(1, 60))
@FAST
def test_segments_say_where_their_characters_come_from(text, dialect, steps) -> None:
    check_segments(text, dialect, steps)


@given(text=texts, steps=st.integers(1, 40), step=st.integers(1, 40))
@FAST
def test_text_at_step_is_the_entry_that_covers_it(text, steps, step) -> None:
    expected = next((t for end, t in prompt_schedule(text, steps) if step <= end), None)
    assert text_at_step(text, step, steps) == (
        prompt_schedule(text, steps)[-1][1] if expected is None else expected
    )


@given(text=texts)
@FAST
def test_without_networks_no_network_is_left(text) -> None:
    once = without_networks(text)
    assert len(once) <= len(text)
    if not networks(text, dialect="a1111"):
        assert once == text


@given(text=texts, data=st.data())
@FAST
def test_places_survive_the_way_to_the_browser_and_back(text, data) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    (units,) = to_utf16(text, [Span(start, end)])
    encoded = text.encode("utf-16-le", "surrogatepass")
    between = encoded[2 * units.start : 2 * units.end].decode("utf-16-le", "surrogatepass")
    if "\ud800" not in text:
        assert between == text[start:end]
    assert from_utf16(text, [units]) == [Span(start, end)]


# --- what A1111 reads without complaint means the same in both dialects ---------------------------

word = st.sampled_from(["a", "red hair", "1girl", "smile", "初音ミク", r"saber \(fate\)", "k-on!"])
number = st.sampled_from(["1.2", ".5", "1.05", " 0.8 ", "2."])
when = st.sampled_from(["0.5", "3", " 0.25", "1.0", "12", ".7 ", "1.5", "0"])
blank = st.sampled_from(["", " ", ", ", ",\n"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    row = st.lists(st.tuples(inner, blank).map("".join), min_size=1, max_size=4).map("".join)
    return st.one_of(
        row,
        row.map("({})".format),
        row.map("[{}]".format),
        st.tuples(row, number).map(lambda t: "({}:{})".format(*t)),
        st.tuples(row, row, when).map(lambda t: "[{}:{}:{}]".format(*t)),
        st.tuples(row, when).map(lambda t: "[{}::{}]".format(*t)),
        st.tuples(row, when).map(lambda t: "[{}:{}]".format(*t)),
        st.lists(row, min_size=2, max_size=3).map(lambda t: "[{}]".format("|".join(t))),
    )


well_formed = st.recursive(word, grown, max_leaves=12)


@given(
    text=well_formed,
    steps=st.integers(1, 40),
    hires_steps=st.none() | st.integers(1, 20),
    old=st.booleans(),
)
@FAST
def test_well_formed_schedules_are_those_of_a1111(text, steps, hires_steps, old) -> None:
    both = [
        prompt_schedule(text, steps, hires_steps=hires_steps, old_timelines=old, dialect=dialect)
        for dialect in DIALECTS
    ]
    assert both[0] == both[1]


@given(text=well_formed, steps=st.integers(1, 40))
@FAST
def test_well_formed_emphasis_is_that_of_a1111(text, steps) -> None:
    for _, in_force in prompt_schedule(text, steps):
        assert emphasis(in_force) == emphasis(in_force, dialect="a1111")


@given(parts=st.lists(st.tuples(word, st.none() | number), min_size=2, max_size=4))
@FAST
def test_well_formed_parts_are_those_of_a1111(parts) -> None:
    text = " AND ".join(f"{w} :{n}" if n else w for w, n in parts)
    assert composition(text) == composition(text, dialect="a1111")


@given(text=well_formed)
@FAST
def test_well_formed_text_has_no_finding(text) -> None:
    codes = {diagnostic.code for diagnostic in parse(text).diagnostics}
    assert codes <= {Code.SCHEDULE_WITHOUT_EFFECT}  # `1.0` and `0` are well-formed


def fuzz(count: int, seed: int) -> float:
    """Check that many random strings; the seconds it took."""
    drawn = random.Random(seed)  # noqa: S311  # reproducible strings, no secret
    start = time.perf_counter()
    for _ in range(count):
        text = "".join(drawn.choices(PIECES, k=drawn.randint(0, 24)))
        steps, hires = drawn.randint(1, 40), drawn.choice((None, drawn.randint(1, 20)))
        try:
            check(text, steps=steps, hires_steps=hires, old=drawn.random() < 0.2)
        except Exception as error:
            error.add_note(f"text {text!r}, steps {steps}, hires steps {hires}")
            raise
    return time.perf_counter() - start


@pytest.mark.parametrize("seed", [1, 2])
def test_random_strings_are_read_without_exception(seed) -> None:
    assert fuzz(600, seed) > 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    total, first_seed = [*numbers, 20261123][:2] if numbers else (200_000, 20261123)
    print(f"{total} strings, no exception, {fuzz(total, first_seed):.0f} s")  # noqa: T201
