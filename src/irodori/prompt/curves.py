"""What a network tag says: its name, its strengths, and how they change over the steps.

Source: the tag is AUTOMATIC1111's; curves and `hr` are those of sd-webui-loractl's README.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from irodori.prompt.ast import Network
from irodori.prompt.span import Span

KNOWN_KINDS: Final = frozenset({"lora", "lyco", "hypernet"})
_DELIMITERS: Final = str.maketrans(";", ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One `weight@moment`; a moment of at most 1 is a share of the pass, any other a step."""

    weight: float
    moment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A strength over one pass: straight lines between points, level before and after them.

    A curve of one point is a constant. The points are in the order of their moments.
    """

    points: tuple[CurvePoint, ...]

    def at(self, step: int, steps: int) -> float:
        """The strength at a step, counted from 1, of a pass of `steps`.

        The share 0 is the first step and 1 the last, so `0@0,1@1` begins at 0 and ends at 1.
        """
        if len(self.points) == 1:
            return self.points[0].weight
        places = sorted(
            (1 + point.moment * (steps - 1) if point.moment <= 1 else point.moment, index)
            for index, point in enumerate(self.points)
        )
        after = bisect_right(places, (step, len(places)))
        if after == 0:
            return self.points[places[0][1]].weight
        left, left_index = places[after - 1]
        low = self.points[left_index].weight
        if after == len(places):
            return low
        right, right_index = places[after]
        high = self.points[right_index].weight
        return low + (high - low) * (step - left) / (right - left)


_FULL: Final = Curve(points=(CurvePoint(weight=1.0, moment=0.0),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths:
    """What a network is multiplied by in one pass.

    Args:
        te: for the weights of both text encoders.
        unet: for the weights of the UNet.
    """

    te: Curve
    unet: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkTag:
    """A network tag as written.

    Args:
        span: where it stands, from `<` to `>`.
        kind: `lora`, `lyco`, `hypernet` or a word that means nothing.
        items: what stands between the colons after the kind.
        positional: the items without a `=`, the network's name first.
        named: the items `key=value`, such as `te`, `unet`, `dyn`, `hr`.
    """

    span: Span
    kind: str
    items: tuple[str, ...]
    positional: tuple[str, ...]
    named: Mapping[str, str]

    @property
    def name(self) -> str:
        """Of the network's file, without folder and ending; empty if none is written."""
        return self.positional[0] if self.positional else ""


def read_tag(node: Network, *, name_first: bool = True) -> NetworkTag:
    """The items of a network tag, sorted.

    Args:
        node: the tag.
        name_first: the first item is the name, even with a `=` in it. False is A1111's way: it
            takes such an item for a named one, and the next for the name.
    """
    positional: list[str] = []
    named: dict[str, str] = {}
    for index, item in enumerate(node.items):
        if item.count("=") == 1 and not (name_first and index == 0):
            key, value = item.split("=")
            named[key] = value
        else:
            positional.append(item)
    return NetworkTag(
        span=node.span,
        kind=node.kind,
        items=node.items,
        positional=tuple(positional),
        named=named,
    )


def read_strengths(tag: NetworkTag) -> tuple[Strengths, Strengths] | str:
    """The strengths in the first and in the hires pass; or what is wrong with the tag, in words.

    `te` is 1 unless given, `unet` is `te` unless given. The hires pass has the same curves over
    its own steps, unless `hr` (both), `hrte` or `hrunet` is given.
    """
    if not tag.name.strip():
        return "it has no name"
    given = dict(zip(("te", "unet"), tag.positional[1:3], strict=False)) | dict(tag.named)
    curves: dict[str, Curve] = {}
    for key in ("te", "unet", "hr", "hrte", "hrunet"):
        if key in given:
            curve = read_curve(given[key])
            if curve is None:
                return f"'{given[key]}' is no strength"
            curves[key] = curve
    te = curves.get("te", _FULL)
    first = Strengths(te=te, unet=curves.get("unet", te))
    hires = Strengths(
        te=curves.get("hrte", curves.get("hr", first.te)),
        unet=curves.get("hrunet", curves.get("hr", first.unet)),
    )
    return first, hires


def read_curve(text: str) -> Curve | None:
    """The curve a text such as `0.7` or `0@0,1@0.4` stands for, or None."""
    pieces = text.translate(_DELIMITERS).split(",")
    points = []
    for piece in pieces:
        weight, at, moment = piece.partition("@")
        if not at and len(pieces) > 1:
            return None
        numbers = (_finite(weight), _finite(moment) if at else 0.0)
        if numbers[0] is None or numbers[1] is None or numbers[1] < 0:
            return None
        points.append(CurvePoint(weight=numbers[0], moment=numbers[1]))
    return Curve(points=tuple(points))


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
