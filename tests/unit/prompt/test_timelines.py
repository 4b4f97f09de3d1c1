"""Which text, which weight and which network is in force at each step, in dialect irodori."""

import pytest

from irodori.errors import RecipeError
from irodori.prompt import (
    EmphasisMode,
    NetworkTimeline,
    Span,
    composition,
    emphasis,
    from_utf16,
    network_timelines,
    networks,
    parse,
    prepared,
    prompt_schedule,
    text_at_step,
    to_utf16,
    without_networks,
)
from irodori.prompt.ast import Network
from irodori.prompt.curves import read_curve, read_strengths, read_tag
from irodori.prompt.emphasis import read_nodes, read_resolved
from irodori.prompt.schedule import clock_for, resolve


def steps_of(text: str, steps: int, **options: object) -> str:
    """One character for each step: the first of the text in force."""
    return "".join(text_at_step(text, k, steps, **options)[:1] or "-" for k in range(1, steps + 1))


class TestSchedules:
    def test_half_is_half(self) -> None:
        assert steps_of("[a:b:0.5]", 20) == "a" * 10 + "b" * 10
        assert steps_of("[a:b:0.5]", 20, dialect="a1111") == "a" * 11 + "b" * 9

    def test_alternation_begins_with_its_first_option_and_uses_the_last(self) -> None:
        assert steps_of("[a|b|c]", 6) == "abcabc"
        assert steps_of("[a|b|c]", 6, dialect="a1111") == "aabcab"

    def test_nested(self) -> None:
        assert steps_of("[a:[b:c:0.7]:0.3]", 10) == "aaabbbbccc"
        # An alternation counts from the pass's first step, not from when it comes in.
        assert steps_of("[a:[b|c]:0.5]", 6) == "aaacbc"

    @pytest.mark.parametrize(
        ("text", "steps"),
        [("[a:b:1.0]", "aaaa"), ("[a:b:1]", "abbb"), ("[a:b:0]", "bbbb"), ("[a:b:-2]", "bbbb")],
    )
    def test_a_dot_makes_a_fraction(self, text: str, steps: str) -> None:
        assert steps_of(text, 4) == steps

    def test_hires_pass_goes_on_from_one(self) -> None:
        assert prompt_schedule("[a:b:1.5]", 20, hires_steps=10) == [(5, "a"), (10, "b")]
        assert prompt_schedule("[a:b:25]", 20, hires_steps=10) == [(5, "a"), (10, "b")]
        assert prompt_schedule("[a:b:0.5]", 20, hires_steps=10) == [(10, "b")]

    def test_old_timelines(self) -> None:
        assert prompt_schedule("[a:b:1.0]", 20, old_timelines=True) == [(1, "a"), (20, "b")]

    def test_second_order_samplers_count_calls_in_a1111_only(self) -> None:
        assert prompt_schedule("[a:b:10]", 20, calls_per_step=2) == [(10, "a"), (20, "b")]
        a1111 = prompt_schedule("[a:b:10]", 20, calls_per_step=2, dialect="a1111")
        assert a1111 == [(10, "a"), (40, "b")]

    def test_comments_are_no_text_and_networks_are(self) -> None:
        assert prompt_schedule("a # [b\n<lora:x:1>", 4) == [(4, "a \n<lora:x:1>")]

    def test_round_alternation_keeps_its_weight(self) -> None:
        found = prompt_schedule("(red hair|blue hair:1.2)", 2)
        assert found == [(1, "(red hair:1.2)"), (2, "(blue hair:1.2)")]

    def test_a_scheduled_weight(self) -> None:
        found = prompt_schedule("(x:[1.1:1.4:0.5])", 2)
        assert found == [(1, "(x:1.1)"), (2, "(x:1.4)")]
        assert emphasis("(x:[1.1:1.4:0.5])") == [("x", 1.1)]

    def test_a_scheduled_weight_that_is_no_number_is_text(self) -> None:
        assert emphasis("(x:[1.1.1:1.4:0.5])") == [("x:1.1.1", 1.1)]

    def test_variants_not_yet_chosen_stay_as_they_are(self) -> None:
        assert prompt_schedule("{[a:b:0.5]|c}", 2) == [(1, "{a|c}"), (2, "{b|c}")]

    @pytest.mark.parametrize("numbers", [{"steps": 0}, {"steps": 4, "hires_steps": 0}])
    def test_no_step_is_an_error(self, numbers: dict[str, int]) -> None:
        with pytest.raises(RecipeError, match="must be 1 or more, not 0"):
            prompt_schedule("a", **numbers)


class TestEmphasis:
    def test_break_breaks_inside_brackets(self) -> None:
        assert emphasis("(a BREAK b)") == [("a", 1.1), ("BREAK", -1), ("b", 1.1)]
        assert emphasis("(a BREAK b)", dialect="a1111") == [("a", 1.1), ("BREAK", -1.1), ("b", 1.1)]

    def test_break_takes_the_blanks_around_it(self) -> None:
        assert emphasis("a ,\n BREAK \n b") == [("a ,", 1), ("BREAK", -1), ("b", 1)]
        assert emphasis("a <lora:x:1> BREAK # c\n b") == [("a", 1), ("BREAK", -1), ("b", 1)]

    def test_faces_and_times(self) -> None:
        assert emphasis("(:3)") == [(":3", 1.1)]
        assert emphasis("(:3)", dialect="a1111") == [("", 1.0)]
        assert emphasis("(:3:1.2)") == [(":3", 1.2)]

    def test_brackets_without_a_partner_are_text(self) -> None:
        assert emphasis("(a, [b]") == [("(a, ", 1.0), ("b", 1 / 1.1)]

    def test_networks_and_comments_are_no_text(self) -> None:
        assert emphasis("(a<lora:x:1>:1.2) # b") == [("a", 1.2), (" ", 1.0)]

    def test_modes(self) -> None:
        text = r"(a\) BREAK b:1.2)"
        assert emphasis(text, mode=EmphasisMode.NONE) == [(text, 1.0)]
        assert emphasis(text, mode=EmphasisMode.IGNORE) == [("a)", 1), ("BREAK", -1), ("b", 1)]

    def test_a_schedule_counts_with_what_it_draws_first(self) -> None:
        assert emphasis("[a:b:0.1] (c|d:1.3)") == [("a ", 1.0), ("c", 1.3)]

    def test_characters_know_where_they_come_from(self) -> None:
        text = r"[x:(y\):1.2):0.5]"
        nodes = resolve(parse(text).parts[0].nodes, 2, clock_for(2))
        (segment,) = read_nodes(nodes)
        assert (segment.text, segment.weight) == ("y)", 1.2)
        assert [span.of(text) for span in segment.spans] == ["y", r"\)"]
        (same,) = read_resolved(nodes)
        assert same == segment

    def test_a1111_takes_networks_out_of_the_tree_too(self) -> None:
        part = parse("a<lora:x:1>b # c", dialect="a1111").parts[0]
        (segment,) = read_resolved(part.nodes)
        assert segment.text == "ab "
        assert [span.start for span in segment.spans] == [0, 11, 12]


class TestComposition:
    def test_parts(self) -> None:
        assert composition("a AND b :0.5 AND c") == [("a", 1.0), (" b", 0.5), (" c", 1.0)]
        assert composition("1girl, :3 ") == [("1girl, :3", 1.0)]
        assert composition("1girl, :3", dialect="a1111") == [("1girl,", 3.0)]

    def test_networks_behind_the_weight_stay_with_their_part(self) -> None:
        assert composition("a AND b:0.5 <lora:x:1>") == [("a", 1.0), (" b <lora:x:1>", 0.5)]


def timeline(text: str, steps: int, **options: object) -> NetworkTimeline:
    (found,) = network_timelines(text, steps, **options)
    return found


class TestNetworks:
    def test_places(self) -> None:
        text = "(a <lora:x:1>), [<lora:y:1>:b:0.5], {<lora:z:1>|c}"
        assert [tag.span.of(text) for tag in networks(text)] == ["<lora:x:1>", "<lora:y:1>"]

    def test_strengths(self) -> None:
        both = timeline("<lora:x:0.8:0.5>", 2)
        assert (both.te, both.unet) == ((0.8, 0.8), (0.5, 0.5))
        named = timeline("<lora:x:unet=0.3>", 1)
        assert (named.te, named.unet) == ((1.0,), (0.3,))
        assert timeline("<lyco:x:0.8:unet=0.3>", 1).at(1) == (0.8, 0.3)

    def test_inside_schedules(self) -> None:
        assert timeline("[:<lora:x:0.7>:0.2]", 10).unet == (0.0,) * 2 + (0.7,) * 8
        assert timeline("[<lora:x:1>::0.5]", 10).te == (1.0,) * 5 + (0.0,) * 5
        first, second = network_timelines("[<lora:x:1>|<lora:y:0.5>]", 4)
        assert (first.unet, second.unet) == ((1.0, 0.0, 1.0, 0.0), (0.0, 0.5, 0.0, 0.5))

    def test_a1111_has_them_on_at_every_step(self) -> None:
        assert timeline("[:<lora:x:0.7>:0.2]", 4, dialect="a1111").unet == (0.7,) * 4

    def test_curves(self) -> None:
        assert timeline("<lora:x:0@0,1@1>", 5).unet == (0.0, 0.25, 0.5, 0.75, 1.0)
        assert timeline("<lora:x:0@0;1@0.5>", 5).te == (0.0, 0.5, 1.0, 1.0, 1.0)
        late = timeline("<lora:x:1:0@5,1@6>", 8)
        assert late.te == (1.0,) * 8
        assert late.unet == (0.0,) * 5 + (1.0,) * 3
        assert timeline("<lora:x:0.25@0.5,1@1>", 5).unet == (0.25, 0.25, 0.25, 0.625, 1.0)

    def test_hires_pass(self) -> None:
        assert timeline("<lora:x:0.5:hr=1>", 4).unet == (0.5,) * 4
        assert timeline("<lora:x:0.5:hr=1>", 4, hires_steps=2).at(1) == (1.0, 1.0)
        apart = timeline("<lora:x:0.5:hrte=0.1:hrunet=0@0,1@1>", 4, hires_steps=2)
        assert (apart.te, apart.unet) == ((0.1, 0.1), (0.0, 1.0))
        assert timeline("<lora:x:0@0,1@1>", 9, hires_steps=3).unet == (0.0, 0.5, 1.0)
        assert timeline("[<lora:x:1>::1.5]", 4, hires_steps=4).unet == (1.0, 1.0, 0.0, 0.0)

    @pytest.mark.parametrize("tag", ["<lora:x:>", "<lora:x:a>", "<lora:x:nan>", "<lora:x:1@>"])
    def test_unreadable_tags_are_left_out_and_the_others_kept(self, tag: str) -> None:
        assert timeline(f"{tag}<lora:y:1>", 1).tag.name == "y"
        assert [found.name for found in networks(tag)] == ["x"]

    def test_a_name_with_an_equals_sign(self) -> None:
        assert networks("<lora:a=b:1>")[0].name == "a=b"
        assert networks("<lora:a=b:1>", dialect="a1111")[0].name == "1"

    def test_without_networks(self) -> None:
        assert without_networks("a, <lora:a:1>, b < c") == "a, , b < c"

    def test_prepared(self) -> None:
        text = "a <lora:x:1>, b # c\n# d"
        assert prepared(text) == text
        assert prepared(text, dialect="a1111") == "a , b \n"
        assert prepared(text, dialect="a1111", negative=True) == "a <lora:x:1>, b \n"
        assert prompt_schedule(prepared("[a<lora:x:1>:b:0.5]", dialect="a1111"), 2) == [
            (1, "a"),
            (2, "b"),
        ]

    def test_no_name(self) -> None:
        tag = read_tag(Network(span=Span(0, 9), kind="lora", items=("te=1",)), name_first=False)
        assert read_strengths(tag) == "it has no name"

    @pytest.mark.parametrize("text", ["", "a", "1,2", "1@0,2", "1@-1", "inf", "1@inf"])
    def test_no_curve(self, text: str) -> None:
        assert read_curve(text) is None


def test_places_in_utf16() -> None:
    text = "a😀b"
    assert to_utf16(text, [Span(1, 2), Span(2, 3)]) == [Span(1, 3), Span(3, 4)]
    assert from_utf16(text, [Span(1, 3), Span(2, 99)]) == [Span(1, 2), Span(1, 3)]
    assert to_utf16("abc", [Span(0, 3)]) == [Span(0, 3)]


def test_spans() -> None:
    span = Span(2, 4)
    assert (span.of("abcdef"), span.is_empty, Span(3, 3).is_empty) == ("cd", False, True)
    assert [span.touches(k) for k in range(1, 6)] == [False, True, True, True, False]
