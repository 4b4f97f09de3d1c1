"""What is worn below: skirts of every kind, trousers, stockings and shoes; also the neck's wear."""

import skia

from irodori.painter.palette import RGB, SKIN_RGB, Colour, mix, outline_of, shade, tint
from irodori.painter.parts import Part
from irodori.painter.raster.body import HIP_Y, SOLE_Y, leg_joints, leg_widths
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.garments import GOLD, SAILOR_BLUE, STEEL, accent_of
from irodori.painter.raster.outline import along, ellipse, limb, polygon, polyline, smooth
from irodori.painter.scene import Bottom, Footwear, Garment, Legwear, Neckwear


def draw_bottom(brush: Brush, figure: Figure) -> None:
    """Draw skirt, shorts or trousers, or the lower half of a dress."""
    outfit = figure.person.outfit
    cloth = figure.cloth(outfit.colour, "garment")
    lower = figure.cloth(outfit.bottom_colour, "bottom")
    if outfit.garment in {Garment.DRESS, Garment.SUNDRESS, Garment.APRON}:
        with brush.drawing(Part.GARMENT):
            hem = {Garment.DRESS: 2.92, Garment.SUNDRESS: 3.12, Garment.APRON: 2.92}[outfit.garment]
            _draw_flare(brush, figure, cloth, top=2.0, hem=hem, wide=0.98, pleated=False)
            if outfit.garment is Garment.APRON and not figure.from_behind:
                white = (252.0, 252.0, 254.0) if sum(cloth) < 690 else (236.0, 190.0, 200.0)
                front = smooth(
                    [
                        (-0.30, 2.08),
                        (0.30, 2.08),
                        (0.50, 2.55),
                        (0.36, 2.84),
                        (-0.36, 2.84),
                        (-0.50, 2.55),
                    ]
                )
                brush.shape(front, white, line=outline_of(mix(white, cloth, 0.3)), weight=0.9)
        return
    if outfit.garment is Garment.KIMONO:
        with brush.drawing(Part.GARMENT):
            _draw_kimono_skirt(brush, figure, cloth)
        return
    if outfit.garment is Garment.ARMOR:
        with brush.drawing(Part.GARMENT):
            _draw_trousers(brush, figure, (88, 92, 120), share=1.0)
            _draw_tassets(brush)
        return
    if outfit.garment is Garment.SERAFUKU:
        lower = SAILOR_BLUE if outfit.colour is Colour.WHITE else (70.0, 66.0, 84.0)
    with brush.drawing(Part.BOTTOM):
        match outfit.bottom:
            case Bottom.SKIRT:
                _draw_flare(brush, figure, lower, top=2.22, hem=2.64, wide=0.78, pleated=False)
            case Bottom.PLEATED_SKIRT:
                _draw_flare(brush, figure, lower, top=2.22, hem=2.66, wide=0.86, pleated=True)
            case Bottom.SHORTS:
                _draw_trousers(brush, figure, lower, share=0.36)
            case Bottom.PANTS:
                _draw_trousers(brush, figure, lower, share=0.97)
            case None:
                pass


def covers_knees(figure: Figure) -> bool:
    """Return whether what is worn below goes over the knees of a sitting person."""
    outfit = figure.person.outfit
    if outfit.garment in {Garment.KIMONO, Garment.ARMOR}:
        return True
    return outfit.bottom in {Bottom.SHORTS, Bottom.PANTS}


def _draw_flare(
    brush: Brush, figure: Figure, cloth: RGB, *, top: float, hem: float, wide: float, pleated: bool
) -> None:
    if figure.person.sitting:
        hem, wide = min(hem, 2.58), wide * 1.02
    waist = 0.48 if top < 2.1 else 0.54
    count = 7 if pleated else 5
    path = skia.Path().moveTo(-waist, top)
    path.cubicTo(-waist - 0.05, top + 0.2, -wide + 0.04, hem - 0.3, -wide, hem)
    for i in range(count):
        x0, x1 = (-wide + 2 * wide * k / count for k in (i, i + 1))
        drop = 0.12 * (1 - ((x0 + x1) / 2 / wide) ** 2)
        if pleated:
            path.lineTo(x1 - 0.02, hem + drop + 0.03).lineTo(x1, hem + drop * 0.85 - 0.02)
        else:
            path.quadTo(
                (x0 + x1) / 2, hem + drop + 0.09, x1, hem + drop * 0.8 if i < count - 1 else hem
            )
    path.lineTo(wide, hem).cubicTo(
        wide - 0.04, hem - 0.3, waist + 0.05, top + 0.2, waist, top
    ).close()
    gradient = Gradient(
        start=(0, top),
        end=(0, hem + 0.1),
        colours=(shade(cloth, 0.08), cloth, cloth, shade(cloth, 0.12)),
    )
    brush.shape(path, cloth, gradient=gradient)
    with brush.inside(path):
        side = figure.rng("light").choice((-1, 1))
        for i in range(1, count):
            x = -1 + 2 * i / count
            line = (
                skia.Path()
                .moveTo(x * waist, top + 0.12)
                .quadTo(x * waist * 1.2, (top + hem) / 2, x * wide, hem + 0.2)
            )
            if pleated or i % 2:
                fold = skia.Path().moveTo(x * waist, top + 0.1).lineTo(x * wide, hem + 0.2)
                fold.lineTo(x * wide + side * 0.13, hem + 0.2).close()
                brush.shadow(fold, shade(cloth, 0.2), 190)
            brush.crease(line, shade(cloth, 0.40), 0.7)


def _draw_kimono_skirt(brush: Brush, figure: Figure, cloth: RGB) -> None:
    path = smooth(
        [
            (-0.53, 2.12),
            (0.53, 2.12),
            (0.60, 2.6),
            (0.55, 3.36),
            (0.0, 3.42),
            (-0.55, 3.36),
            (-0.60, 2.6),
        ]
    )
    gradient = Gradient(start=(0, 2.1), end=(0, 3.4), colours=(cloth, cloth, shade(cloth, 0.18)))
    brush.shape(path, cloth, gradient=gradient)
    with brush.inside(path):
        rng = figure.rng("kimono pattern")
        accent = accent_of(cloth)
        for x, y in ((-0.36, 3.1), (0.30, 2.94), (0.02, 3.28), (0.42, 3.28), (-0.28, 2.62)):
            _draw_blossom(brush, x + rng.uniform(-0.05, 0.05), y, 0.11, accent)
        if not figure.from_behind:
            brush.crease(polyline((0.12, 2.2), (0.02, 2.8), (0.16, 3.45)), shade(cloth, 0.45), 0.9)


def _draw_blossom(brush: Brush, x: float, y: float, size: float, colour: RGB) -> None:
    for dx, dy in ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3)):
        brush.shadow(
            ellipse(x + dx * size * 0.55, y + dy * size * 0.55, size * 0.5, size * 0.5), colour
        )


def _draw_trousers(brush: Brush, figure: Figure, cloth: RGB, *, share: float) -> None:
    for side in (-1, 1):
        joints = along(leg_joints(figure, side), share)
        widths = [w + 0.035 for w in leg_widths(figure)][: len(joints)]
        if share < 0.5:
            widths[-1] += 0.05
        leg = limb(joints, widths, cap=0.12, start=0.7)
        brush.shape(leg, cloth, line=outline_of(cloth))
        with brush.inside(leg):
            x = joints[-1][0]
            brush.shadow(
                polygon(
                    (x + side * 0.02, 2.3),
                    (x + side * 0.4, 2.3),
                    (x + side * 0.4, 3.7),
                    (x + side * 0.06, 3.7),
                ),
                shade(cloth, 0.2),
                140,
            )
    hips = smooth(
        [
            (-0.52, 2.18),
            (0.52, 2.18),
            (0.54, 2.42),
            (0.24, 2.56),
            (0.0, 2.50),
            (-0.24, 2.56),
            (-0.54, 2.42),
        ]
    )
    brush.fill(hips, cloth)
    brush.crease(polyline((0.0, 2.34), (0.0, 2.54)), outline_of(cloth), 0.8)


def _draw_tassets(brush: Brush) -> None:
    for side in (-1, 1):
        plate = smooth(
            [
                (side * 0.04, 2.26),
                (side * 0.54, 2.26),
                (side * 0.68, 2.72),
                (side * 0.36, 2.84),
                (side * 0.08, 2.70),
            ]
        )
        brush.shape(plate, STEEL)
        brush.crease(
            polyline((side * 0.12, 2.66), (side * 0.36, 2.78), (side * 0.62, 2.66)), GOLD, 1.2
        )


def draw_legwear(brush: Brush, figure: Figure) -> None:
    """Draw stockings or socks over the bare legs."""
    outfit = figure.person.outfit
    if outfit.legwear is None:
        return
    cloth = figure.cloth(outfit.legwear_colour, "legwear")
    if outfit.legwear is Legwear.PANTYHOSE:
        cloth = mix(cloth, SKIN_RGB[figure.person.skin], 0.2)
    with brush.drawing(Part.LEGWEAR):
        for side in (-1, 1):
            joints = leg_joints(figure, side)
            widths = [w + 0.012 for w in leg_widths(figure)]
            if outfit.legwear is not Legwear.PANTYHOSE:
                keep = 0.55 if outfit.legwear is Legwear.THIGHHIGHS else 0.28
                shown = list(reversed(along(list(reversed(joints)), keep)))
                top = (
                    widths[1] + (widths[0] - widths[1]) * max(0.0, (keep - 0.5) * 2)
                    if keep > 0.5
                    else 0.165
                )
                widths = [top, *widths[1:]] if len(shown) == 3 else [top, widths[-1]]
                joints = shown
            leg = limb(joints, widths, cap=0.3)
            brush.shape(leg, cloth)
            if outfit.legwear is Legwear.THIGHHIGHS:
                (ax, ay), w = joints[0], widths[0]
                brush.stroke(
                    polyline((ax - w, ay + 0.05), (ax + w, ay + 0.05)), accent_of(cloth), 1.1
                )


def draw_footwear(brush: Brush, figure: Figure) -> None:
    """Draw shoes, boots or bare feet."""
    outfit = figure.person.outfit
    kind = outfit.footwear
    cloth = figure.cloth(outfit.footwear_colour, "footwear")
    skin = figure.skin
    for side in (-1, 1):
        ankle_x, ankle_y = leg_joints(figure, side)[-1]
        sole = ankle_y + 0.18
        foot = smooth(
            [
                (ankle_x - side * 0.13, ankle_y - 0.04),
                (ankle_x + side * 0.13, ankle_y - 0.04),
                (ankle_x + side * 0.24, sole - 0.08),
                (ankle_x + side * 0.24, sole),
                (ankle_x - side * 0.14, sole),
            ]
        )
        if kind is Footwear.BAREFOOT:
            with brush.drawing(Part.SKIN):
                brush.shape(foot, skin.base, line=skin.line)
            continue
        with brush.drawing(Part.FOOTWEAR):
            if kind is Footwear.BOOTS:
                shaft = limb(
                    [(ankle_x, ankle_y - 0.46), (ankle_x, ankle_y + 0.02)], [0.20, 0.155], cap=0.1
                )
                brush.shape(shaft, cloth)
                brush.shape(foot, cloth)
                brush.fill(
                    limb([(ankle_x, ankle_y - 0.3), (ankle_x, ankle_y + 0.02)], [0.14, 0.13]), cloth
                )
                brush.shape(
                    polygon(
                        (ankle_x - 0.22, ankle_y - 0.5),
                        (ankle_x + 0.22, ankle_y - 0.5),
                        (ankle_x + 0.21, ankle_y - 0.38),
                        (ankle_x - 0.21, ankle_y - 0.38),
                    ),
                    shade(cloth, 0.2),
                    weight=0.85,
                )
            else:
                brush.shape(foot, cloth)
                strap = polyline((ankle_x - 0.12, ankle_y + 0.03), (ankle_x + 0.13, ankle_y + 0.03))
                brush.crease(strap, tint(cloth, 0.35), 0.8)


def draw_neckwear(brush: Brush, figure: Figure) -> None:
    """Draw tie, bow tie or scarf over the garment."""
    outfit = figure.person.outfit
    cloth = figure.cloth(outfit.neckwear_colour, "neckwear")
    with brush.drawing(Part.NECKWEAR):
        match outfit.neckwear:
            case Neckwear.NECKTIE:
                if figure.from_behind:
                    return
                brush.shape(
                    polygon((-0.07, 1.46), (0.07, 1.46), (0.15, 1.98), (0.0, 2.14), (-0.15, 1.98)),
                    cloth,
                )
                brush.shape(
                    polygon((-0.11, 1.34), (0.11, 1.34), (0.07, 1.50), (-0.07, 1.50)),
                    shade(cloth, 0.12),
                )
            case Neckwear.BOWTIE:
                if figure.from_behind:
                    return
                for side in (-1, 1):
                    brush.shape(
                        smooth(
                            [
                                (0.0, 1.42),
                                (side * 0.28, 1.28),
                                (side * 0.33, 1.44),
                                (side * 0.28, 1.60),
                            ]
                        ),
                        cloth,
                    )
                brush.shape(ellipse(0, 1.43, 0.085, 0.085), shade(cloth, 0.15))
            case Neckwear.SCARF:
                _draw_scarf(brush, figure, cloth)
            case None:
                pass


def _draw_scarf(brush: Brush, figure: Figure, cloth: RGB) -> None:
    side = figure.rng("scarf").choice((-1, 1))
    if not figure.from_behind:
        tail = smooth(
            [(side * 0.10, 1.3), (side * 0.42, 1.34), (side * 0.48, 2.06), (side * 0.16, 2.10)]
        )
        brush.shape(tail, shade(cloth, 0.08))
        for x in (0.23, 0.31, 0.40):
            brush.crease(polyline((side * x, 1.98), (side * x, 2.12)), shade(cloth, 0.4), 0.6)
    wrap = smooth(
        [
            (-0.54, 1.02),
            (0.0, 0.94),
            (0.54, 1.02),
            (0.62, 1.24),
            (0.34, 1.42),
            (0.0, 1.47),
            (-0.34, 1.42),
            (-0.62, 1.24),
        ]
    )
    gradient = Gradient(start=(0, 0.95), end=(0, 1.5), colours=(shade(cloth, 0.18), cloth, cloth))
    brush.shape(wrap, cloth, gradient=gradient)
    for y in (1.14, 1.29):
        fold = skia.Path().moveTo(-0.5, y - 0.06).quadTo(0.0, y + 0.16, 0.5, y - 0.04)
        brush.crease(fold, shade(cloth, 0.38), 0.75)


__all__ = ["HIP_Y", "SOLE_Y", "draw_bottom", "draw_footwear", "draw_legwear", "draw_neckwear"]
