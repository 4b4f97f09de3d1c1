"""Cats, dogs, birds and rabbits, in the coordinates of a head of radius 1."""

from random import Random

import skia

from irodori.painter.palette import (
    HAIR_RGB,
    INK,
    RGB,
    WHITE,
    Colour,
    luminance,
    mix,
    outline_of,
    shade,
    tint,
    vary,
)
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.outline import Point, ellipse, limb, polygon, smooth
from irodori.painter.scene import Animal, Species

_FUR: dict[Colour, RGB] = {
    **HAIR_RGB,
    Colour.BLACK: (70, 66, 82),
    Colour.WHITE: (250, 248, 246),
    Colour.YELLOW: (252, 218, 92),
    Colour.BROWN: (176, 122, 80),
    Colour.BLUE: (100, 160, 236),
}
INNER_EAR: RGB = (255, 180, 188)


def draw_animal(brush: Brush, animal: Animal, rng: Random) -> None:
    """Draw a sitting animal; its head's centre is the origin, its feet are at 2.15."""
    fur = vary(_FUR[animal.colour], rng)
    with brush.drawing(Part.ANIMAL):
        match animal.species:
            case Species.CAT:
                _cat(brush, fur, rng)
            case Species.DOG:
                _dog(brush, fur, rng)
            case Species.RABBIT:
                _rabbit(brush, fur)
            case Species.BIRD:
                _bird(brush, fur)


def _body(brush: Brush, fur: RGB, belly: RGB) -> None:
    body = smooth(
        [
            (-0.5, 0.5),
            (0.5, 0.5),
            (0.80, 1.3),
            (0.74, 2.02),
            (0.0, 2.14),
            (-0.74, 2.02),
            (-0.80, 1.3),
        ]
    )
    gradient = Gradient(start=(0, 0.5), end=(0, 2.2), colours=(fur, fur, shade(fur, 0.16)))
    brush.shape(body, fur, gradient=gradient)
    brush.fill(smooth([(-0.28, 0.7), (0.28, 0.7), (0.34, 1.3), (0.0, 1.62), (-0.34, 1.3)]), belly)
    for side in (-1, 1):
        paw = limb([(side * 0.24, 1.35), (side * 0.24, 2.02)], [0.17, 0.17], cap=0.6)
        brush.shape(paw, fur, weight=0.85)


def _eyes(brush: Brush, y: float, colour: RGB, *, slit: bool) -> None:
    for side in (-1, 1):
        brush.fill(ellipse(side * 0.38, y, 0.17, 0.21), colour)
        brush.stroke(ellipse(side * 0.38, y, 0.17, 0.21), INK, 0.8)
        brush.fill(ellipse(side * 0.38, y, 0.07 if slit else 0.12, 0.16), (34, 26, 42))
        brush.fill(ellipse(side * 0.38 - 0.05, y - 0.07, 0.055, 0.065), WHITE)


def _muzzle(brush: Brush, fur: RGB, nose: RGB, y: float) -> None:
    line = (240.0, 226.0, 226.0) if luminance(fur) < 110 else (92.0, 62.0, 66.0)
    brush.fill(smooth([(-0.09, y - 0.05), (0.09, y - 0.05), (0.0, y + 0.06)]), nose)
    mouth = skia.Path().moveTo(-0.19, y + 0.13).quadTo(-0.09, y + 0.24, 0.0, y + 0.1)
    brush.stroke(mouth.quadTo(0.09, y + 0.24, 0.19, y + 0.13), line, 0.9)


def _cat(brush: Brush, fur: RGB, rng: Random) -> None:
    tail = limb([(0.60, 1.92), (1.15, 1.75), (1.28, 1.1), (1.05, 0.75)], [0.15, 0.15, 0.14, 0.13])
    brush.shape(tail, fur)
    _body(brush, fur, tint(fur, 0.3))
    for side in (-1, 1):
        ear = [(side * 0.16, -0.55), (side * 0.74, -1.16), (side * 0.92, -0.10)]
        brush.shape(polygon(*ear), fur)
        brush.fill(_inset(ear, 0.56), INNER_EAR)
    brush.shape(ellipse(0, 0, 0.95, 0.76), fur)
    _eyes(brush, 0.0, rng.choice(((252, 214, 84), (120, 200, 130), (110, 180, 240))), slit=True)
    _muzzle(brush, fur, (240, 132, 146), 0.24)
    whisker = (240.0, 230.0, 230.0) if luminance(fur) < 110 else (120.0, 96.0, 100.0)
    for side in (-1, 1):
        for dy in (0.24, 0.36):
            brush.crease(
                skia.Path()
                .moveTo(side * 0.56, dy)
                .lineTo(side * 1.06, dy + (dy - 0.3) * 0.6 - 0.02),
                whisker,
                0.55,
            )


def _dog(brush: Brush, fur: RGB, rng: Random) -> None:
    tail = limb([(0.62, 1.9), (1.1, 1.6), (1.15, 1.2)], [0.2, 0.19, 0.12])
    brush.shape(tail, fur)
    _body(brush, fur, tint(fur, 0.45))
    collar = rng.choice(((214, 56, 62), (72, 116, 214)))
    brush.shape(ellipse(0, 0, 0.90, 0.80), fur)
    brush.fill(ellipse(0, 0.36, 0.44, 0.36), tint(fur, 0.5))
    for side in (-1, 1):
        ear = smooth(
            [
                (side * 0.52, -0.72),
                (side * 0.92, -0.62),
                (side * 1.14, 0.2),
                (side * 0.92, 0.42),
                (side * 0.72, -0.1),
            ]
        )
        brush.shape(ear, shade(fur, 0.24))
    _eyes(brush, -0.06, (92, 60, 48), slit=False)
    brush.shape(ellipse(0.0, 0.22, 0.15, 0.11), (62, 50, 60), weight=0.6)
    _muzzle(brush, WHITE, (62, 50, 60), 0.27)
    tongue = smooth([(-0.1, 0.48), (0.1, 0.48), (0.08, 0.68), (-0.08, 0.68)])
    brush.shape(tongue, (248, 124, 134), weight=0.7)
    brush.stroke(
        skia.Path().moveTo(-0.5, 0.82).quadTo(0.0, 0.98, 0.5, 0.82), outline_of(collar), 3.6
    )
    brush.stroke(skia.Path().moveTo(-0.5, 0.82).quadTo(0.0, 0.98, 0.5, 0.82), collar, 2.4)


def _rabbit(brush: Brush, fur: RGB) -> None:
    _body(brush, fur, tint(fur, 0.4))
    for side in (-1, 1):
        with brush.placed(side * 0.34, -0.5, turn=side * 12):
            brush.shape(
                smooth([(-0.18, 0.1), (-0.22, -0.6), (0.0, -1.15), (0.22, -0.6), (0.18, 0.1)]), fur
            )
            brush.fill(
                smooth([(-0.08, 0.0), (-0.11, -0.55), (0.0, -0.92), (0.11, -0.55), (0.08, 0.0)]),
                INNER_EAR,
            )
    brush.shape(ellipse(0, 0, 0.86, 0.74), fur)
    _eyes(brush, -0.02, (186, 48, 66), slit=False)
    _muzzle(brush, fur, (240, 132, 146), 0.24)
    for side in (-1, 1):
        brush.shadow(ellipse(side * 0.56, 0.28, 0.15, 0.09), (255, 170, 180), 170)


def _bird(brush: Brush, fur: RGB) -> None:
    for side in (-1, 1):
        leg = (
            skia.Path().moveTo(side * 0.26, 1.7).lineTo(side * 0.26, 2.1).lineTo(side * 0.46, 2.14)
        )
        brush.stroke(leg, (196, 126, 56), 1.8)
    tail = polygon((0.5, 1.3), (1.25, 1.9), (0.9, 2.0), (0.3, 1.7))
    brush.shape(tail, shade(fur, 0.25))
    body = smooth(
        [
            (-0.72, -0.2),
            (0.0, -0.86),
            (0.72, -0.2),
            (0.95, 0.8),
            (0.6, 1.6),
            (0.0, 1.8),
            (-0.6, 1.6),
            (-0.95, 0.8),
        ]
    )
    brush.shape(body, fur)
    brush.fill(ellipse(0.0, 1.0, 0.56, 0.68), mix(fur, (255, 252, 240), 0.65))
    for side in (-1, 1):
        wing = smooth(
            [(side * 0.62, 0.45), (side * 1.05, 0.7), (side * 1.08, 1.35), (side * 0.7, 1.5)]
        )
        brush.shape(wing, shade(fur, 0.18))
    _eyes(brush, -0.04, (40, 32, 46), slit=False)
    beak = polygon((-0.22, 0.2), (0.22, 0.2), (0.0, 0.5))
    brush.shape(beak, (250, 166, 64), weight=0.9)


def _inset(points: list[Point], scale: float) -> skia.Path:
    x = sum(p[0] for p in points) / len(points)
    y = sum(p[1] for p in points) / len(points)
    return polygon(*((x + (px - x) * scale, y + (py - y) * scale) for px, py in points))
