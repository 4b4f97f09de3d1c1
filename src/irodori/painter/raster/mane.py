"""The hair behind the head and shoulders: its length, and how it is tied."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from random import Random
from typing import Final

import skia

from irodori.painter.palette import mix
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.fringe import draw_shine
from irodori.painter.raster.outline import ellipse, smooth
from irodori.painter.scene import HairLength, HairStyle

REACH: Final[Mapping[HairLength, float]] = {
    HairLength.VERY_SHORT: 0.40,
    HairLength.SHORT: 0.78,
    HairLength.MEDIUM: 1.28,
    HairLength.LONG: 2.25,
    HairLength.VERY_LONG: 3.15,
}
"""How far down hair of a length hangs, in head radii below the centre of the head."""

LOOSE_STYLES: Final = frozenset(
    {HairStyle.LOOSE, HairStyle.MESSY, HairStyle.WAVY, HairStyle.BOB_CUT, HairStyle.TWO_SIDE_UP}
)


def draw_mane(brush: Brush, figure: Figure) -> None:
    """Draw the hair that lies behind head and body."""
    rng = figure.rng("mane")
    hair = figure.person.hair
    with brush.drawing(Part.HAIR):
        if hair.style in LOOSE_STYLES:
            draw_curtain(brush, figure, figure.drop(REACH[hair.length] + rng.uniform(-0.05, 0.05)))
        else:
            draw_curtain(brush, figure, 0.62)
        painter = _TAILS.get(hair.style)
        if painter is not None:
            painter(brush, figure, rng)


def draw_curtain(brush: Brush, figure: Figure, end: float, *, lit: bool = False) -> None:
    """Draw hair that falls freely to `end`; darker than the bangs, unless it is `lit`."""
    hair, tones = figure.person.hair, figure.hair
    top = tones.base if lit else mix(tones.base, tones.dark, 0.75)
    gradient = Gradient(start=(0, -1.0), end=(0, max(end, 0.8)), colours=(top, top, tones.dark))
    if end < 0.9:
        path = _short_curtain(end, round_ends=hair.style is HairStyle.BOB_CUT)
    elif hair.style is HairStyle.WAVY:
        path = _wavy_curtain(end)
    else:
        path = _long_curtain(end, figure.rng("curtain"))
    brush.shape(path, top, gradient=gradient, line=tones.line)
    if end > 1.0:
        with brush.inside(path):
            spread = 1.0 + 0.07 * end
            for x in (-0.92, -0.62, 0.62, 0.92, *((-0.3, 0.0, 0.3) if lit else ())):
                line = skia.Path().moveTo(x, 0.4)
                line.quadTo(x * 1.12, end * 0.6, x * spread, end - 0.25)
                brush.crease(line, mix(tones.dark, tones.line, 0.35), 0.7)


def _short_curtain(end: float, *, round_ends: bool) -> skia.Path:
    path = skia.Path().moveTo(-0.98, -0.4)
    if round_ends:
        path.cubicTo(-1.22, 0.1, -1.26, 0.7, -1.08, end + 0.16)
        path.quadTo(-0.9, end + 0.22, -0.6, end + 0.02).lineTo(0.6, end + 0.02)
        path.quadTo(0.9, end + 0.22, 1.08, end + 0.16)
        return path.cubicTo(1.26, 0.7, 1.22, 0.1, 0.98, -0.4).close()
    path.cubicTo(-1.14, 0.1, -1.12, 0.4, -1.02, end)
    path.quadTo(-0.86, end - 0.06, -0.74, end + 0.06).quadTo(-0.6, end - 0.08, -0.44, end)
    path.lineTo(0.44, end).quadTo(0.6, end - 0.08, 0.74, end + 0.06)
    path.quadTo(0.86, end - 0.06, 1.02, end)
    return path.cubicTo(1.12, 0.4, 1.14, 0.1, 0.98, -0.4).close()


def _long_curtain(end: float, rng: Random) -> skia.Path:
    wide = 1.06 + 0.09 * end + rng.uniform(-0.03, 0.05)
    path = skia.Path().moveTo(-0.98, -0.45)
    path.cubicTo(-1.28, 0.3, -1.08, end * 0.55, -wide, end)
    xs = (-wide, -wide * 0.64, -wide * 0.3, 0.0, wide * 0.32, wide * 0.66, wide)
    for i, (x0, x1) in enumerate(pairwise(xs)):
        dip = -0.16 if i % 2 == 0 else -0.1
        path.quadTo((x0 + x1) / 2 - 0.1, end + dip, x1, end + (0.08 if i in (1, 3) else 0.0))
    return path.cubicTo(1.08, end * 0.55, 1.28, 0.3, 0.98, -0.45).close()


def _wavy_curtain(end: float) -> skia.Path:
    points = [(-0.95, -0.5), (-1.12, 0.0)]
    steps = max(2, round((end - 0.2) / 0.42))
    left = []
    for i in range(steps + 1):
        y = 0.25 + (end - 0.25) * i / steps
        left.append((-(1.12 + 0.08 * y + (0.13 if i % 2 else -0.03)), y))
    points += left
    points += [
        (-0.7, end + 0.14),
        (-0.3, end - 0.04),
        (0.0, end + 0.12),
        (0.35, end - 0.04),
        (0.7, end + 0.14),
    ]
    points += [(-x, y) for x, y in reversed(left)]
    points += [(1.12, 0.0), (0.95, -0.5)]
    return smooth(points)


def tail_end(figure: Figure) -> float:
    """Return how far down tied hair hangs, in figure coordinates."""
    end = {
        HairLength.MEDIUM: 1.05,
        HairLength.LONG: 1.95,
        HairLength.VERY_LONG: 2.85,
    }.get(figure.person.hair.length, 0.8)
    return figure.drop(end)


def draw_tail(
    brush: Brush, figure: Figure, root: tuple[float, float], side: int, end: float
) -> None:
    """Draw one tail that swings outwards from its root and ends in a point."""
    tones = figure.hair
    x, y = root
    path = (
        skia.Path()
        .moveTo(x - side * 0.12, y - 0.14)
        .cubicTo(x + side * 0.75, y - 0.5, x + side * 1.12, end * 0.35, x + side * 0.72, end)
        .cubicTo(
            x + side * 0.62, end * 0.7, x + side * 0.42, end * 0.62, x + side * 0.34, end * 0.72
        )
        .cubicTo(x + side * 0.28, end * 0.45, x + side * 0.02, y + 0.5, x - side * 0.06, y + 0.16)
        .close()
    )
    gradient = Gradient(
        start=(0, y),
        end=(0, end),
        colours=(tones.base, mix(tones.base, tones.dark, 0.3), tones.dark),
    )
    brush.shape(path, tones.base, gradient=gradient, line=tones.line)
    with brush.inside(path):
        shine = ellipse(x + side * 0.56, y + 0.34, 0.24, 0.1)
        brush.shadow(shine, tones.light, 150)
        for k in (0.25, 0.55):
            line = skia.Path().moveTo(x + side * k * 0.6, y - 0.05)
            line.cubicTo(
                x + side * (k + 0.35),
                y + 0.2,
                x + side * (k + 0.42),
                end * 0.5,
                x + side * (k + 0.14),
                end * 0.8,
            )
            brush.crease(line, mix(tones.dark, tones.line, 0.4), 0.7)


def _draw_twintails(brush: Brush, figure: Figure, rng: Random) -> None:
    end = tail_end(figure) + rng.uniform(-0.06, 0.06)
    for side in (-1, 1):
        draw_tail(brush, figure, (side * 0.86, -0.58), side, end)


def _draw_ponytail(brush: Brush, figure: Figure, rng: Random) -> None:
    side = tail_side(figure)
    draw_tail(
        brush, figure, (side * 0.42, -0.98), side, tail_end(figure) + rng.uniform(-0.06, 0.06)
    )


def _draw_side_ponytail(brush: Brush, figure: Figure, rng: Random) -> None:
    side = tail_side(figure)
    draw_tail(
        brush, figure, (side * 0.90, -0.34), side, tail_end(figure) + rng.uniform(-0.06, 0.06)
    )


def tail_side(figure: Figure) -> int:
    """Return the side of a single tail, braid or bun: -1 left in the picture, 1 right."""
    return figure.rng("tail side").choice((-1, 1))


def draw_braid(brush: Brush, figure: Figure, x: float, start: float, end: float, side: int) -> None:
    """Draw a plait that hangs from (x, start) to `end`: overlapping knots, then a tuft."""
    tones = figure.hair
    knots = max(3, round((end - start) / 0.27))
    for i in range(knots):
        y = start + (end - start) * (i + 0.5) / knots
        out = x + side * 0.12 * (1 - abs(2 * i / knots - 0.6))
        for half in (-1, 1):
            with brush.placed(out + half * 0.075, y, turn=half * -32):
                knot = ellipse(0, 0, 0.135, 0.2)
                brush.shape(
                    knot,
                    mix(tones.base, tones.dark, 0.15 if half < 0 else 0.4),
                    line=tones.line,
                    weight=0.8,
                )
    tie = figure.trinket(figure.person.accessory_colour)
    brush.shape(
        smooth(
            [
                (x - 0.1, end + 0.04),
                (x + 0.1, end + 0.04),
                (x + 0.15, end + 0.24),
                (x, end + 0.36),
                (x - 0.15, end + 0.24),
            ]
        ),
        tones.base,
        line=tones.line,
        weight=0.9,
    )
    with brush.drawing(Part.ACCESSORY):
        brush.shape(ellipse(x, end + 0.05, 0.13, 0.075), tie, weight=0.8)


def _draw_drills(brush: Brush, figure: Figure, rng: Random) -> None:
    tones = figure.hair
    end = min(2.2, tail_end(figure) + 0.1) + rng.uniform(-0.05, 0.05)
    rings = 5
    for side in (-1, 1):
        for i in reversed(range(rings)):
            y = -0.2 + (end + 0.2) * (i + 0.5) / rings
            wide = 0.36 - 0.055 * i
            with brush.placed(side * 1.2, y, turn=side * -14):
                ring = ellipse(0, 0, wide, (end + 0.3) / rings * 0.66)
                tone = mix(tones.base, tones.dark, 0.12 * i)
                brush.shape(ring, tone, line=tones.line, weight=0.9)
                brush.shadow(
                    ellipse(-side * wide * 0.25, -0.04, wide * 0.4, 0.05), tones.light, 150
                )


def _draw_bun(brush: Brush, figure: Figure, rng: Random) -> None:
    del rng
    draw_ball(brush, figure, tail_side(figure) * 0.18, -1.28, 0.42)


def _draw_double_bun(brush: Brush, figure: Figure, rng: Random) -> None:
    del rng
    for side in (-1, 1):
        draw_ball(brush, figure, side * 0.78, -1.0, 0.36)


def draw_ball(brush: Brush, figure: Figure, x: float, y: float, radius: float) -> None:
    """Draw a bun of hair around (x, y)."""
    tones = figure.hair
    ball = ellipse(x, y, radius, radius * 0.92)
    gradient = Gradient(
        start=(x, y - radius), end=(x, y + radius), colours=(tones.base, tones.dark)
    )
    brush.shape(ball, tones.base, gradient=gradient, line=tones.line)
    with brush.inside(ball):
        brush.shadow(
            ellipse(x - radius * 0.2, y - radius * 0.42, radius * 0.5, radius * 0.18),
            tones.light,
            190,
        )
        swirl = skia.Path().moveTo(x - radius * 0.5, y + radius * 0.5)
        swirl.quadTo(x - radius * 0.1, y - radius * 0.5, x + radius * 0.6, y)
        brush.crease(swirl, mix(tones.dark, tones.line, 0.4), 0.7)


def _draw_two_side_up(brush: Brush, figure: Figure, rng: Random) -> None:
    del rng
    for side in (-1, 1):
        draw_tail(brush, figure, (side * 0.74, -0.8), side, 0.55)


_TAILS: Final[Mapping[HairStyle, Callable[[Brush, Figure, Random], None]]] = {
    HairStyle.PONYTAIL: _draw_ponytail,
    HairStyle.SIDE_PONYTAIL: _draw_side_ponytail,
    HairStyle.TWINTAILS: _draw_twintails,
    HairStyle.DRILLS: _draw_drills,
    HairStyle.HAIR_BUN: _draw_bun,
    HairStyle.DOUBLE_BUN: _draw_double_bun,
    HairStyle.TWO_SIDE_UP: _draw_two_side_up,
}


def draw_front_braids(brush: Brush, figure: Figure) -> None:
    """Draw braids that fall over the shoulders to the front."""
    style = figure.person.hair.style
    end = tail_end(figure) * 0.92 + 0.25
    with brush.drawing(Part.HAIR):
        if style is HairStyle.TWIN_BRAIDS:
            for side in (-1, 1):
                draw_braid(brush, figure, side * 0.72, 0.72, end, side)
        elif style is HairStyle.SINGLE_BRAID:
            side = tail_side(figure)
            draw_braid(brush, figure, side * 0.62, 0.78, end, side)


def draw_nape(brush: Brush, figure: Figure) -> None:
    """Draw the hair as it is seen from behind: it covers head, neck and back."""
    rng = figure.rng("mane")
    hair, tones = figure.person.hair, figure.hair
    with brush.drawing(Part.HAIR):
        loose = figure.drop(REACH[hair.length] + rng.uniform(-0.05, 0.05))
        end = max(loose, 0.72) if hair.style in LOOSE_STYLES else 0.84
        if figure.faces_away:
            draw_curtain(brush, figure, end, lit=True)
            skull = skia.Path().moveTo(-1.0, 0.32).cubicTo(-1.19, -0.42, -0.98, -1.21, 0.0, -1.21)
            skull.cubicTo(0.98, -1.21, 1.19, -0.42, 1.0, 0.32)
            outline = skia.Path(skull)
            skull.quadTo(0.0, 0.72, -1.0, 0.32).close()
            brush.fill(skull, tones.base)
            brush.stroke(outline, tones.line)
            with brush.inside(skull):
                for x in (-0.55, -0.2, 0.2, 0.55):
                    strand = skia.Path().moveTo(x * 0.3, -1.0).quadTo(x * 1.2, -0.6, x * 1.25, 0.3)
                    brush.crease(strand, mix(tones.dark, tones.line, 0.25), 0.6)
                draw_shine(brush, tones, rng)
        painter = _TAILS.get(hair.style)
        if painter is not None:
            painter(brush, figure, rng)
        if hair.style is HairStyle.TWIN_BRAIDS:
            for side in (-1, 1):
                draw_braid(brush, figure, side * 0.66, 0.62, tail_end(figure) + 0.1, side)
        elif hair.style is HairStyle.SINGLE_BRAID:
            draw_braid(brush, figure, 0.0, 0.55, tail_end(figure) + 0.1, 1)
