"""The hair that frames the face: crown, bangs, sidelocks, ahoge, and its shine."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import skia

from irodori.painter.palette import mix
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.face import face_path
from irodori.painter.raster.figure import Figure, HairTones
from irodori.painter.raster.outline import Point, lock, smooth
from irodori.painter.scene import Bangs, HairLength, HairStyle, Sex
from irodori.painter.visibility import HATS

TEMPLE: Point = (1.0, 0.30)
"""Where the crown's contour ends at either side, just before the ears."""


def draw_fringe(brush: Brush, figure: Figure) -> None:
    """Draw everything of the hair that lies in front of the face."""
    rng = figure.rng("fringe")
    tones = figure.hair
    edge, notches = _edge(figure, rng)
    crown = _crown(edge)
    with brush.drawing(Part.FACE), brush.inside(face_path(figure)), brush.placed(0.0, 0.085):
        brush.shadow(crown, figure.skin.shadow, 170)
    with brush.drawing(Part.HAIR):
        if figure.person.hair.style is not HairStyle.MESSY:
            _draw_sidelocks(brush, figure, rng)
        gradient = Gradient(
            start=(0.0, -1.2),
            end=(0.0, 0.3),
            colours=(
                mix(tones.base, tones.dark, 0.45),
                tones.base,
                mix(tones.base, tones.light, 0.16),
                tones.dark,
            ),
        )
        brush.shape(crown, tones.base, gradient=gradient, line=tones.line)
        with brush.inside(crown):
            _draw_strands(brush, tones, notches, rng)
            draw_shine(brush, tones, rng)
        if figure.person.hair.style is HairStyle.MESSY:
            _draw_messy(brush, figure, rng)
        if figure.person.hair.ahoge and figure.person.accessory not in HATS:
            _draw_ahoge(brush, figure, rng)


def _crown(edge: Sequence[tuple[Point, Point]]) -> skia.Path:
    path = (
        skia.Path()
        .moveTo(-TEMPLE[0], TEMPLE[1])
        .cubicTo(-1.19, -0.42, -0.98, -1.21, 0.0, -1.21)
        .cubicTo(0.98, -1.21, 1.19, -0.42, *TEMPLE)
    )
    for control, end in edge:
        path.quadTo(*control, *end)
    return path.close()


def _edge(figure: Figure, rng: Random) -> tuple[list[tuple[Point, Point]], list[Point]]:
    """Return the lower edge from the right temple to the left, and where its locks part."""
    match figure.person.hair.bangs:
        case Bangs.BLUNT:
            return _blunt(rng)
        case Bangs.PARTED:
            return _parted(rng, figure.turn * 0.12)
        case Bangs.SWEPT:
            return _swept(rng)
        case Bangs.BETWEEN_EYES:
            return _locks(rng, figure.turn * 0.1, between_eyes=True)
        case Bangs.LOCKS:
            return _locks(rng, figure.turn * 0.1, between_eyes=False)


def _blunt(rng: Random) -> tuple[list[tuple[Point, Point]], list[Point]]:
    low = -0.045 + rng.uniform(-0.02, 0.02)
    edge: list[tuple[Point, Point]] = [((0.9, 0.16), (0.84, low + 0.02))]
    xs = [0.84, 0.52, 0.20, -0.14, -0.48, -0.84]
    notches = []
    for x0, x1 in pairwise(xs):
        middle = (x0 + x1) / 2
        edge.append(((middle, low + 0.035), (x1 + 0.035, low + 0.015)))
        if x1 > -0.84:
            edge.append(((x1 + 0.01, low - 0.04), (x1, low - 0.11)))
            edge.append(((x1 - 0.01, low - 0.03), (x1 - 0.035, low + 0.015)))
            notches.append((x1, low - 0.11))
    edge.append(((-0.88, 0.18), (-TEMPLE[0], TEMPLE[1])))
    return edge, notches


def _locks(
    rng: Random, lean: float, *, between_eyes: bool
) -> tuple[list[tuple[Point, Point]], list[Point]]:
    count = rng.choice((4, 5, 5, 6))
    if between_eyes:
        count = 5
    xs = [0.86 - 1.72 * i / count for i in range(count + 1)]
    part = rng.uniform(-0.3, 0.3) + lean
    edge: list[tuple[Point, Point]] = [((0.93, 0.1), (xs[0], -0.14))]
    notches = []
    for i in range(count):
        x0, x1 = xs[i], xs[i + 1]
        middle = (x0 + x1) / 2
        away = 0.10 if middle > part else -0.10
        tip = (
            middle + away + rng.uniform(-0.04, 0.04),
            0.03 + 0.13 * abs(middle) + rng.uniform(-0.06, 0.05),
        )
        if between_eyes and i == count // 2:
            tip = (lean + rng.uniform(-0.05, 0.05), 0.36)
        notch = (x1, -0.36 + 0.2 * abs(x1 - part)) if i < count - 1 else (x1, -0.14)
        edge.append(((x0 - 0.02 + away * 0.5, tip[1] - 0.14), tip))
        edge.append(((x1 + 0.05 + away * 0.3, tip[1] - 0.20), notch))
        if i < count - 1:
            notches.append(notch)
    edge.append(((-0.93, 0.1), (-TEMPLE[0], TEMPLE[1])))
    return edge, notches


def _parted(rng: Random, lean: float) -> tuple[list[tuple[Point, Point]], list[Point]]:
    part = lean + rng.uniform(-0.08, 0.08)
    top = (part, -0.74)
    edge: list[tuple[Point, Point]] = [
        ((0.98, 0.26), (0.80, 0.24)),
        ((0.70, 0.06), (0.66, -0.08)),
        ((0.58, 0.02), (0.50, 0.06)),
        ((0.46, -0.42), top),
        ((-0.46, -0.42), (-0.50, 0.06)),
        ((-0.58, 0.02), (-0.66, -0.08)),
        ((-0.70, 0.06), (-0.80, 0.24)),
        ((-0.98, 0.26), (-TEMPLE[0], TEMPLE[1])),
    ]
    return edge, [(0.66, -0.08), top, (-0.66, -0.08)]


def _swept(rng: Random) -> tuple[list[tuple[Point, Point]], list[Point]]:
    flip = rng.choice((-1, 1))
    start = 0.50 + rng.uniform(-0.06, 0.06)
    points: list[tuple[Point, Point]] = [
        ((0.96, 0.20), (0.78, 0.10)),
        ((0.72, -0.22), (start, -0.52)),
        ((0.36, -0.16), (0.04, -0.02)),
        ((0.10, -0.16), (0.10, -0.26)),
        ((-0.06, -0.04), (-0.40, 0.10)),
        ((-0.32, -0.06), (-0.33, -0.16)),
        ((-0.52, 0.06), (-0.82, 0.22)),
        ((-0.90, 0.22), (-TEMPLE[0], TEMPLE[1])),
    ]
    notches = [(start, -0.52), (0.10, -0.26), (-0.33, -0.16)]
    if flip < 0:
        points, notches = _flipped(points), [(-x, y) for x, y in notches]
    return points, notches


def _flipped(edge: Sequence[tuple[Point, Point]]) -> list[tuple[Point, Point]]:
    """Return the mirror image of an edge, still running from the right temple to the left."""
    ends = [TEMPLE, *(end for _, end in edge)]
    result = []
    for i in range(len(edge) - 1, -1, -1):
        control, start = edge[i][0], ends[i]
        result.append(((-control[0], control[1]), (-start[0], start[1])))
    return result


def _draw_strands(brush: Brush, tones: HairTones, notches: Sequence[Point], rng: Random) -> None:
    """Draw, from where the locks part, tapered shadows that run up to the crown."""
    for x, y in notches:
        top = (x * 0.45, max(-0.98, y - 0.62))
        path = (
            skia.Path()
            .moveTo(x, y + 0.02)
            .quadTo(x * 0.95 + 0.02, (y + top[1]) / 2, *top)
            .quadTo(x * 0.95 - 0.06, (y + top[1]) / 2, x, y + 0.02)
            .close()
        )
        brush.shadow(path, tones.dark, 215)
        line = skia.Path().moveTo(x, y).quadTo(x * 0.95, (y + top[1]) / 2, *top)
        brush.crease(line, mix(tones.dark, tones.line, 0.45), 0.55)
    for _ in range(2):
        x = rng.uniform(-0.7, 0.7)
        line = skia.Path().moveTo(x * 0.5, -1.08).quadTo(x * 0.9, -0.92, x * 1.02, -0.66)
        brush.crease(line, mix(tones.dark, tones.base, 0.2), 0.55)


def draw_shine(brush: Brush, tones: HairTones, rng: Random, *, drop: float = 0.0) -> None:
    """Draw the ring of light round the crown, in pieces with a jagged lower edge."""
    gap = rng.uniform(-0.12, 0.12)
    for left, right in ((-0.80, -0.28 + gap), (-0.18 + gap, 0.34 + gap), (0.46 + gap, 0.82)):
        steps = 5
        xs = [left + (right - left) * i / (steps - 1) for i in range(steps)]
        upper = [(x, _ring(x) - 0.055 + drop) for x in xs]
        lower = [(x, _ring(x) + (0.10 if i % 2 else 0.03) + drop) for i, x in enumerate(xs)][
            -2:0:-1
        ]
        points = [(xs[0], _ring(xs[0]) + drop), *upper[1:-1], (xs[-1], _ring(xs[-1]) + drop)]
        path = smooth(points, closed=False)
        for x, y in lower:
            path.lineTo(x, y)
        brush.shadow(path.close(), tones.light, 205)


def _ring(x: float) -> float:
    return -0.74 + 0.34 * x * x


def _draw_sidelocks(brush: Brush, figure: Figure, rng: Random) -> None:
    hair, tones = figure.person.hair, figure.hair
    ends = {
        HairLength.VERY_SHORT: 0.42,
        HairLength.SHORT: 0.74,
        HairLength.MEDIUM: 1.02,
        HairLength.LONG: 1.16,
        HairLength.VERY_LONG: 1.20,
    }
    end = ends[hair.length]
    if figure.person.sex is Sex.BOY:
        end = min(end, 0.62 if hair.length is HairLength.SHORT else end)
    if hair.style is HairStyle.BOB_CUT:
        end = 0.92
    end += rng.uniform(-0.06, 0.06)
    width = 0.13 if hair.length is HairLength.VERY_SHORT else 0.155
    for side in (-1, 1):
        tip = (side * (0.84 + rng.uniform(-0.04, 0.03)), end)
        path = lock((side * 0.90, -0.15), tip, width=width, bend=side * 0.10)
        colours = (tones.base, tones.base, tones.dark)
        gradient = Gradient(start=(0.0, -0.2), end=(0.0, end), colours=colours)
        brush.shape(path, tones.base, gradient=gradient, line=tones.line, weight=0.9)


def _draw_messy(brush: Brush, figure: Figure, rng: Random) -> None:
    """Draw spikes that stick out round the crown."""
    tones = figure.hair
    for x, y, dx, dy in (
        (-0.92, -0.42, -0.42, -0.10),
        (-0.80, -0.75, -0.36, -0.26),
        (-0.42, -1.05, -0.24, -0.34),
        (0.05, -1.14, 0.10, -0.34),
        (0.50, -1.02, 0.30, -0.28),
        (0.84, -0.70, 0.40, -0.20),
        (0.96, -0.34, 0.36, -0.02),
    ):
        tip = (x + dx + rng.uniform(-0.06, 0.06), y + dy + rng.uniform(-0.06, 0.06))
        px, py = -dy * 0.55, dx * 0.55
        inner = (x - dx * 0.7, y - dy * 0.7)
        path = (
            skia.Path()
            .moveTo(x + px, y + py)
            .quadTo(x + dx * 0.5 + px * 0.5, y + dy * 0.5 + py * 0.5, *tip)
            .quadTo(x + dx * 0.4 - px * 0.6, y + dy * 0.4 - py * 0.6, x - px, y - py)
        )
        brush.stroke(path, tones.line)
        brush.fill(path.lineTo(*inner).close(), mix(tones.base, tones.dark, 0.3))


def _draw_ahoge(brush: Brush, figure: Figure, rng: Random) -> None:
    tones = figure.hair
    side = rng.choice((-1, 1))
    path = (
        skia.Path()
        .moveTo(-0.08 * side, -1.16)
        .cubicTo(-0.04 * side, -1.46, 0.18 * side, -1.62, 0.52 * side, -1.50)
        .cubicTo(0.28 * side, -1.48, 0.12 * side, -1.36, 0.12 * side, -1.15)
        .close()
    )
    brush.shape(path, tones.base, line=tones.line)
