"""Places under a roof: a classroom, a bedroom, a library."""

from random import Random
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, mix, shade, tint, vary
from irodori.painter.raster.backdrop import Stage, wash
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.outline import box, polygon, polyline
from irodori.painter.scene import Background, Place

WOOD: Final[RGB] = (190, 142, 100)
BOOKS: Final[tuple[RGB, ...]] = (
    (206, 84, 84),
    (84, 124, 204),
    (94, 172, 112),
    (240, 206, 112),
    (164, 104, 192),
)


def draw_interior(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    """Draw a room: wall, floor and the furniture that names it."""
    match background.place:
        case Place.CLASSROOM:
            _classroom(brush, stage, rng)
        case Place.BEDROOM:
            _bedroom(brush, stage, rng)
        case _:
            _library(brush, stage, rng)


def _room(brush: Brush, stage: Stage, wall: RGB, floor: RGB) -> float:
    line = stage.height * 0.84
    wash(brush, stage, (tint(wall, 0.2), wall))
    brush.shape(
        box(stage.left - 9, line, stage.right + 9, stage.bottom + 9),
        floor,
        weight=0.7,
        line=shade(floor, 0.35),
    )
    return line


def _window(brush: Brush, stage: Stage, x: float, y: float, wide: float, high: float) -> None:
    frame = (250.0, 250.0, 250.0)
    brush.shape(
        box(x - wide * 0.06, y - high * 0.05, x + wide * 1.06, y + high * 1.05),
        frame,
        weight=0.7,
        line=(170, 160, 170),
    )
    gradient = Gradient(start=(0, y), end=(0, y + high), colours=((136, 196, 250), (222, 242, 255)))
    brush.fill(box(x, y, x + wide, y + high), (180, 220, 255), gradient=gradient)
    bar = stage.unit * 0.018 / brush.line
    brush.stroke(polyline((x + wide / 2, y), (x + wide / 2, y + high)), frame, bar)
    brush.stroke(polyline((x, y + high / 2), (x + wide, y + high / 2)), frame, bar)


def _classroom(brush: Brush, stage: Stage, rng: Random) -> None:
    floor = _room(brush, stage, vary((248, 238, 214), rng), vary(WOOD, rng))
    unit = stage.unit
    left = stage.width * 0.5 - unit * rng.uniform(0.46, 0.56)
    board = box(left, stage.height * 0.14, left + unit * 1.0, stage.height * 0.14 + unit * 0.42)
    brush.shape(board, (66, 118, 96), line=(150, 106, 72), weight=unit * 0.02 / brush.line)
    for k in (0.12, 0.24):
        y = stage.height * 0.14 + unit * k
        line = polyline((left + unit * 0.06, y), (left + unit * rng.uniform(0.2, 0.34), y))
        brush.crease(line, (222, 240, 230), unit * 0.012 / brush.line)
    for x in (0.04, 0.70):
        desk = stage.width * x
        top = floor - unit * 0.10
        brush.shape(
            box(desk, top, desk + unit * 0.28, top + unit * 0.045), tint(WOOD, 0.25), weight=0.7
        )
        for leg in (0.03, 0.23):
            brush.shape(
                box(
                    desk + unit * leg,
                    top + unit * 0.045,
                    desk + unit * (leg + 0.025),
                    floor + unit * 0.1,
                ),
                (150, 156, 172),
                weight=0.6,
            )


def _bedroom(brush: Brush, stage: Stage, rng: Random) -> None:
    wall = vary(
        rng.choice(((252, 226, 232), (226, 230, 250), (250, 240, 214), (226, 244, 232))), rng
    )
    floor = _room(brush, stage, wall, vary((214, 172, 130), rng))
    unit = stage.unit
    window_right = rng.random() < 0.5
    x = stage.width * (0.68 if window_right else 0.04)
    high = unit * 0.40
    _window(brush, stage, x, stage.height * 0.12, unit * 0.28, high)
    curtain = vary((244, 150, 166), rng)
    for side in (0, 1):
        cx = x + unit * (0.28 * side)
        cloth = polygon(
            (cx - unit * 0.05, stage.height * 0.08),
            (cx + unit * 0.05, stage.height * 0.08),
            (cx + unit * 0.07, stage.height * 0.12 + high * 1.12),
            (cx - unit * 0.07, stage.height * 0.12 + high * 1.12),
        )
        brush.shape(cloth, curtain, weight=0.7)
    bed = stage.width * (0.02 if window_right else 0.56)
    wide = unit * 0.42
    quilt = vary(rng.choice(((130, 170, 236), (244, 166, 190), (170, 210, 150))), rng)
    brush.shape(
        box(bed, floor - unit * 0.30, bed + unit * 0.04, floor + unit * 0.06, unit * 0.012),
        shade(WOOD, 0.1),
        weight=0.7,
    )
    brush.shape(
        box(bed + unit * 0.04, floor - unit * 0.13, bed + wide, floor + unit * 0.05, unit * 0.02),
        quilt,
        weight=0.7,
    )
    brush.shape(
        box(
            bed + unit * 0.05,
            floor - unit * 0.20,
            bed + unit * 0.17,
            floor - unit * 0.11,
            unit * 0.03,
        ),
        WHITE,
        weight=0.7,
        line=(150, 150, 180),
    )


def _library(brush: Brush, stage: Stage, rng: Random) -> None:
    floor = _room(brush, stage, vary((238, 218, 190), rng), vary((160, 112, 80), rng))
    unit = stage.unit
    shelf = (150.0, 102.0, 70.0)
    x = stage.left - unit * rng.uniform(0, 0.2)
    while x < stage.right:
        wide = unit * 0.52
        brush.shape(box(x, stage.top - 9, x + wide, floor), shelf, weight=0.8)
        step = unit * 0.24
        y = floor - step
        while y > stage.top - step:
            brush.fill(
                box(x + wide * 0.06, y + step * 0.08, x + wide * 0.94, y + step * 0.92),
                mix(shelf, (40, 24, 30), 0.45),
            )
            left = x + wide * 0.08
            while left < x + wide * 0.84:
                thick = unit * rng.uniform(0.032, 0.052)
                top = y + step * rng.uniform(0.16, 0.34)
                brush.fill(box(left, top, left + thick, y + step * 0.92), rng.choice(BOOKS))
                left += thick + unit * 0.004
            y -= step
        x += wide + unit * 0.04


def draw_stool(brush: Brush, y: float) -> None:
    """Draw what a sitting person sits on; in figure coordinates, its seat at `y`."""
    seat = (196.0, 150.0, 110.0)
    for side in (-1, 1):
        leg = polygon(
            (side * 0.62, y), (side * 0.76, y), (side * 0.82, y + 1.1), (side * 0.68, y + 1.1)
        )
        brush.shape(leg, shade(seat, 0.15))
    top = skia.Path().addRoundRect(skia.Rect.MakeLTRB(-0.92, y - 0.06, 0.92, y + 0.18), 0.08, 0.08)
    brush.shape(top, seat)
