"""Hats, ears, ribbons, flowers, horns, halos and wings."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import skia

from irodori.painter.palette import INK, RGB, WHITE, Colour, luminance, mix, outline_of, shade, tint
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.mane import tail_side
from irodori.painter.raster.outline import box, ellipse, polygon, polyline, smooth
from irodori.painter.scene import Accessory, HairStyle

STRAW: Final[RGB] = (246, 214, 136)
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


def _hat_brim(brush: Brush, figure: Figure) -> None:
    colour = figure.trinket(figure.person.accessory_colour)
    brush.shape(ellipse(0.0, -0.62, 1.5, 0.34), shade(colour, 0.3))


def _straw_brim(brush: Brush, figure: Figure) -> None:
    del figure
    brush.shape(ellipse(0.0, -0.60, 1.66, 0.40), shade(STRAW, 0.28))


def _witch_brim(brush: Brush, figure: Figure) -> None:
    colour = _witch_colour(figure)
    brush.shape(ellipse(0.0, -0.66, 1.72, 0.36), shade(colour, 0.3))


def _witch_colour(figure: Figure) -> RGB:
    if figure.person.accessory_colour in {Colour.WHITE, Colour.PINK, Colour.YELLOW}:
        return (78.0, 66.0, 104.0)
    return mix(figure.trinket(figure.person.accessory_colour), (50, 40, 80), 0.25)


def _dome(brush: Brush, colour: RGB, *, top: float, wide: float, base: float) -> skia.Path:
    path = skia.Path().moveTo(-wide, base)
    path.cubicTo(-wide * 1.02, top - 0.1, wide * 1.02, top - 0.1, wide, base)
    path.quadTo(0.0, base + 0.22, -wide, base).close()
    gradient = Gradient(
        start=(0, top), end=(0, base), colours=(tint(colour, 0.12), colour, shade(colour, 0.18))
    )
    brush.shape(path, colour, gradient=gradient)
    return path


def _front_brim(brush: Brush, colour: RGB, *, wide: float, y: float, drop: float) -> None:
    path = skia.Path().moveTo(-wide, y)
    path.cubicTo(-wide * 0.6, y + drop, wide * 0.6, y + drop, wide, y)
    path.cubicTo(wide * 0.62, y + drop * 0.28, -wide * 0.62, y + drop * 0.28, -wide, y).close()
    brush.shape(path, colour)


def _hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    _dome(brush, colour, top=-1.72, wide=0.96, base=-0.72)
    _band(brush, colour, y=-0.76, wide=0.95)
    _front_brim(brush, tint(colour, 0.08), wide=1.5, y=-0.66, drop=0.42)


def _straw_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    path = _dome(brush, STRAW, top=-1.66, wide=0.96, base=-0.70)
    with brush.inside(path):
        for y in (-1.34, -1.14):
            brush.crease(
                skia.Path().moveTo(-1, y + 0.1).quadTo(0, y + 0.25, 1, y + 0.1),
                shade(STRAW, 0.25),
                0.6,
            )
    _band(brush, colour, y=-0.76, wide=0.95, of=colour)
    _front_brim(brush, tint(STRAW, 0.1), wide=1.66, y=-0.64, drop=0.46)


def _band(brush: Brush, colour: RGB, *, y: float, wide: float, of: RGB | None = None) -> None:
    band = of or (tint(colour, 0.7) if luminance(colour) < 190 else (214.0, 84.0, 100.0))
    path = skia.Path().moveTo(-wide, y - 0.12).quadTo(0, y + 0.14, wide, y - 0.12)
    path.lineTo(wide, y + 0.08).quadTo(0, y + 0.34, -wide, y + 0.08).close()
    brush.shape(path, band, weight=0.85)


def _witch_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    del colour
    colour = _witch_colour(figure)
    side = figure.rng("hat").choice((-1, 1))
    cone = skia.Path().moveTo(-0.94, -0.72)
    cone.cubicTo(-0.7, -1.3, -0.3 * side - 0.3, -1.9, 0.62 * side, -2.15)
    cone.cubicTo(0.3 * side + 0.2, -1.75, 0.75, -1.3, 0.94, -0.72)
    cone.quadTo(0, -0.50, -0.94, -0.72).close()
    brush.shape(
        cone,
        colour,
        gradient=Gradient(
            start=(-0.9, 0), end=(0.9, 0), colours=(tint(colour, 0.12), shade(colour, 0.15))
        ),
    )
    _band(
        brush,
        colour,
        y=-0.76,
        wide=0.93,
        of=(244.0, 200.0, 84.0) if luminance(colour) < 150 else (110.0, 70.0, 150.0),
    )
    _front_brim(brush, tint(colour, 0.06), wide=1.72, y=-0.70, drop=0.48)


def _beret(brush: Brush, figure: Figure, colour: RGB) -> None:
    side = figure.rng("hat").choice((-1, 1))
    with brush.placed(side * 0.14, -0.98, turn=side * 10):
        cap = smooth(
            [
                (-0.98, 0.12),
                (-1.06, -0.18),
                (-0.5, -0.52),
                (0.2, -0.56),
                (0.96, -0.26),
                (0.98, 0.12),
                (0.0, 0.30),
            ]
        )
        gradient = Gradient(
            start=(0, -0.5), end=(0, 0.3), colours=(tint(colour, 0.12), colour, shade(colour, 0.22))
        )
        brush.shape(cap, colour, gradient=gradient)
        brush.shape(ellipse(0.0, -0.58, 0.08, 0.10), colour, weight=0.9)


def _baseball_cap(brush: Brush, figure: Figure, colour: RGB) -> None:
    _dome(brush, colour, top=-1.50, wide=1.02, base=-0.58)
    if figure.faces_away:
        return
    brush.shape(
        smooth(
            [
                (-0.78, -0.60),
                (0.0, -0.76),
                (0.78, -0.60),
                (0.70, -0.34),
                (0.0, -0.26),
                (-0.70, -0.34),
            ]
        ),
        shade(colour, 0.16),
    )
    brush.fill(ellipse(0.0, -0.98, 0.17, 0.15), accent(colour))


def _top_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure, colour
    black = (64.0, 58.0, 76.0)
    tube = (
        skia.Path()
        .moveTo(-0.72, -0.78)
        .lineTo(-0.80, -1.86)
        .quadTo(0, -2.0, 0.80, -1.86)
        .lineTo(0.72, -0.78)
        .quadTo(0, -0.6, -0.72, -0.78)
        .close()
    )
    brush.shape(tube, black)
    _band(brush, black, y=-0.92, wide=0.74, of=(214.0, 60.0, 72.0))
    _front_brim(brush, tint(black, 0.1), wide=1.2, y=-0.74, drop=0.34)


def _santa_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    del colour
    red = (222.0, 50.0, 58.0)
    side = figure.rng("hat").choice((-1, 1))
    cone = (
        skia.Path()
        .moveTo(-0.94 * side, -0.74)
        .cubicTo(-0.8 * side, -1.6, 0.5 * side, -2.1, 1.3 * side, -1.18)
    )
    cone.cubicTo(0.95 * side, -1.3, 0.9 * side, -1.1, 0.94 * side, -0.74).close()
    brush.shape(cone, red)
    brush.shape(ellipse(1.32 * side, -1.08, 0.2, 0.2), WHITE, line=(150, 150, 170))
    brush.shape(
        smooth(
            [
                (-1.06, -0.74),
                (0.0, -0.88),
                (1.06, -0.74),
                (1.08, -0.50),
                (0.0, -0.62),
                (-1.08, -0.50),
            ]
        ),
        WHITE,
        line=(150, 150, 170),
    )


def _crown(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    gold = (250.0, 206.0, 72.0)
    points = [
        (-0.54, -0.98),
        (-0.62, -1.52),
        (-0.30, -1.24),
        (0.0, -1.64),
        (0.30, -1.24),
        (0.62, -1.52),
        (0.54, -0.98),
    ]
    path = polyline(*points).quadTo(0, -0.84, -0.54, -0.98).close()
    brush.shape(
        path,
        gold,
        gradient=Gradient(
            start=(0, -1.6), end=(0, -0.9), colours=(tint(gold, 0.35), gold, shade(gold, 0.2))
        ),
    )
    brush.shape(ellipse(0.0, -1.10, 0.1, 0.1), colour, weight=0.8)
    for side in (-1, 1):
        brush.fill(ellipse(side * 0.36, -1.11, 0.06, 0.06), colour)


def _headphones(brush: Brush, figure: Figure, colour: RGB) -> None:
    del figure
    band = skia.Path().moveTo(-1.06, -0.1).cubicTo(-1.2, -1.72, 1.2, -1.72, 1.06, -0.1)
    brush.stroke(band, outline_of(colour), 4.6)
    brush.stroke(band, colour, 2.8)
    for side in (-1, 1):
        brush.shape(box(side * 1.08 - 0.19, -0.16, side * 1.08 + 0.19, 0.50, 0.15), colour)
        brush.fill(ellipse(side * 1.1, 0.17, 0.09, 0.16), accent(colour))


def accent(colour: RGB) -> RGB:
    """Return a light or dark colour that is seen on the given one."""
    return tint(colour, 0.7) if luminance(colour) < 190 else mix(colour, INK, 0.55)


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
    Accessory.HAT: _hat_brim,
    Accessory.STRAW_HAT: _straw_brim,
    Accessory.WITCH_HAT: _witch_brim,
}
_ON: Final[Mapping[Accessory, Callable[[Brush, Figure, RGB], None]]] = {
    Accessory.HAIR_RIBBON: _hair_ribbon,
    Accessory.HAIR_BOW: _hair_bow,
    Accessory.HAIR_FLOWER: _hair_flower,
    Accessory.HAIRBAND: _hairband,
    Accessory.HAIRCLIP: _hairclip,
    Accessory.HAT: _hat,
    Accessory.STRAW_HAT: _straw_hat,
    Accessory.WITCH_HAT: _witch_hat,
    Accessory.BERET: _beret,
    Accessory.BASEBALL_CAP: _baseball_cap,
    Accessory.TOP_HAT: _top_hat,
    Accessory.SANTA_HAT: _santa_hat,
    Accessory.CROWN: _crown,
    Accessory.HEADPHONES: _headphones,
}
