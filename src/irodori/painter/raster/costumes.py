"""Garments that are a whole look: sailor uniform, kimono, armour, dresses, apron."""

from irodori.painter.palette import RGB, WHITE, Colour, luminance, mix, outline_of, shade, tint
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, mirrored, polygon, polyline, smooth
from irodori.painter.raster.torso import GOLD, SAILOR_BLUE, STEEL, accent_of, draw_folds, draw_torso


def collar_colour(figure: Figure) -> RGB:
    """Return the colour of collar and cuffs: navy on white, red on black."""
    return SAILOR_BLUE if figure.person.outfit.colour is Colour.WHITE else (206, 62, 74)


def draw_serafuku(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw a sailor uniform: collar with a stripe, neckerchief."""
    draw_torso(brush, figure, cloth)
    collar = collar_colour(figure)
    stripe = WHITE
    if figure.from_behind:
        back = polygon(
            (-0.56, 1.2), (-0.3, 1.1), (0.3, 1.1), (0.56, 1.2), (0.52, 1.78), (-0.52, 1.78)
        )
        brush.shape(back, collar)
        brush.crease(polyline((-0.44, 1.3), (-0.42, 1.68), (0.42, 1.68), (0.44, 1.3)), stripe, 1.0)
        return
    for side in (-1, 1):
        half = polygon(
            (0.0, 1.70),
            (side * 0.20, 1.14),
            (side * 0.44, 1.18),
            (side * 0.58, 1.34),
            (side * 0.50, 1.62),
        )
        brush.shape(half, collar)
        brush.crease(
            polyline((side * 0.07, 1.64), (side * 0.43, 1.54), (side * 0.48, 1.36)), stripe, 1.0
        )
    knot = (214.0, 56.0, 66.0) if collar is SAILOR_BLUE else (250.0, 246.0, 240.0)
    for side in (-1, 1):
        tail = polygon((0.0, 1.68), (side * 0.12, 1.72), (side * 0.20, 2.04), (side * 0.06, 2.0))
        brush.shape(tail, knot, weight=0.8)
        loop = smooth([(0.0, 1.70), (side * 0.26, 1.56), (side * 0.30, 1.70), (side * 0.24, 1.82)])
        brush.shape(loop, knot, weight=0.8)
    brush.shape(ellipse(0, 1.70, 0.075, 0.075), shade(knot, 0.1), line=outline_of(knot), weight=0.8)


def draw_kimono(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw the upper half of a kimono with its sash."""
    draw_torso(brush, figure, cloth)
    rng = figure.rng("obi")
    obi = rng.choice(((214, 64, 76), (86, 82, 150), (240, 200, 96), (92, 150, 110)))
    if abs(luminance(obi) - luminance(cloth)) < 28:
        obi = (250, 238, 214)
    if not figure.from_behind:
        flap = accent_of(cloth)
        for side, tip in ((-1, 0.10), (1, -0.22)):
            lapel = polygon(
                (side * 0.16, 1.08), (side * 0.34, 1.14), (tip + side * 0.1, 1.96), (tip, 1.86)
            )
            brush.shape(lapel, flap, line=outline_of(cloth), weight=0.85)
    band = polygon((-0.51, 1.84), (0.51, 1.84), (0.53, 2.2), (-0.53, 2.2))
    brush.shape(band, obi)
    brush.crease(polyline((-0.5, 2.02), (0.5, 2.02)), accent_of(obi), 1.2)
    if figure.from_behind:
        for side in (-1, 1):
            brush.shape(
                smooth([(0, 1.98), (side * 0.4, 1.72), (side * 0.5, 2.0), (side * 0.4, 2.26)]), obi
            )
        brush.shape(ellipse(0, 2.0, 0.12, 0.14), shade(obi, 0.15))


def draw_armor(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw a breastplate with shoulder plates."""
    del cloth  # steel has its own
    path = draw_torso(brush, figure, STEEL)
    with brush.inside(path):
        shine = polygon((-0.34, 1.3), (-0.16, 1.26), (-0.3, 2.1), (-0.44, 2.1))
        brush.shadow(shine, (236, 242, 252), 190)
    line = outline_of(STEEL)
    gorget = smooth(
        [(-0.32, 1.06), (0.0, 1.14), (0.32, 1.06), (0.36, 1.28), (0.0, 1.42), (-0.36, 1.28)]
    )
    brush.shape(gorget, mix(STEEL, (110, 120, 150), 0.4), line=line)
    brush.stroke(polyline((-0.48, 1.92), (0.0, 2.06), (0.48, 1.92)), GOLD, 1.5)
    if not figure.from_behind:
        brush.shape(
            polygon((0.0, 1.56), (0.12, 1.70), (0.0, 1.88), (-0.12, 1.70)),
            (214, 60, 76),
            line=line,
            weight=0.9,
        )
    for side in (-1, 1):
        plate = smooth(
            [
                (side * 0.38, 1.26),
                (side * 0.66, 1.16),
                (side * 0.90, 1.38),
                (side * 0.84, 1.62),
                (side * 0.56, 1.54),
            ]
        )
        brush.shape(plate, tint(STEEL, 0.15), line=line)
        brush.crease(polyline((side * 0.52, 1.48), (side * 0.84, 1.50)), GOLD, 1.2)


def draw_dress(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw the upper half of a dress with a round collar and a sash."""
    draw_torso(brush, figure, cloth)
    accent = accent_of(cloth)
    line = outline_of(cloth)
    if not figure.from_behind:
        for side in (-1, 1):
            lapel = smooth(
                [
                    (side * 0.0, 1.30),
                    (side * 0.24, 1.12),
                    (side * 0.44, 1.24),
                    (side * 0.34, 1.46),
                    (side * 0.08, 1.46),
                ]
            )
            brush.shape(lapel, accent, line=line, weight=0.85)
    brush.shape(
        polygon((-0.47, 1.92), (0.47, 1.92), (0.49, 2.08), (-0.49, 2.08)),
        accent,
        line=line,
        weight=0.85,
    )


def draw_sundress(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw the upper half of a dress with shoulder straps."""
    points = mirrored(
        [(0.0, 1.60), (0.2, 1.52), (0.44, 1.58), (0.47, 1.8), (0.45, 1.96), (0.52, 2.3), (0.0, 2.4)]
    )
    path = smooth(points)
    gradient = Gradient(start=(0, 1.4), end=(0, 2.5), colours=(cloth, cloth, shade(cloth, 0.14)))
    for side in (-1, 1):
        brush.stroke(polyline((side * 0.36, 1.62), (side * 0.33, 1.24)), outline_of(cloth), 2.9)
        brush.stroke(polyline((side * 0.36, 1.62), (side * 0.33, 1.24)), cloth, 1.6)
    brush.shape(path, cloth, gradient=gradient)
    with brush.inside(path):
        draw_folds(brush, figure, cloth)
    ribbon = figure.trinket(figure.person.accessory_colour)
    brush.shape(
        polygon((-0.46, 1.94), (0.46, 1.94), (0.48, 2.06), (-0.48, 2.06)), ribbon, weight=0.85
    )


def draw_apron(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw a frilled apron over a dress."""
    draw_torso(brush, figure, cloth)
    white = (252.0, 252.0, 254.0) if luminance(cloth) < 225 else (236.0, 190.0, 200.0)
    line = outline_of(mix(white, cloth, 0.3))
    if figure.from_behind:
        for side in (-1, 1):
            brush.stroke(polyline((side * 0.4, 1.3), (-side * 0.1, 2.0)), white, 2.2)
            brush.shape(
                smooth([(0, 2.02), (side * 0.36, 1.86), (side * 0.4, 2.2)]), white, line=line
            )
        return
    for side in (-1, 1):
        frill = smooth(
            [(side * 0.28, 1.2), (side * 0.56, 1.26), (side * 0.66, 1.46), (side * 0.36, 1.66)]
        )
        brush.shape(frill, white, line=line, weight=0.9)
    bib = polygon((-0.28, 1.46), (0.28, 1.46), (0.36, 2.1), (-0.36, 2.1))
    brush.shape(bib, white, line=line, weight=0.9)
    brush.shape(
        polygon((-0.50, 1.98), (0.50, 1.98), (0.52, 2.14), (-0.52, 2.14)),
        white,
        line=line,
        weight=0.9,
    )
