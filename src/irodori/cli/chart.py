"""Line charts without a plotting library: one drawing of lines and words, as SVG or as PNG.

Both the command line and the documentation draw with it. Colours are Okabe and Ito's, which
colour-blind readers can tell apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from irodori.errors import OutputError, RecipeError

PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
INK: Final = "#3c3c3c"
FAINT: Final = "#e2e2e2"
PAPER: Final = "#ffffff"
FONT_SIZE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A polyline in pixels; with `dots`, its points are marked."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.5
    dots: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text in pixels; `anchor` is start, middle or end, y its baseline."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    colour: str = INK


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture made of lines and words, in drawing order."""

    width: int
    height: int
    lines: tuple[Line, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A named series; x ascends, y is positive where the axis is logarithmic."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    dots: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What the axes mean.

    Attributes:
        title: above the chart.
        x_label: below it.
        y_label: above the y axis.
        log_x: logarithmic x axis.
        log_y: logarithmic y axis.
    """

    title: str
    x_label: str
    y_label: str
    log_x: bool = False
    log_y: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle of pixels and the values at its edges."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    axes: Axes

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a value."""
        across = _share(x, self.x_range, log=self.axes.log_x)
        up = _share(y, self.y_range, log=self.axes.log_y)
        return self.left + across * self.width, self.top + (1 - up) * self.height


def line_chart(curves: Sequence[Curve], axes: Axes, *, width: int = 760) -> Drawing:
    """Return all curves in one frame, each named at the right edge in its colour.

    Raises:
        RecipeError: there is no point to draw.
    """
    height = max(420, 120 + 20 * len(curves))
    frame = _frame(curves, axes, (64, 56, width - 264, height - 110))
    lines, words = _scaffold(frame)
    words.append(Word(x=frame.left, y=24, text=axes.title))
    for index, curve in enumerate(curves):
        colour = PALETTE[index % len(PALETTE)]
        lines.append(_line(frame, curve, colour))
        key = frame.top + 14 + 20 * index
        right = frame.left + frame.width + 14
        lines.append(
            Line(points=((right, key - 4), (right + 18, key - 4)), colour=colour, dots=curve.dots)
        )
        words.append(Word(x=right + 26, y=key, text=curve.name))
    return Drawing(width=width, height=height, lines=tuple(lines), words=tuple(words))


def small_multiples(curves: Sequence[Curve], axes: Axes, *, columns: int = 4) -> Drawing:
    """Return one small frame per curve, all others in grey behind it, on the same scale.

    Raises:
        RecipeError: there is no point to draw.
    """
    cell_width, cell_height, head = 230, 170, 40
    rows = math.ceil(len(curves) / columns)
    lines: list[Line] = []
    words = [Word(x=16, y=24, text=f"{axes.title}. {axes.y_label} over {axes.x_label}")]
    for index, curve in enumerate(curves):
        row, column = divmod(index, columns)
        left, top = 48 + column * cell_width, head + 26 + row * cell_height
        frame = _frame(curves, axes, (left, top, cell_width - 66, cell_height - 58))
        scaffold = _scaffold(frame, labels=False)
        lines += scaffold[0]
        words += scaffold[1]
        lines += [_line(frame, other, FAINT, faint=True) for other in curves]
        lines.append(_line(frame, curve, PALETTE[0]))
        words.append(Word(x=left, y=top - 8, text=curve.name))
    return Drawing(
        width=columns * cell_width + 24,
        height=head + rows * cell_height + 12,
        lines=tuple(lines),
        words=tuple(words),
    )


def write_chart(drawing: Drawing, path: Path) -> None:
    """Write a drawing as what the file's name ends in: .svg or .png.

    Raises:
        RecipeError: it ends in neither.
        OutputError: the file cannot be written.
    """
    writers = {".svg": _write_svg, ".png": _write_png}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise RecipeError(f"a plot is written as .svg or .png, not '{path.suffix or path.name}'")
    try:
        writer(drawing, path)
    except OSError as error:
        raise OutputError(f"cannot write the plot {path}: {error.strerror}") from error


def svg_text(drawing: Drawing) -> str:
    """Return a drawing as an SVG document."""
    size = f'width="{drawing.width}" height="{drawing.height}"'
    box = f'viewBox="0 0 {drawing.width} {drawing.height}"'
    font = f'font-family="sans-serif" font-size="{FONT_SIZE}"'
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {font}>',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    ]
    for line in drawing.lines:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
        body.append(
            f'<polyline fill="none" stroke="{line.colour}" stroke-width="{line.width:g}" '
            f'points="{points}"/>'
        )
        if line.dots:
            body += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{line.colour}"/>'
                for x, y in line.points
            ]
    body += [
        f'<text x="{word.x:.1f}" y="{word.y:.1f}" text-anchor="{word.anchor}" '
        f'fill="{word.colour}">{escape(word.text)}</text>'
        for word in drawing.words
    ]
    return "\n".join([*body, "</svg>", ""])


def _write_svg(drawing: Drawing, path: Path) -> None:
    path.write_text(svg_text(drawing), encoding="utf-8")


def _write_png(drawing: Drawing, path: Path) -> None:
    from PIL import Image, ImageDraw, ImageFont

    scale = 2
    image = Image.new("RGB", (drawing.width * scale, drawing.height * scale), PAPER)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(FONT_SIZE * scale)
    for line in drawing.lines:
        points = [(x * scale, y * scale) for x, y in line.points]
        pen.line(points, fill=line.colour, width=round(line.width * scale), joint="curve")
        for x, y in points if line.dots else ():
            radius = 2 * scale
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=line.colour)
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for word in drawing.words:
        place = (word.x * scale, word.y * scale)
        pen.text(place, word.text, fill=word.colour, font=font, anchor=anchors[word.anchor])
    image.save(path)


def _line(frame: Frame, curve: Curve, colour: str, *, faint: bool = False) -> Line:
    points = tuple(frame.at(x, y) for x, y in zip(curve.x, curve.y, strict=True))
    return Line(
        points=points, colour=colour, width=1 if faint else 1.5, dots=curve.dots and not faint
    )


def _frame(curves: Sequence[Curve], axes: Axes, box: tuple[float, float, float, float]) -> Frame:
    x = [value for curve in curves for value in curve.x]
    y = [value for curve in curves for value in curve.y]
    if not x:
        raise RecipeError("there is nothing to plot: the schedule has no positive sigma")
    left, top, width, height = box
    return Frame(
        left=left,
        top=top,
        width=width,
        height=height,
        x_range=_range(x, log=axes.log_x),
        y_range=_range(y, log=axes.log_y),
        axes=axes,
    )


def _scaffold(frame: Frame, *, labels: bool = True) -> tuple[list[Line], list[Word]]:
    """Return grid lines, ticks and, where wanted, the axes' names."""
    lines, words = [], []
    axes, bottom = frame.axes, frame.top + frame.height
    for value in ticks(*frame.y_range, log=axes.log_y):
        _, y = frame.at(frame.x_range[0], value)
        edge = frame.left + frame.width
        lines.append(Line(points=((frame.left, y), (edge, y)), colour=FAINT, width=1))
        words.append(Word(x=frame.left - 6, y=y + 4, text=f"{value:g}", anchor="end"))
    for value in ticks(*frame.x_range, log=axes.log_x):
        x, _ = frame.at(value, frame.y_range[0])
        lines.append(Line(points=((x, bottom), (x, bottom + 4)), colour=INK, width=1))
        words.append(Word(x=x, y=bottom + 18, text=f"{value:g}", anchor="middle"))
    if labels:
        middle = frame.left + frame.width / 2
        words.append(Word(x=middle, y=bottom + 38, text=axes.x_label, anchor="middle"))
        words.append(Word(x=frame.left - 40, y=frame.top - 10, text=axes.y_label))
    return lines, words


def ticks(low: float, high: float, *, log: bool) -> list[float]:
    """Return round values within a range: powers of ten, or about five even ones."""
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        stride = max(1, (last - first) // 4)
        return [10.0**power for power in range(first, last + 1, stride)]
    rough = (high - low) / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = min((unit * factor for factor in (1, 2, 5, 10)), key=lambda each: abs(each - rough))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def _range(values: Sequence[float], *, log: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        return (low / 2, high * 2) if log else (low - 1, high + 1)
    return low, high


def _share(value: float, ends: tuple[float, float], *, log: bool) -> float:
    low, high = ends
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)
