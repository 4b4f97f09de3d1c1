"""What is worn below: skirts of every kind, trousers, and the lower half of dresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import skia

from irodori.painter.palette import RGB, Colour, mix, outline_of, shade
from irodori.painter.parts import Part
from irodori.painter.raster.body import leg_joints, leg_widths
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import along, ellipse, limb, polygon, polyline, smooth
from irodori.painter.raster.torso import GOLD, SAILOR_BLUE, STEEL, accent_of
from irodori.painter.scene import Bottom, Garment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flare:
    """The cut of a skirt: from waist to hem, and how wide the hem is."""

    top: float
    hem: float
    wide: float
    pleated: bool = False


_DRESS_SKIRTS: Final[Mapping[Garment, _Flare]] = {
    Garment.DRESS: _Flare(top=2.0, hem=2.92, wide=0.98),
    Garment.SUNDRESS: _Flare(top=2.0, hem=3.12, wide=0.98),
    Garment.APRON: _Flare(top=2.0, hem=2.92, wide=0.98),
}
_SKIRTS: Final[Mapping[Bottom, _Flare]] = {
    Bottom.SKIRT: _Flare(top=2.22, hem=2.64, wide=0.78),
    Bottom.PLEATED_SKIRT: _Flare(top=2.22, hem=2.66, wide=0.86, pleated=True),
}
_TROUSERS: Final[Mapping[Bottom, float]] = {Bottom.SHORTS: 0.36, Bottom.PANTS: 0.97}
"""How much of the legs they cover."""


def draw_bottom(brush: Brush, figure: Figure) -> None:
    """Draw skirt, shorts or trousers, or the lower half of a garment in one piece."""
    outfit = figure.person.outfit
    if outfit.bottom is None:
        with brush.drawing(Part.GARMENT):
            _draw_lower_half(brush, figure, figure.cloth(outfit.colour, "garment"))
        return
    lower = figure.cloth(outfit.bottom_colour, "bottom")
    if outfit.garment is Garment.SERAFUKU:
        lower = SAILOR_BLUE if outfit.colour is Colour.WHITE else (70.0, 66.0, 84.0)
    with brush.drawing(Part.BOTTOM):
        if outfit.bottom in _SKIRTS:
            _draw_flare(brush, figure, lower, _SKIRTS[outfit.bottom])
        else:
            _draw_trousers(brush, figure, lower, share=_TROUSERS[outfit.bottom])


def _draw_lower_half(brush: Brush, figure: Figure, cloth: RGB) -> None:
    garment = figure.person.outfit.garment
    if garment is Garment.KIMONO:
        _draw_kimono_skirt(brush, figure, cloth)
    elif garment is Garment.ARMOR:
        _draw_trousers(brush, figure, (88, 92, 120), share=1.0)
        _draw_tassets(brush)
    else:
        _draw_flare(brush, figure, cloth, _DRESS_SKIRTS[garment])
        if garment is Garment.APRON and not figure.from_behind:
            _draw_apron_front(brush, cloth)


def _draw_apron_front(brush: Brush, cloth: RGB) -> None:
    white = (252.0, 252.0, 254.0) if sum(cloth) < 690 else (236.0, 190.0, 200.0)
    points = [(-0.30, 2.08), (0.30, 2.08), (0.50, 2.55), (0.36, 2.84), (-0.36, 2.84), (-0.50, 2.55)]
    brush.shape(smooth(points), white, line=outline_of(mix(white, cloth, 0.3)), weight=0.9)


def covers_knees(figure: Figure) -> bool:
    """Return whether what is worn below goes over the knees of a sitting person."""
    outfit = figure.person.outfit
    if outfit.garment in {Garment.KIMONO, Garment.ARMOR}:
        return True
    return outfit.bottom in {Bottom.SHORTS, Bottom.PANTS}


def _draw_flare(brush: Brush, figure: Figure, cloth: RGB, cut: _Flare) -> None:
    top, hem, wide, pleated = cut.top, cut.hem, cut.wide, cut.pleated
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
