r"""SwarmUI: ComfyUI's weights, and tags: `<fromto[0.5]:a || b>`, `<alternate:a || b>`, `<break>`.

Source: SwarmUI's docs/Features/Prompt Syntax.md. Not read, because nothing here is like them, and
reported: regions, segments, variables, macros, presets, parameters.
"""

import re
from typing import TYPE_CHECKING, Final

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
    single,
    with_weights_inside,
)
from irodori.prompt.convert.lower import Abilities
from irodori.prompt.convert.parens import ParenReader, write_runs
from irodori.prompt.convert.scan import number, partners, split_at
from irodori.prompt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

ABILITIES: Final = Abilities(
    name="SwarmUI",
    schedules=True,
    alternation=True,
    breaks=True,
    networks=frozenset({"lora"}),
    counts=True,
    wildcards=True,
    remarks=True,
)

_TAG: Final = re.compile(r"<(\w+)(?:\[([^\]<>]*)\])?(?=[:>])")
_COUNT: Final = re.compile(r"(\d+)(?:-(\d+))?(,?)")
_ESCAPED: Final = re.compile(r"[()]")
_UNLIKE: Final = re.compile(
    "base|clear|extend|macro|object|p|param|preset|refiner|region|repeat|segment"
    "|setmacro|setvar|trigger|var|video|videoswap"
)


def read(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a SwarmUI prompt says, and which of its tags have no counterpart."""
    reading = _Reading(text)
    return single(reading.reader.items(0, len(text))), tuple(reading.losses)


class _Reading:
    def __init__(self, text: str) -> None:
        self.text = text
        self.losses: list[Loss] = []
        self.angles = partners(text, "<>", "")
        self.reader = ParenReader(text, self.tag)
        self.kinds: dict[str, Callable[[_Tag, float], Item | None]] = {
            "fromto": self.schedule,
            "alternate": self.alternation,
            "alt": self.alternation,
            "random": self.pick,
            "wildcard": self.wildcard,
            "wc": self.wildcard,
            "lora": self.network,
        }

    def tag(self, at: int, end: int, weight: float) -> tuple[list[Item], int] | None:
        opening = _TAG.match(self.text, at, end) if self.text[at] == "<" else None
        close = self.angles.get(at, end)
        if opening is None or close >= end:
            return None
        tag = _Tag(self.text, opening, close)
        item: Item | None
        if tag.kind == "break":
            item = ChunkBreak(span=tag.span)
        elif tag.kind == "comment":
            item = Remark(span=tag.span, text=tag.inside.strip())
        elif tag.kind == "embed":
            item = Plain(span=tag.span, text=tag.inside)
        elif tag.kind in self.kinds:
            item = self.kinds[tag.kind](tag, weight)
        elif _UNLIKE.fullmatch(tag.kind):
            message = f"SwarmUI's <{tag.kind}> has no counterpart; it was left out"
            self.losses.append(Loss(span=tag.span, message=message))
            return [], close + 1
        else:
            item = None
        return None if item is None else ([item], close + 1)

    def options(self, tag: "_Tag", weight: float) -> tuple[tuple[Item, ...], ...]:
        """Read a list: by `||` if there is one, else by `|`, else by comma."""
        text = self.text
        bar = "||" if "||" in tag.inside else "|" if "|" in tag.inside else ","
        places = split_at(text, (tag.start, tag.end), bar, nests="<>")
        return tuple(
            tuple(self.reader.items(*_trimmed(text, begin, stop), weight)) for begin, stop in places
        )

    def schedule(self, tag: "_Tag", weight: float) -> Item | None:
        when = number(tag.data)
        options = self.options(tag, weight)
        if when is None or len(options) != 2:
            return None
        return Scheduled(
            span=tag.span,
            before=options[0],
            after=options[1],
            when=when,
            is_fraction="." in tag.data,
        )

    def alternation(self, tag: "_Tag", weight: float) -> Item:
        return Alternating(span=tag.span, options=self.options(tag, weight))

    def pick(self, tag: "_Tag", weight: float) -> Item:
        options = self.options(tag, weight)
        count = _COUNT.fullmatch(tag.data)
        least = int(count[1]) if count else 1
        return Picked(
            span=tag.span,
            options=options,
            odds=(1.0,) * len(options),
            least=least,
            most=max(least, int(count[2])) if count and count[2] else least,
            joiner=", " if count is None or count[3] else " ",
        )

    def wildcard(self, tag: "_Tag", weight: float) -> Item:  # noqa: ARG002  # one signature for all
        if tag.data or ",not=" in tag.inside:
            message = f"<{tag.kind}>'s count and exclusions were left out"
            self.losses.append(Loss(span=tag.span, message=message))
        return Listed(span=tag.span, name=tag.inside.partition(",not=")[0].strip())

    def network(self, tag: "_Tag", weight: float) -> Item:  # noqa: ARG002  # one signature for all
        name, *strengths = tag.inside.split(":")
        # The UNet's comes first there, the text encoders' first in A1111.
        return Added(span=tag.span, kind="lora", items=(name, *strengths[:2][::-1]))


class _Tag:
    """One `<kind[data]:inside>`."""

    def __init__(self, text: str, opening: re.Match[str], close: int) -> None:
        self.kind = opening[1].lower()
        self.data = opening[2] or ""
        self.start = min(opening.end() + 1, close)
        self.end = close
        self.inside = text[self.start : close]
        self.span = Span(opening.start(), close + 1)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    left = len(stretch) - len(stretch.lstrip())
    return start + left, start + max(left, len(stretch.rstrip()))


def write(document: Document) -> str:
    """Return a document of what SwarmUI can express as its text."""
    return write_runs(with_weights_inside(document.sections[0].items), _special)


def _special(item: Item) -> str:  # noqa: PLR0911  # one case for each kind
    match item:
        case Plain():
            return _ESCAPED.sub(r"\\\g<0>", item.text)
        case Scheduled():
            # A step is a whole number there, too, and a share has a dot.
            when = f"{item.when:g}"
            when = f"{when}.0" if item.is_fraction and "." not in when else when
            return f"<fromto[{when}]:{_list((item.before, item.after))}>"
        case Alternating():
            return f"<alternate:{_list(item.options)}>"
        case Picked():
            return f"<random{_count(item)}:{_list(item.options)}>"
        case Listed():
            return f"<wildcard:{item.name}>"
        case Added():
            name, *strengths = item.items
            return f"<lora:{':'.join((name, *strengths[:2][::-1]))}>"
        case ChunkBreak():
            return "<break>"
        case Remark():
            return f"<comment:{item.text}>"
        case _:
            raise AssertionError(item)  # weights are inside


def _list(options: tuple[tuple[Item, ...], ...]) -> str:
    return " || ".join([write_runs(option, _special) for option in options])


def _count(item: Picked) -> str:
    if (item.least, item.most) == (1, 1):
        return ""
    most = f"-{item.most}" if item.most > item.least else ""
    comma = "," if item.joiner.strip() == "," else ""
    return f"[{item.least}{most}{comma}]"
