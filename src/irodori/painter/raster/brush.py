"""The hand that draws: fills, lines and shadows on a skia canvas, in one finish of several.

Subjects (head, hair, clothes ...) say what shape lies where and of which colour; the brush knows
how the style of the picture renders that. With the finish `LABELS` the same calls draw, instead of
colours, the number of the part: that picture is the truth about what can be seen.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto

import skia

from irodori.painter.palette import RGB, WHITE, luminance, mix, outline_of
from irodori.painter.parts import Part


class Finish(Enum):
    """How fills, shadows and lines come out."""

    PLAIN = auto()
    FLAT = auto()
    SKETCH = auto()
    WATERCOLOR = auto()
    INK = auto()
    LABELS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """A linear gradient between two points in the coordinates of the shape."""

    start: tuple[float, float]
    end: tuple[float, float]
    colours: Sequence[RGB]


PAPER: RGB = (252.0, 252.0, 252.0)
GRAPHITE: RGB = (66.0, 66.0, 66.0)
_INK: RGB = (20.0, 18.0, 24.0)
_INK_WEIGHT = 2.2  # of an outline, times the fine pen's


class Brush:
    """Draws paths on one canvas.

    Attributes:
        canvas: where it draws; subjects use it for nothing but transforms and clips.
        finish: how colours come out.
        line: width of a normal outline in the present units (a head's radius, or pixels).
        part: what is being drawn; counts in the finish `LABELS` only.
        owner: index of the person being drawn, from the left; counts likewise.
    """

    __slots__ = ("canvas", "finish", "line", "owner", "part")

    def __init__(self, canvas: skia.Canvas, finish: Finish, line: float) -> None:
        self.canvas = canvas
        self.finish = finish
        self.line = line
        self.part = Part.BACKGROUND
        self.owner = 0

    @contextmanager
    def placed(
        self, x: float, y: float, *, turn: float = 0.0, scale: float = 1.0, mirrored: bool = False
    ) -> Iterator[None]:
        """Draw in a frame whose origin is (x, y), turned by `turn` degrees and scaled."""
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(turn)
        self.canvas.scale(-scale if mirrored else scale, scale)
        yield
        self.canvas.restore()

    @contextmanager
    def inside(self, path: skia.Path) -> Iterator[None]:
        """Draw only inside a path."""
        self.canvas.save()
        self.canvas.clipPath(path, self.finish is not Finish.LABELS)
        yield
        self.canvas.restore()

    @contextmanager
    def drawing(self, part: Part) -> Iterator[None]:
        """Say which part the calls inside draw."""
        before = self.part
        self.part = part
        yield
        self.part = before

    def shape(
        self,
        path: skia.Path,
        colour: RGB,
        *,
        gradient: Gradient | None = None,
        line: RGB | None = None,
        weight: float = 1.0,
    ) -> None:
        """Fill a path and draw its outline, `weight` times as thick as normal."""
        self.fill(path, colour, gradient=gradient)
        if self.finish is Finish.INK:
            self.stroke(path, _INK, weight * _INK_WEIGHT)
        elif self.finish is not Finish.FLAT:
            self.stroke(path, line or outline_of(colour), weight)

    def fill(
        self, path: skia.Path, colour: RGB, *, alpha: float = 255, gradient: Gradient | None = None
    ) -> None:
        """Fill a path without an outline."""
        self.canvas.drawPath(path, self._fill_paint(colour, alpha, gradient))

    def stroke(
        self, path: skia.Path, colour: RGB, weight: float = 1.0, *, alpha: float = 255
    ) -> None:
        """Draw along a path with round ends, `weight` times as thick as a normal outline."""
        paint = skia.Paint(
            AntiAlias=self.finish is not Finish.LABELS,
            Color=self._line_colour(colour, alpha),
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=self.line * weight,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )
        self.canvas.drawPath(path, paint)

    def shadow(self, path: skia.Path, colour: RGB, alpha: float = 255) -> None:
        """Fill a path with shading: left out where the finish knows no shades."""
        if self.finish in {Finish.PLAIN, Finish.WATERCOLOR}:
            self.canvas.drawPath(path, self._fill_paint(colour, alpha, None))

    def tinge(self, path: skia.Path, colour: RGB, alpha: float = 255) -> None:
        """Fill a path with a colour that a flat picture has too; a sketch leaves it out."""
        if self.finish not in {Finish.SKETCH, Finish.LABELS}:
            self.fill(path, colour, alpha=alpha)

    def crease(self, path: skia.Path, colour: RGB, weight: float = 0.7) -> None:
        """Draw a line inside a shape, a fold or a strand: left out of flat pictures and labels."""
        if self.finish not in {Finish.FLAT, Finish.LABELS}:
            self.stroke(path, colour, weight)

    def _fill_paint(self, colour: RGB, alpha: float, gradient: Gradient | None) -> skia.Paint:
        if self.finish is Finish.LABELS:
            return skia.Paint(AntiAlias=False, Color=self._label())
        paint = skia.Paint(AntiAlias=True, Color=_skia_colour(self._tone(colour), alpha))
        if gradient is not None and self.finish not in {Finish.FLAT, Finish.INK}:
            colours = [_skia_colour(self._tone(c), alpha) for c in gradient.colours]
            points = [gradient.start, gradient.end]
            paint.setShader(skia.GradientShader.MakeLinear(points=points, colors=colours))
        return paint

    def _tone(self, colour: RGB) -> RGB:
        if self.finish is Finish.SKETCH:
            light = luminance(colour)
            grey = 66 + light * 0.70 if self.part is Part.EYES else 205 + light * (47 / 255)
            return (grey, grey, grey)
        if self.finish is Finish.WATERCOLOR:
            return mix(colour, WHITE, 0.16)
        return colour

    def _line_colour(self, colour: RGB, alpha: float) -> int:
        if self.finish is Finish.LABELS:
            return self._label()
        if self.finish is Finish.SKETCH:
            return _skia_colour(mix(GRAPHITE, WHITE, luminance(colour) / 255 * 0.5), alpha)
        if self.finish is Finish.WATERCOLOR:
            return _skia_colour(mix(colour, WHITE, 0.22), alpha * 0.85)
        return _skia_colour(colour, alpha)

    def _label(self) -> int:
        return int(skia.Color(self.part.value, self.owner, 0))


def _skia_colour(colour: RGB, alpha: float) -> int:
    red, green, blue = (min(255, max(0, round(channel))) for channel in colour)
    return int(skia.Color(red, green, blue, round(alpha)))
