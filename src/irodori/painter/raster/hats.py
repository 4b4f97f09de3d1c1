"""Hats and the crown: brim behind the head, dome and front brim before it."""

from typing import Final

import skia

from irodori.painter.palette import INK, RGB, WHITE, Colour, luminance, mix, shade, tint
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, polyline, smooth

STRAW: Final[RGB] = (246, 214, 136)


def draw_hat_brim(brush: Brush, figure: Figure) -> None:
    """Draw the far brim of a round hat."""
    colour = figure.trinket(figure.person.accessory_colour)
    brush.shape(ellipse(0.0, -0.62, 1.5, 0.34), shade(colour, 0.3))


def draw_straw_brim(brush: Brush, figure: Figure) -> None:
    """Draw the far brim of a straw hat."""
    del figure
    brush.shape(ellipse(0.0, -0.60, 1.66, 0.40), shade(STRAW, 0.28))


def draw_witch_brim(brush: Brush, figure: Figure) -> None:
    """Draw the far brim of a witch hat."""
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


def draw_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a round hat with a band."""
    del figure
    _dome(brush, colour, top=-1.72, wide=0.96, base=-0.72)
    _band(brush, colour, y=-0.76, wide=0.95)
    _front_brim(brush, tint(colour, 0.08), wide=1.5, y=-0.66, drop=0.42)


def draw_straw_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a straw hat; its band has the colour."""
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


def draw_witch_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a pointed hat with a bent tip."""
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


def draw_beret(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a beret, aslant."""
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


def draw_baseball_cap(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a cap with its visor to the front."""
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


def draw_top_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a black top hat."""
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


def draw_santa_hat(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a red hat with a white rim and bobble."""
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


def draw_crown(brush: Brush, figure: Figure, colour: RGB) -> None:
    """Draw a golden crown; its stones have the colour."""
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


def accent(colour: RGB) -> RGB:
    """Return a light or dark colour that is seen on the given one."""
    return tint(colour, 0.7) if luminance(colour) < 190 else mix(colour, INK, 0.55)
