"""What each piece of text becomes, and what is said about it."""

import pytest

from irodori.errors import UnknownNameError
from irodori.prompt import Code, Severity, Span, parse
from irodori.prompt.ast import (
    Alternation,
    Bracket,
    Break,
    Comment,
    Escape,
    Group,
    Network,
    Node,
    Schedule,
    Separator,
    Space,
    Stray,
    Text,
    Variants,
    Wildcard,
)


def nodes(text: str, **options: object) -> tuple[Node, ...]:
    (part,) = parse(text, **options).parts
    return part.nodes


def only(text: str, **options: object) -> Node:
    (node,) = nodes(text, **options)
    return node


def leaves(text: str) -> list[tuple[str, str]]:
    return [(type(node).__name__, node.span.of(text)) for node in nodes(text)]


def codes(text: str, **options: object) -> list[tuple[str, str]]:
    found = parse(text, **options).diagnostics
    return [(diagnostic.code, diagnostic.span.of(text)) for diagnostic in found]


class TestTags:
    def test_blanks_and_separators_stand_between(self) -> None:
        assert leaves(" red hair ,\tsmile\n") == [
            ("Space", " "),
            ("Text", "red hair"),
            ("Space", " "),
            ("Separator", ","),
            ("Space", "\t"),
            ("Text", "smile"),
            ("Separator", "\n"),
        ]

    @pytest.mark.parametrize(
        "tag", ["re:zero", ":3", "1.5", "d.va", ";d", "^_^", "<3", "a_b", "50%"]
    )
    def test_one_text_each(self, tag: str) -> None:
        assert only(tag) == Text(span=Span(0, len(tag)), source=tag)

    @pytest.mark.parametrize("ender", ".;!")
    def test_enders_separate_before_a_blank_or_the_end(self, ender: str) -> None:
        assert leaves(f"cat{ender} dog{ender}") == [
            ("Text", "cat"),
            ("Separator", ender),
            ("Space", " "),
            ("Text", "dog"),
            ("Separator", ender),
        ]

    @pytest.mark.parametrize("text", ["k-on!, a", "!, a", "..., a"])
    def test_enders_inside_or_at_the_start_of_a_tag_are_text(self, text: str) -> None:
        tag = text.partition(",")[0]
        assert nodes(text)[0] == Text(span=Span(0, len(tag)), source=tag)

    @pytest.mark.parametrize("tag", ["monkey d. luffy", "Dr. ratio", "u.a. school uniform"])
    def test_abbreviations_are_text(self, tag: str) -> None:
        assert only(tag) == Text(span=Span(0, len(tag)), source=tag)

    def test_escapes_keep_their_character(self) -> None:
        found = [n.value for n in nodes(r"saber \(fate\) \\ \: \#") if isinstance(n, Escape)]
        assert found == ["(", ")", "\\", ":", "#"]

    def test_words_inside_words_are_text(self) -> None:
        assert only("BREAKFAST") == Text(span=Span(0, 9), source="BREAKFAST")
        assert only("bANDana") == Text(span=Span(0, 7), source="bANDana")


class TestBrackets:
    def test_weights(self) -> None:
        group = only("(red hair: 1.2 )")
        assert isinstance(group, Group)
        assert (group.bracket, group.factor) == (Bracket.ROUND, 1.2)
        assert group.weight is not None
        assert group.weight.source == ": 1.2 "
        assert [node.span.of("(red hair: 1.2 )") for node in group.nodes] == ["red hair"]

    @pytest.mark.parametrize(("text", "factor"), [("(a)", 1.1), ("[a]", 1 / 1.1), ("(a:-1)", -1.0)])
    def test_factors(self, text: str, factor: float) -> None:
        node = only(text)
        assert isinstance(node, Group)
        assert node.factor == factor

    @pytest.mark.parametrize("text", ["(:3)", "(>:3)", "(:0)"])
    def test_faces_keep_their_digits(self, text: str) -> None:
        group = only(text)
        assert isinstance(group, Group)
        assert group.weight is None
        assert codes(text) == []
        assert codes(text, dialect="a1111")[0][0] == Code.WEIGHT_SWALLOWS_TEXT

    @pytest.mark.parametrize("weight", ["1,2", "1..2", "1e3", "--1", "."])
    def test_malformed_weights_are_text(self, weight: str) -> None:
        group = only(f"(a:{weight})")
        assert isinstance(group, Group)
        assert group.weight is None
        assert (Code.MALFORMED_WEIGHT, f":{weight}") in codes(f"(a:{weight})")

    def test_a_comma_in_a_weight_has_a_replacement(self) -> None:
        (finding,) = parse("(a:1,2)").diagnostics
        assert finding.replacement == ":1.2"

    def test_a_weight_can_be_scheduled(self) -> None:
        group = only("(a:[1.1:1.4:0.5])")
        assert isinstance(group, Group)
        assert group.weight is not None
        assert group.weight.value is None
        assert isinstance(group.weight.nodes[0], Schedule)

    @pytest.mark.parametrize("text", ["(a", "a)", "[a", "a]", "(a]"])
    def test_brackets_without_a_partner_are_text(self, text: str) -> None:
        strays = [node for node in nodes(text) if isinstance(node, Stray)]
        assert strays
        expected = [(Code.UNBALANCED_BRACKET, stray.source) for stray in strays]
        assert codes(text) == expected

    @pytest.mark.parametrize("text", [":)", "smile, :(, a", ">:)", ";]", "=( x"])
    def test_faces_may_have_a_bracket(self, text: str) -> None:
        assert codes(text) == []

    def test_a_bracket_left_open_spoils_nothing_around_it(self) -> None:
        found = nodes("(a [b) [c:d:0.5]]")
        assert [type(node) for node in found] == [Group, Space, Schedule, Stray]

    def test_depth_is_bounded(self) -> None:
        text = "(" * 5000 + "a" + ")" * 5000
        assert sum(isinstance(node, Stray) for node in nodes(text)) > 0


class TestSchedules:
    def test_two_and_three_fields(self) -> None:
        full, late = only("[a:b c: 12 ]"), only("[b:.5]")
        assert isinstance(full, Schedule)
        assert isinstance(late, Schedule)
        assert full.before == (Text(span=Span(1, 2), source="a"),)
        assert (full.when.value, full.when.is_fraction, full.when.source) == (12.0, False, " 12 ")
        assert late.before is None
        assert (late.when.value, late.when.is_fraction) == (0.5, True)

    @pytest.mark.parametrize("text", ["[a:b:c:0.5]", "[cat:dog]", "[a:b:0,5]", "[a|b:c:0.5]"])
    def test_what_is_no_schedule_is_named(self, text: str) -> None:
        assert isinstance(only(text), Group)
        assert codes(text) == [(Code.SCHEDULE_IS_TEXT, text)]

    @pytest.mark.parametrize(
        ("when", "replacement"),
        [("1.0", None), ("5.", "5"), ("10.0", "10"), ("10.5", None), ("0", None), ("-1", None)],
    )
    def test_schedules_that_never_switch_are_named(
        self, when: str, replacement: str | None
    ) -> None:
        (finding,) = parse(f"[a:b:{when}]").diagnostics
        assert finding.code is Code.SCHEDULE_WITHOUT_EFFECT
        assert finding.span == Span(5, 5 + len(when))
        assert finding.replacement == replacement

    @pytest.mark.parametrize("when", ["0.5", "1", "1.5", "40"])
    def test_schedules_that_switch_are_not(self, when: str) -> None:
        assert codes(f"[a:b:{when}]") == []

    def test_longest_valid_schedule_wins(self) -> None:
        assert [type(node) for node in nodes("[a:b:0.5]]")] == [Schedule, Stray]
        assert [type(node) for node in nodes("[[a:b:0.5]")] == [Stray, Schedule]

    def test_alternations(self) -> None:
        node = only("[fe||male]")
        assert isinstance(node, Alternation)
        assert [len(option) for option in node.options] == [1, 0, 1]

    def test_round_brackets_alternate_with_a_weight(self) -> None:
        node = only("(red hair|blue hair:1.0)")
        assert isinstance(node, Alternation)
        assert node.bracket is Bracket.ROUND
        assert node.weight is not None
        assert node.weight.value == 1.0
        assert codes("(red hair|blue hair:1.0)") == []

    @pytest.mark.parametrize("text", ["(:|:1.2)", "(|_|)", "(|)"])
    def test_faces_do_not_alternate(self, text: str) -> None:
        assert isinstance(only(text), Group)

    def test_a_stray_pipe_spoils_nothing_else(self) -> None:
        text = "a | b, [c:d:0.5]"
        assert any(isinstance(node, Schedule) for node in nodes(text))
        assert codes(text) == [(Code.STRAY_PIPE, "|")]
        assert not any(isinstance(node, Schedule) for node in nodes(text, dialect="a1111"))
        (finding,) = parse(text, dialect="a1111").diagnostics
        assert (finding.code, finding.severity, finding.replacement) == (
            Code.STRAY_PIPE,
            Severity.ERROR,
            "\\|",
        )

    def test_a_face_with_a_pipe_is_no_finding(self) -> None:
        assert codes(":|, |_|, smile") == []

    def test_a_lone_backslash_is_worst_in_a1111(self) -> None:
        assert codes("[a:b:0.5]\\") == [(Code.LONE_BACKSLASH, "\\")]
        assert codes("[a:b:0.5]\\", dialect="a1111") == [(Code.PROMPT_IS_TEXT, "\\")]


class TestParts:
    def test_and_splits_outside_of_brackets(self) -> None:
        prompt = parse("a AND b :0.8 <lora:x:1> AND c")
        assert [part.weight.value if part.weight else None for part in prompt.parts] == [
            None,
            0.8,
            None,
        ]
        assert any(isinstance(node, Network) for node in prompt.parts[1].tail)
        assert len(parse("(a AND b), [c AND d:0.5]").parts) == 1
        assert codes("(a AND b)") == [(Code.AND_IN_BRACKETS, "AND")]

    def test_a_number_at_the_end_is_a_weight_only_with_and(self) -> None:
        assert parse("1girl, :3").parts[0].weight is None
        a1111 = parse("1girl, :3", dialect="a1111")
        assert a1111.parts[0].weight is not None
        assert codes("1girl, :3", dialect="a1111") == [(Code.ACCIDENTAL_AND_WEIGHT, ":3")]
        assert codes("a AND 1girl, :3") == [(Code.ACCIDENTAL_AND_WEIGHT, ":3")]

    def test_a1111_splits_inside_brackets(self) -> None:
        assert len(parse("[a AND b:c:0.5]", dialect="a1111").parts) == 2

    def test_and_is_text_in_a_negative_prompt(self) -> None:
        for dialect in ("irodori", "a1111"):
            assert len(parse("a AND b:2", dialect=dialect, negative=True).parts) == 1


class TestWords:
    def test_networks(self) -> None:
        node = only("<lora:x y:0.7:hr=1>")
        assert node == Network(span=Span(0, 19), kind="lora", items=("x y", "0.7", "hr=1"))

    def test_networks_that_do_nothing_are_named(self) -> None:
        assert codes("<lora:x:>") == [(Code.MALFORMED_NETWORK, "<lora:x:>")]
        assert codes("<lora:x, a") == [(Code.MALFORMED_NETWORK, "<lora:x")]
        assert codes("<LORA:x:1>") == [(Code.UNKNOWN_NETWORK_KIND, "<LORA:x:1>")]
        assert codes("<lora:x:1>", negative=True) == [(Code.NETWORK_IN_NEGATIVE, "<lora:x:1>")]
        scheduled = "[<lora:x:1>::0.5]"
        assert codes(scheduled) == []
        assert codes(scheduled, dialect="a1111") == [(Code.UNSCHEDULABLE_NETWORK, "<lora:x:1>")]

    def test_break(self) -> None:
        assert [type(n) for n in nodes("a BREAK b")] == [Text, Space, Break, Space, Text]
        assert codes("(a BREAK b)") == []
        assert codes("(a BREAK b)", dialect="a1111") == [(Code.BREAK_IS_TEXT, "BREAK")]

    def test_comments(self) -> None:
        assert [type(n) for n in nodes("# x, [y\nb")] == [Comment, Separator, Text]
        assert codes("# x, [y\nb") == []
        assert codes("a # x, [y") == [(Code.COMMENT_SWALLOWS_TEXT, "# x, [y")]
        assert codes("C\\# a") == []

    def test_wildcards(self) -> None:
        assert only("__a/b-c*__") == Wildcard(span=Span(0, 10), name="a/b-c*")
        assert only("__hair_color__") == Wildcard(span=Span(0, 14), name="hair_color")
        assert only("a__b") == Text(span=Span(0, 4), source="a__b")

    @pytest.mark.parametrize(
        ("text", "least", "most", "joiner"),
        [
            ("{a|b}", 1, 1, ", "),
            ("{2$$a|b|c}", 2, 2, ", "),
            ("{1-2$$ and $$a|b|c}", 1, 2, " and "),
            ("{-2$$a|b|c}", 1, 2, ", "),
            ("{2-$$a|b|c}", 2, 3, ", "),
            ("{2$$__x__}", 2, 2, ", "),
        ],
    )
    def test_variants(self, text: str, least: int, most: int, joiner: str) -> None:
        node = only(text)
        assert isinstance(node, Variants)
        assert (node.least, node.most, node.joiner) == (least, most, joiner)

    def test_option_weights(self) -> None:
        node = only("{0.3::a|b|2::c}")
        assert isinstance(node, Variants)
        assert [option.weight for option in node.options] == [0.3, 1.0, 2.0]

    def test_a_pipe_outside_keeps_the_number_behind_it(self) -> None:
        assert leaves("a| 0.5::b") == [
            ("Text", "a"),
            ("Stray", "|"),
            ("Space", " "),
            ("Text", "0.5::b"),
        ]

    def test_other_braces_are_text(self) -> None:
        assert [type(n) for n in nodes("{a}")] == [Stray, Text, Stray]
        assert codes("{a}") == [(Code.BRACES_ARE_TEXT, "{")]
        assert only("{a}", dialect="a1111") == Text(span=Span(0, 3), source="{a}")


def test_messages_stay_short() -> None:
    (finding,) = parse("[cat:" + "dog " * 50 + "]").diagnostics
    assert len(finding.message) < 200
    assert "..." in finding.message


def test_unknown_dialect() -> None:
    with pytest.raises(UnknownNameError, match="unknown dialect 'comfy'"):
        parse("a", dialect="comfy")
