"""Tie, bow tie and scarf."""

import skia

from irodori.painter.palette import RGB, shade
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, polygon, polyline, smooth
from irodori.painter.scene import Neckwear


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
