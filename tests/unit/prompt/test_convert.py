"""Prompts of other tools: what is read, what is written, what is reported lost."""

import pytest

from irodori.prompt.convert import Conversion, PromptFormat, convert

F = PromptFormat


def to(target: PromptFormat, text: str) -> Conversion:
    return convert(text, source=F.IRODORI, target=target)


def from_(source: PromptFormat, text: str) -> Conversion:
    return convert(text, source=source, target=F.IRODORI)


LOSSLESS = [
    (F.COMFYUI, "1girl, (red hair:1.2), [sky]", "1girl, (red hair:1.2), (sky:0.9091)"),
    (F.COMFYUI, "((a:1.2) b:1.3)", "(a:1.56)( b:1.3)"),
    (F.COMFYUI, r"saber \(fate\), (x \(y\):1.1)", r"saber \(fate\), (x \(y\):1.1)"),
    (F.COMFYUI, "{a|b}, (:3:1.2), a + b", "{a|b}, (:3:1.2), a + b"),
    (F.COMFYUI, "x # note", "x /* note */"),
    (F.INVOKEAI, "(red hair:1.2), b", "(red hair)1.2, b"),
    (F.INVOKEAI, r"saber \(fate\)", r"saber \(fate\)"),
    (F.INVOKEAI, "a BREAK b, (c:0.5)", '("a", "b, (c)0.5").and()'),
    (F.INVOKEAI, "{2::a|b}, {1-2$$ and $$c|d}", "{2::a|b}, {1-2$$ and $$c|d}"),
    (F.NOVELAI, "(red hair:1.2), b", "1.2::red hair::, b"),
    (F.NOVELAI, r"saber \(fate\), (x:-1)", "saber (fate), -1::x::"),
    (F.NOVELAI, "{a|b} c", "||a|b|| c"),
    (F.SWARMUI, "[a:b:0.5], [c:d:12]", "<fromto[0.5]:a || b>, <fromto[12]:c || d>"),
    (F.SWARMUI, "([a:b:1.0]:1.2)", "<fromto[1.0]:(a:1.2) || (b:1.2)>"),
    (F.SWARMUI, "[a|b|c] BREAK x", "<alternate:a || b || c> <break> x"),
    (F.SWARMUI, "<lora:n:0.7:0.5>, <lora:m:1>", "<lora:n:0.5:0.7>, <lora:m:1>"),
    (F.SWARMUI, "{2$$a|b|c}, __col/x__", "<random[2,]:a || b || c>, <wildcard:col/x>"),
    (F.SWARMUI, "(__x__:1.2), y # z", "(<wildcard:x>:1.2), y <comment:z>"),
    (F.A1111, "1girl, :3", "1girl, (:3:1)"),
    (F.A1111, "a AND (:3:1)", "a AND (:3:1)"),
    (F.A1111, "{2$$ $$a|2::b}, __x__", "{2$$ $$a|2::b}, __x__"),
    (F.A1111, "a|b, [c:d:0.5]", r"a\|b, [c:d:0.5]"),
]


@pytest.mark.parametrize(("target", "ours", "theirs"), LOSSLESS)
def test_written_without_loss_and_read_back(target: PromptFormat, ours: str, theirs: str) -> None:
    assert to(target, ours) == Conversion(text=theirs, losses=())
    back = from_(target, theirs)
    assert back.losses == ()
    assert to(target, back.text) == Conversion(text=theirs, losses=())


LOSSY = [
    (F.COMFYUI, "a, [b:c:0.2]", "a, c", "[b:c:0.2]", "no prompt schedules; the second text"),
    (F.COMFYUI, "a, [b::0.6]", "a, b", "[b::0.6]", "the first text"),
    (F.COMFYUI, "a [b|c]", "a b", "[b|c]", "no alternation"),
    (F.COMFYUI, "a BREAK b", "a, b", "BREAK", "no BREAK"),
    (F.COMFYUI, "a <lora:x:0.7>", "a", "<lora:x:0.7>", "lora 'x'"),
    (F.COMFYUI, "__c__", "__c__", "__c__", "no wildcards"),
    (F.COMFYUI, "{2$$a|b}", "{a|b}", "{2$$a|b}", "one option"),
    (F.COMFYUI, "a AND b :0.5", "a, b", "AND b :0.5", "cannot combine"),
    (F.INVOKEAI, "(a:2.5)", "(a)2", "(a:2.5)", "weights of 0 to 2"),
    (F.INVOKEAI, "c++", "c++", "c++", "otherwise"),
    (F.NOVELAI, "a # hm", "a", "# hm", "no comments"),
    (F.NOVELAI, r"\{a\}", "{a}", r"\{a\}", "otherwise"),
    (F.SWARMUI, "{3::a|b}", "<random:a || b>", "{3::a|b}", "equal odds"),
    (F.SWARMUI, "<hypernet:x:1>", "", "<hypernet:x:1>", "hypernet 'x'"),
]


@pytest.mark.parametrize(("target", "ours", "theirs", "where", "message"), LOSSY)
def test_losses_are_reported_where_they_happen(
    target: PromptFormat, ours: str, theirs: str, where: str, message: str
) -> None:
    result = to(target, ours)
    assert result.text == theirs
    (loss,) = result.losses
    assert loss.span.of(ours) == where
    assert message in loss.message


READ = [
    (F.COMFYUI, "((a:1.2):1.3)", "(a:1.2)"),
    (F.COMFYUI, "((a))", "(a:1.21)"),
    (F.COMFYUI, "(a:x)", "(a:x:1.1)"),
    (F.COMFYUI, "a) (b", r"a\) \(b"),
    (F.COMFYUI, "[a], c:d", r"\[a\], c:d"),
    (F.INVOKEAI, "word+ (two words)-- x", "(word:1.1) (two words:0.81) x"),
    (F.INVOKEAI, "(a (b)1.3)1.1", "(a (b:1.3):1.1)"),
    (F.INVOKEAI, "(just grouped)", "just grouped"),
    (F.INVOKEAI, r"saber \(fate\)+", r"saber (\(fate\):1.1)"),
    (F.NOVELAI, "{a}, {{b}}, [c]", "(a:1.05), (b:1.1025), (c:0.9524)"),
    (F.NOVELAI, "1.5::a, b::, c", "(a, b:1.5), c"),
    (F.NOVELAI, "2::a 0.5::b", "(a :2)(b:0.5)"),
    (F.NOVELAI, "1.5::{a}::", "(a:1.575)"),
    (F.NOVELAI, "saber (fate)", r"saber \(fate\)"),
    (F.NOVELAI, "a } b", r"a \} b"),
    (F.INVOKEAI, r"{2-$$a\|b|c}, {-2$$d|e}", r"{2$$a\|b|c}, {1-2$$d|e}"),
    (F.INVOKEAI, r'"a" (b \) c)1.2', r'"a" (b \) c:1.2)'),
    (F.COMFYUI, r"{a\|b|{c|d}}, (e // note", "{a\\|b|{c|d}}, \\(e # note"),
    (F.NOVELAI, "{a ||b|c||}", "(a :1.05)({b|c}:1.05)"),
    (F.NOVELAI, "[[a} b]]", r"(a\} b:0.907)"),
    (F.SWARMUI, "<fromto[0.5]:cat, dog>", "[cat:dog:0.5]"),
    (F.SWARMUI, "<fromto[x]:a, b> <fromto[1]:a> <b>", "<fromto\\[x\\]:a, b> <fromto\\[1\\]:a> <b>"),
    (F.SWARMUI, "(<embed:x>, <comment:hm> y:1.2)", "(x:1.2)(, :1.2)# hm\n( y:1.2)"),
    (F.SWARMUI, "<alt:a, b|c>", "[a, b|c]"),
    (F.SWARMUI, "<random[1-2]:a|b>", "{1-2$$ $$a|b}"),
    (F.SWARMUI, "<embed:bad hands>, >_<, <3", "bad hands, >_<, <3"),
    (F.SWARMUI, "<fromto[0.5]:<alternate:a|b>|c>", "[[a|b]:c:0.5]"),
    (F.SWARMUI, "<fromto[0.5]:re:zero|b>", r"[re\:zero:b:0.5]"),
]


@pytest.mark.parametrize(("source", "theirs", "ours"), READ)
def test_read(source: PromptFormat, theirs: str, ours: str) -> None:
    assert from_(source, theirs) == Conversion(text=ours, losses=())


@pytest.mark.parametrize(
    ("source", "theirs", "ours", "message"),
    [
        (F.INVOKEAI, '("a", "b").blend(1, 0.8)', "a BREAK b", "blend"),
        (F.INVOKEAI, "a.swap(b)", "a.swapb", "swap"),
        (F.SWARMUI, "a <segment:face> b", "a  b", "<segment> has no counterpart"),
        (F.SWARMUI, "<wc[2]:x>", "__x__", "count"),
    ],
)
def test_reading_can_lose(source: PromptFormat, theirs: str, ours: str, message: str) -> None:
    result = from_(source, theirs)
    assert result.text == ours
    assert message in result.losses[0].message


@pytest.mark.parametrize("tool", F)
def test_own_format_is_left_alone(tool: PromptFormat) -> None:
    text = "(a:1.20), [b] <<}"
    assert convert(text, source=tool, target=tool) == Conversion(text=text, losses=())


def test_scheduled_weights_become_their_first_number() -> None:
    result = to(F.COMFYUI, "(a:[1.1:1.4:0.5]), (b|c:[1|2])")
    assert result.text == "(a:1.1), b"
    assert ["scheduled weight" in loss.message for loss in result.losses] == [True, False, True]


def test_alternation_with_a_weight_keeps_it() -> None:
    assert to(F.SWARMUI, "(red|blue:1.2)").text == "<alternate:(red:1.2) || (blue:1.2)>"


def test_losses_come_in_the_order_of_the_text() -> None:
    losses = to(F.NOVELAI, "<lora:x:1>, [a:b:0.5] BREAK c AND d").losses
    assert [loss.span.start for loss in losses] == sorted(loss.span.start for loss in losses)
    assert len(losses) == 4
