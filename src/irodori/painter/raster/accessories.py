"""Hats, ears, ribbons, flowers, horns, halos and wings."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, luminance, mix, outline_of, shade
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.hats import (
    accent,
    draw_baseball_cap,
    draw_beret,
    draw_crown,
    draw_hat,
    draw_hat_brim,
    draw_santa_hat,
    draw_straw_brim,
    draw_straw_hat,
    draw_top_hat,
    draw_witch_brim,
    draw_witch_hat,
)
from irodori.painter.raster.mane import tail_side
from irodori.painter.raster.outline import box, ellipse, polygon, polyline, smooth
from irodori.painter.scene import Accessory, HairStyle

PINK_INNER: Final[RGB] = (255, 178, 190)
_TIED: Final[Mapping[HairStyle, tuple[tuple[float, float], ...]]] = {
    HairStyle.TWINTAILS: ((-0.88, -0.58), (0.88, -0.58)),
    HairStyle.TWO_SIDE_UP: ((-0.76, -0.82), (0.76, -0.82)),
    HairStyle.DRILLS: ((-1.04, -0.40), (1.04, -0.40)),
}


def draw_wings(brush: Brush, figure: Figure) -> None:
    """Draw a pair of feathered wings at the shoulder blades."""
    colour = WHITE if figure.rng("wings").random() < 0.75 else (78.0, 70.0, 96.0)
    line = outline_of(mix(colour, (160, 170, 215), 0.5))
    with brush.drawing(Part.ACCESSORY):
        for side in (-1, 1):
            path = skia.Path().moveTo(side * 0.30, 1.55)
            path.cubicTo(side * 0.9, 0.9, side * 1.5, 0.55, side * 2.05, 0.62)
            for x, y, cx, cy in (
                (1.86, 1.10, 2.06, 0.95),
                (1.60, 1.48, 1.84, 1.38),
                (1.26, 1.80, 1.52, 1.74),
                (0.86, 2.00, 1.12, 2.02),
                (0.40, 1.95, 0.62, 2.08),
            ):
                path.quadTo(side * cx, cy + 0.06, side * x, y)
            path.close()
            gradient = Gradient(
                start=(0, 0.6), end=(0, 2.0), colours=(colour, mix(colour, (176, 188, 232), 0.4))
            )
            brush.shape(path, colour, line=line, gradient=gradient)
            for x, y in ((1.60, 1.02), (1.34, 1.32), (1.04, 1.56)):
                brush.crease(polyline((side * (x - 0.5), y - 0.08), (side * x, y)), line, 0.6)


def draw_ties(brush: Brush, figure: Figure) -> None:
    """Draw what holds tied hair together: ribbons where they are worn, else plain bands."""
    style = figure.person.hair.style
    places: tuple[tuple[float, float], ...] = _TIED.get(style, ())
    if style is HairStyle.PONYTAIL:
        places = ((tail_side(figure) * 0.46, -1.02),)
    elif style is HairStyle.SIDE_PONYTAIL:
        places = ((tail_side(figure) * 0.94, -0.36),)
    if figure.from_side and places:
        high = style in {HairStyle.PONYTAIL, HairStyle.TWO_SIDE_UP}
        places = ((-0.62, -0.84),) if high else ((-0.76, -0.38),)
    colour = figure.trinket(figure.person.accessory_colour)
    with brush.drawing(Part.ACCESSORY):
        for x, y in places:
            if figure.person.accessory is Accessory.HAIR_RIBBON:
                draw_bow(brush, x, y, 0.30, colour, tails=True)
            else:
                brush.shape(ellipse(x, y, 0.13, 0.15), colour, weight=0.9)


def draw_bow(brush: Brush, x: float, y: float, size: float, colour: RGB, *, tails: bool) -> None:
    """Draw a bow around (x, y), `size` from knot to the end of a loop."""
    line = outline_of(colour)
    if tails:
        for side in (-1, 1):
            tail = polygon(
                (x, y),
                (x + side * size * 0.35, y),
                (x + side * size * 0.8, y + size * 1.4),
                (x + side * size * 0.3, y + size * 1.2),
            )
            brush.shape(tail, shade(colour, 0.1), line=line, weight=0.85)
    for side in (-1, 1):
        loop = smooth(
            [
                (x, y),
                (x + side * size * 0.7, y - size * 0.62),
                (x + side * size * 1.1, y - size * 0.3),
                (x + side * size * 1.02, y + size * 0.42),
                (x + side * size * 0.6, y + size * 0.48),
            ]
        )
        brush.shape(loop, colour, line=line, weight=0.9)
        brush.crease(
            polyline((x + side * size * 0.2, y), (x + side * size * 0.62, y - size * 0.12)),
            shade(colour, 0.4),
            0.7,
        )
    brush.shape(ellipse(x, y, size * 0.28, size * 0.3), shade(colour, 0.14), line=line, weight=0.9)


def draw_behind_head(brush: Brush, figure: Figure) -> None:
    """Draw accessories that the crown overlaps: ears, horns, a halo, a hat's far brim."""
    painter = _BEHIND.get(figure.person.accessory) if figure.person.accessory else None
    if painter is not None:
        with brush.drawing(Part.ACCESSORY):
            painter(brush, figure)


def draw_on_head(brush: Brush, figure: Figure) -> None:
    """Draw accessories that lie on the hair."""
    painter = _ON.get(figure.person.accessory) if figure.person.accessory else None
    if painter is not None:
        with brush.drawing(Part.ACCESSORY):
            painter(brush, figure, figure.trinket(figure.person.accessory_colour))


def _cat_ears(brush: Brush, figure: Figure) -> None:
    _pointed_ears(brush, figure, width=0.44, tip=(0.98, -1.62))


def _fox_ears(brush: Brush, figure: Figure) -> None:
    _pointed_ears(brush, figure, width=0.58, tip=(0.92, -1.92))


def _pointed_ears(brush: Brush, figure: Figure, *, width: float, tip: tuple[float, float]) -> None:
    tones = figure.hair
    inner = PINK_INNER if width < 0.5 else (255.0, 246.0, 240.0)
    for side in (-1, 1):
        inner_x, outer_x = 0.66 - width * 0.75, 0.66 + width * 0.75
        path = (
            skia.Path()
            .moveTo(side * inner_x, -0.92)
            .quadTo(side * (inner_x + 0.2), -1.44, side * tip[0], tip[1])
            .quadTo(side * (outer_x + 0.12), -1.1, side * outer_x, -0.5)
            .close()
        )
        brush.shape(path, tones.base, line=tones.line)
        if not figure.faces_away:
            centre_x, centre_y = (inner_x + outer_x) / 2, -0.84
            with (
                brush.placed(side * centre_x, centre_y, scale=0.58),
                brush.placed(-side * centre_x, -centre_y),
            ):
                brush.fill(path, inner)


def _rabbit_ears(brush: Brush, figure: Figure) -> None:
    white = (252.0, 250.0, 252.0)
    for side in (-1, 1):
        with brush.placed(side * 0.42, -0.95, turn=side * 14):
            ear = smooth(
                [
                    (-0.18, 0.1),
                    (-0.24, -0.55),
                    (-0.12, -1.12),
                    (0.06, -1.16),
                    (0.22, -0.6),
                    (0.18, 0.1),
                ]
            )
            brush.shape(ear, white, line=(128, 112, 138))
            if not figure.faces_away:
                brush.fill(
                    smooth(
                        [
                            (-0.08, 0.0),
                            (-0.12, -0.5),
                            (-0.04, -0.94),
                            (0.03, -0.94),
                            (0.11, -0.5),
                            (0.08, 0.0),
                        ]
                    ),
                    PINK_INNER,
                )


def _horns(brush: Brush, figure: Figure) -> None:
    dark = figure.rng("horns").choice(
        ((74.0, 62.0, 82.0), (222.0, 70.0, 76.0), (240.0, 228.0, 206.0))
    )
    for side in (-1, 1):
        path = (
            skia.Path()
            .moveTo(side * 0.40, -1.0)
            .cubicTo(side * 0.42, -1.45, side * 0.78, -1.56, side * 0.98, -1.82)
            .cubicTo(side * 1.12, -1.40, side * 0.98, -1.05, side * 0.76, -0.82)
            .close()
        )
        brush.shape(path, dark)
        brush.crease(polyline((side * 0.52, -1.22), (side * 0.92, -1.12)), shade(dark, 0.35), 0.7)
        brush.crease(polyline((side * 0.66, -1.42), (side * 1.0, -1.34)), shade(dark, 0.35), 0.7)


def _halo(brush: Brush, figure: Figure) -> None:
    del figure
    ring = ellipse(0.0, -1.30, 0.68, 0.16)
    brush.stroke(ring, (206, 158, 54), 4.4)
    brush.stroke(ring, (255, 232, 120), 2.9)


def _headphones(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    band = skia.Path().moveTo(-1.06, -0.1).cubicTo(-1.2, -1.72, 1.2, -1.72, 1.06, -0.1)
    brush.stroke(band, outline_of(colour), 4.6)
    brush.stroke(band, colour, 2.8)
    for side in (-1, 1):
        brush.shape(box(side * 1.08 - 0.19, -0.16, side * 1.08 + 0.19, 0.50, 0.15), colour)
        brush.fill(ellipse(side * 1.1, 0.17, 0.09, 0.16), accent(colour))


def _hair_ribbon(brush: Brush, figure: Figure, colour: RGB) -> None:
    if figure.person.hair.style in _TIED or figure.person.hair.style in {
        HairStyle.PONYTAIL,
        HairStyle.SIDE_PONYTAIL,
    }:
        return  # worn where the hair is tied, see draw_ties
    draw_bow(brush, _ornament_x(figure, 0.84), -0.50, 0.32, colour, tails=True)


def _ornament_x(figure: Figure, distance: float) -> float:
    """Return where a one-sided ornament sits: left or right, or on the near side in profile."""
    if figure.from_side:
        return -0.25
    return figure.rng("ornament").choice((-1, 1)) * distance


def _hair_bow(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    draw_bow(brush, 0.0, -1.20, 0.56, colour, tails=False)


def _hair_flower(brush: Brush, figure: Figure, colour: RGB) -> None:
    x, y = _ornament_x(figure, 0.80), -0.56
    for i in range(5):
        angle = math.radians(72 * i - 90)
        petal = ellipse(x + math.cos(angle) * 0.20, y + math.sin(angle) * 0.20, 0.17, 0.17)
        brush.shape(petal, colour, weight=0.8)
    centre = (
        (252.0, 214.0, 84.0)
        if luminance(colour) > 205 or colour[1] < 200
        else (250.0, 250.0, 240.0)
    )
    brush.shape(ellipse(x, y, 0.12, 0.12), centre, weight=0.8)


def _hairband(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    band = skia.Path().moveTo(-1.04, -0.36).cubicTo(-0.92, -1.16, 0.92, -1.16, 1.04, -0.36)
    brush.stroke(band, outline_of(colour), 4.8)
    brush.stroke(band, colour, 3.2)


def _hairclip(brush: Brush, figure: Figure, colour: RGB) -> None:
    if figure.faces_away:
        return
    side = -1 if figure.from_side else figure.rng("ornament").choice((-1, 1))
    near = 0.10 if figure.from_side else 0.62
    for k in (0, 1):
        with brush.placed(side * (near + 0.05 * k), -0.34 + 0.15 * k, turn=side * 24):
            brush.shape(box(-0.19, -0.05, 0.19, 0.05, 0.04), colour, weight=0.8)


_BEHIND: Final[Mapping[Accessory, Callable[[Brush, Figure], None]]] = {
    Accessory.CAT_EARS: _cat_ears,
    Accessory.FOX_EARS: _fox_ears,
    Accessory.RABBIT_EARS: _rabbit_ears,
    Accessory.HORNS: _horns,
    Accessory.HALO: _halo,
    Accessory.HAT: draw_hat_brim,
    Accessory.STRAW_HAT: draw_straw_brim,
    Accessory.WITCH_HAT: draw_witch_brim,
}
_ON: Final[Mapping[Accessory, Callable[[Brush, Figure, RGB], None]]] = {
    Accessory.HAIR_RIBBON: _hair_ribbon,
    Accessory.HAIR_BOW: _hair_bow,
    Accessory.HAIR_FLOWER: _hair_flower,
    Accessory.HAIRBAND: _hairband,
    Accessory.HAIRCLIP: _hairclip,
    Accessory.HAT: draw_hat,
    Accessory.STRAW_HAT: draw_straw_hat,
    Accessory.WITCH_HAT: draw_witch_hat,
    Accessory.BERET: draw_beret,
    Accessory.BASEBALL_CAP: draw_baseball_cap,
    Accessory.TOP_HAT: draw_top_hat,
    Accessory.SANTA_HAT: draw_santa_hat,
    Accessory.CROWN: draw_crown,
    Accessory.HEADPHONES: _headphones,
}
