"""What is worn above the hips, each kind its own silhouette, collar, sleeves and folds."""

from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, Colour, luminance, mix, outline_of, shade, tint
from irodori.painter.parts import Part
from irodori.painter.raster.body import HIP_Y, Sleeve
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import Point, ellipse, mirrored, polygon, polyline, smooth
from irodori.painter.scene import Garment, Sex

SAILOR_BLUE: Final[RGB] = (58, 76, 140)
STEEL: Final[RGB] = (176, 186, 206)
GOLD: Final[RGB] = (238, 196, 86)


def accent_of(cloth: RGB) -> RGB:
    """Return a colour that stands out on the cloth without a name of its own: near white or dark."""
    return tint(cloth, 0.72) if luminance(cloth) < 200 else mix(cloth, (150, 160, 200), 0.5)


def sleeve_of(figure: Figure) -> Sleeve:
    """Return what the garment puts on the arms."""
    outfit = figure.person.outfit
    cloth = figure.cloth(outfit.colour, "garment")
    match outfit.garment:
        case Garment.SHIRT:
            return Sleeve(colour=cloth, share=0.9, width=0.19, cuff=accent_of(cloth))
        case Garment.T_SHIRT:
            return Sleeve(colour=cloth, share=0.36, width=0.23)
        case Garment.SWEATER:
            return Sleeve(colour=cloth, share=0.9, width=0.215, cuff=shade(cloth, 0.14))
        case Garment.HOODIE:
            return Sleeve(colour=cloth, share=0.9, width=0.225, cuff=shade(cloth, 0.2))
        case Garment.JACKET:
            return Sleeve(colour=cloth, share=0.9, width=0.215, cuff=shade(cloth, 0.24))
        case Garment.DRESS:
            return Sleeve(colour=cloth, share=0.3, width=0.25)
        case Garment.SERAFUKU:
            return Sleeve(colour=cloth, share=0.36, width=0.23, cuff=_collar_colour(figure))
        case Garment.KIMONO:
            return Sleeve(colour=cloth, share=0.86, width=0.24, flare=1.75)
        case Garment.ARMOR:
            return Sleeve(colour=STEEL, share=0.9, width=0.2, cuff=GOLD)
        case Garment.APRON:
            return Sleeve(colour=cloth, share=0.32, width=0.25, cuff=WHITE)
        case Garment.SUNDRESS:
            return Sleeve(colour=cloth, share=0.0)


def draw_garment(brush: Brush, figure: Figure) -> None:
    """Draw the garment on the torso, without sleeves."""
    outfit = figure.person.outfit
    cloth = figure.cloth(outfit.colour, "garment")
    with brush.drawing(Part.GARMENT):
        match outfit.garment:
            case Garment.SHIRT:
                _draw_shirt(brush, figure, cloth)
            case Garment.T_SHIRT:
                _draw_torso(brush, figure, cloth, low_neck=True)
                _draw_t_shirt_print(brush, figure, cloth)
            case Garment.SWEATER:
                _draw_sweater(brush, figure, cloth)
            case Garment.HOODIE:
                _draw_hoodie(brush, figure, cloth)
            case Garment.JACKET:
                _draw_jacket(brush, figure, cloth)
            case Garment.SERAFUKU:
                _draw_serafuku(brush, figure, cloth)
            case Garment.KIMONO:
                _draw_kimono(brush, figure, cloth)
            case Garment.ARMOR:
                _draw_armor(brush, figure)
            case Garment.DRESS:
                _draw_dress(brush, figure, cloth)
            case Garment.SUNDRESS:
                _draw_sundress(brush, figure, cloth)
            case Garment.APRON:
                _draw_apron(brush, figure, cloth)


def torso_points(
    figure: Figure, *, low_neck: bool = False, hem: float = HIP_Y + 0.06
) -> list[Point]:
    """Return the contour of a garment on the torso, neck hole included."""
    boy = figure.person.sex is Sex.BOY
    shoulder = 0.74 if boy else 0.66
    waist = 0.54 if boy else 0.46
    hip = 0.56 if boy else 0.54
    neck = 1.44 if low_neck else 1.26
    wide = 0.34 if low_neck else 0.25
    if figure.from_behind:
        neck = 1.2
    return mirrored(
        [
            (0.0, neck),
            (wide * 0.6, neck - 0.05),
            (wide, 1.18),
            (shoulder * 0.84, 1.29),
            (shoulder, 1.44),
            (waist + 0.08, 1.72),
            (waist, 1.96),
            (hip, hem - 0.06),
            (hip - 0.04, hem),
            (0.0, hem + 0.05),
        ]
    )


def _draw_torso(
    brush: Brush, figure: Figure, cloth: RGB, *, low_neck: bool = False, hem: float = HIP_Y + 0.06
) -> skia.Path:
    path = smooth(torso_points(figure, low_neck=low_neck, hem=hem))
    gradient = Gradient(start=(0, 1.1), end=(0, 2.5), colours=(cloth, cloth, shade(cloth, 0.16)))
    brush.shape(path, cloth, gradient=gradient)
    with brush.inside(path):
        _draw_folds(brush, figure, cloth)
    return path


def _draw_folds(brush: Brush, figure: Figure, cloth: RGB) -> None:
    dark = shade(cloth, 0.17)
    side = figure.rng("light").choice((-1, 1))
    edge = [
        (side * 0.30, 1.2),
        (side * 0.46, 1.6),
        (side * 0.30, 1.95),
        (side * 0.42, 2.45),
        (side * 0.9, 2.45),
        (side * 0.9, 1.2),
    ]
    brush.shadow(smooth(edge), dark, 150)
    for s in (-1, 1):
        arm_pit = skia.Path().moveTo(s * 0.60, 1.62).quadTo(s * 0.42, 1.66, s * 0.30, 1.78)
        brush.crease(arm_pit, shade(cloth, 0.36), 0.7)
        waist = skia.Path().moveTo(s * 0.50, 2.04).quadTo(s * 0.34, 2.06, s * 0.24, 2.0)
        brush.crease(waist, shade(cloth, 0.36), 0.7)


def _draw_shirt(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
    accent = accent_of(cloth)
    line = outline_of(cloth)
    if figure.from_behind:
        brush.shape(
            polygon((-0.3, 1.2), (-0.24, 1.08), (0.24, 1.08), (0.3, 1.2), (0.0, 1.27)),
            accent,
            line=line,
        )
        return
    brush.crease(polyline((0.0, 1.42), (0.0, 2.38)), shade(cloth, 0.4), 0.7)
    for y in (1.62, 1.86, 2.1):
        brush.fill(ellipse(0.0, y, 0.036, 0.036), shade(cloth, 0.45))
    for side in (-1, 1):
        collar = polygon(
            (side * 0.01, 1.36), (side * 0.25, 1.10), (side * 0.40, 1.24), (side * 0.22, 1.52)
        )
        brush.shape(collar, accent, line=line, weight=0.85)


def _draw_t_shirt_print(brush: Brush, figure: Figure, cloth: RGB) -> None:
    rng = figure.rng("print")
    if figure.from_behind or rng.random() < 0.5:
        return
    accent = accent_of(cloth)
    if rng.random() < 0.5:
        heart = skia.Path().moveTo(0, 2.0)
        heart.cubicTo(-0.34, 1.78, -0.2, 1.56, 0, 1.70).cubicTo(
            0.2, 1.56, 0.34, 1.78, 0, 2.0
        ).close()
        brush.fill(heart, accent)
    else:
        with brush.inside(smooth(torso_points(figure, low_neck=True))):
            for y in (1.72, 1.98):
                brush.fill(polygon((-0.8, y), (0.8, y), (0.8, y + 0.11), (-0.8, y + 0.11)), accent)


def _draw_sweater(brush: Brush, figure: Figure, cloth: RGB) -> None:
    path = _draw_torso(brush, figure, cloth)
    dark = shade(cloth, 0.16)
    with brush.inside(path):
        brush.fill(polygon((-0.8, 2.22), (0.8, 2.22), (0.8, 2.5), (-0.8, 2.5)), dark)
        for i in range(-3, 4):
            x = i * 0.16
            brush.crease(polyline((x, 2.25), (x, 2.4)), shade(cloth, 0.4), 0.6)
        brush.crease(polyline((-0.8, 2.22), (0.8, 2.22)), shade(cloth, 0.42), 0.7)
    roll = smooth(
        [(-0.27, 1.10), (0.0, 1.19), (0.27, 1.10), (0.31, 1.24), (0.0, 1.40), (-0.31, 1.24)]
    )
    brush.shape(roll, dark, line=outline_of(cloth), weight=0.9)


def _draw_hoodie(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
    line = outline_of(cloth)
    dark = shade(cloth, 0.2)
    if figure.from_behind:
        hood = smooth(
            [(-0.58, 1.16), (0.0, 1.04), (0.58, 1.16), (0.42, 1.62), (0.0, 1.84), (-0.42, 1.62)]
        )
        brush.shape(hood, dark, line=line)
        return
    hood = smooth(
        [
            (-0.60, 1.22),
            (-0.42, 1.06),
            (0.0, 1.22),
            (0.42, 1.06),
            (0.60, 1.22),
            (0.30, 1.50),
            (0.0, 1.58),
            (-0.30, 1.50),
        ]
    )
    brush.shape(hood, dark, line=line)
    opening = smooth(
        [(-0.30, 1.14), (0.0, 1.22), (0.30, 1.14), (0.16, 1.36), (0.0, 1.44), (-0.16, 1.36)]
    )
    brush.fill(opening, shade(cloth, 0.42))
    cord = accent_of(cloth)
    for side in (-1, 1):
        brush.stroke(polyline((side * 0.13, 1.52), (side * 0.15, 1.86)), cord, 1.2)
    pocket = polyline((-0.40, 2.34), (-0.28, 2.06), (0.28, 2.06), (0.40, 2.34))
    brush.crease(pocket, shade(cloth, 0.45), 0.9)


def _draw_jacket(brush: Brush, figure: Figure, cloth: RGB) -> None:
    line = outline_of(cloth)
    outfit = figure.person.outfit
    if figure.from_behind:
        _draw_torso(brush, figure, cloth)
        brush.shape(
            polygon((-0.34, 1.24), (-0.26, 1.06), (0.26, 1.06), (0.34, 1.24)),
            shade(cloth, 0.22),
            line=line,
        )
        brush.crease(polyline((0, 1.5), (0, 2.35)), shade(cloth, 0.36), 0.7)
        return
    if not outfit.open_jacket:
        _draw_torso(brush, figure, cloth)
        brush.stroke(polyline((0.0, 1.30), (0.0, 2.38)), accent_of(cloth), 1.3)
        collar = smooth(
            [(-0.36, 1.20), (-0.24, 1.04), (0.0, 1.22), (0.24, 1.04), (0.36, 1.20), (0.0, 1.46)]
        )
        brush.shape(collar, shade(cloth, 0.22), line=line)
        return
    inner = (252.0, 252.0, 254.0) if outfit.colour is not Colour.WHITE else (96.0, 100.0, 124.0)
    _draw_torso(brush, figure, inner, low_neck=True)
    half = [
        (0.24, 1.12),
        (0.58, 1.26),
        (0.68, 1.44),
        (0.58, 1.76),
        (0.52, 2.02),
        (0.60, 2.44),
        (0.30, 2.46),
        (0.26, 1.9),
    ]
    for side in (-1, 1):
        panel = polygon(*((side * x, y) for x, y in half))
        gradient = Gradient(
            start=(0, 1.1), end=(0, 2.5), colours=(cloth, cloth, shade(cloth, 0.18))
        )
        brush.shape(panel, cloth, gradient=gradient)
        lapel = polygon(
            (side * 0.20, 1.06), (side * 0.44, 1.18), (side * 0.48, 1.46), (side * 0.28, 1.86)
        )
        brush.shape(lapel, shade(cloth, 0.2), line=line, weight=0.85)


def _collar_colour(figure: Figure) -> RGB:
    return SAILOR_BLUE if figure.person.outfit.colour is Colour.WHITE else (206, 62, 74)


def _draw_serafuku(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
    collar = _collar_colour(figure)
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


def _draw_kimono(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
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


def _draw_armor(brush: Brush, figure: Figure) -> None:
    path = _draw_torso(brush, figure, STEEL)
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


def _draw_dress(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
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


def _draw_sundress(brush: Brush, figure: Figure, cloth: RGB) -> None:
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
        _draw_folds(brush, figure, cloth)
    ribbon = figure.trinket(figure.person.accessory_colour)
    brush.shape(
        polygon((-0.46, 1.94), (0.46, 1.94), (0.48, 2.06), (-0.48, 2.06)), ribbon, weight=0.85
    )


def _draw_apron(brush: Brush, figure: Figure, cloth: RGB) -> None:
    _draw_torso(brush, figure, cloth)
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
