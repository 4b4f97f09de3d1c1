"""What is worn above the hips, each kind its own silhouette, collar, sleeves and folds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, Colour, outline_of, shade
from irodori.painter.parts import Part
from irodori.painter.raster.body import Sleeve
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.costumes import (
    collar_colour,
    draw_apron,
    draw_armor,
    draw_dress,
    draw_kimono,
    draw_serafuku,
    draw_sundress,
)
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, polygon, polyline, smooth
from irodori.painter.raster.torso import GOLD, STEEL, accent_of, draw_torso, torso_points
from irodori.painter.scene import Garment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """The sleeves of a garment: how long, how wide, and what colour ends them."""

    share: float
    width: float = 0.2
    flare: float = 1.0
    cuff: Callable[[Figure, RGB], RGB] | None = None


_CUTS: Final[Mapping[Garment, _Cut]] = {
    Garment.SHIRT: _Cut(share=0.9, width=0.19, cuff=lambda _, cloth: accent_of(cloth)),
    Garment.T_SHIRT: _Cut(share=0.36, width=0.23),
    Garment.SWEATER: _Cut(share=0.9, width=0.215, cuff=lambda _, cloth: shade(cloth, 0.14)),
    Garment.HOODIE: _Cut(share=0.9, width=0.225, cuff=lambda _, cloth: shade(cloth, 0.2)),
    Garment.JACKET: _Cut(share=0.9, width=0.215, cuff=lambda _, cloth: shade(cloth, 0.24)),
    Garment.DRESS: _Cut(share=0.3, width=0.25),
    Garment.SUNDRESS: _Cut(share=0.0),
    Garment.SERAFUKU: _Cut(share=0.36, width=0.23, cuff=lambda figure, _: collar_colour(figure)),
    Garment.KIMONO: _Cut(share=0.86, width=0.24, flare=1.75),
    Garment.ARMOR: _Cut(share=0.9, cuff=lambda *_: GOLD),
    Garment.APRON: _Cut(share=0.32, width=0.25, cuff=lambda *_: WHITE),
}


def sleeve_of(figure: Figure) -> Sleeve:
    """Return what the garment puts on the arms."""
    outfit = figure.person.outfit
    cut = _CUTS[outfit.garment]
    cloth = figure.cloth(outfit.colour, "garment")
    return Sleeve(
        colour=STEEL if outfit.garment is Garment.ARMOR else cloth,
        share=cut.share,
        width=cut.width,
        flare=cut.flare,
        cuff=cut.cuff(figure, cloth) if cut.cuff else None,
    )


def draw_garment(brush: Brush, figure: Figure) -> None:
    """Draw the garment on the torso, without sleeves."""
    outfit = figure.person.outfit
    with brush.drawing(Part.GARMENT):
        _PAINTERS[outfit.garment](brush, figure, figure.cloth(outfit.colour, "garment"))


def _draw_shirt(brush: Brush, figure: Figure, cloth: RGB) -> None:
    draw_torso(brush, figure, cloth)
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


def _draw_t_shirt(brush: Brush, figure: Figure, cloth: RGB) -> None:
    draw_torso(brush, figure, cloth, low_neck=True)
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
    path = draw_torso(brush, figure, cloth)
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
    draw_torso(brush, figure, cloth)
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
        draw_torso(brush, figure, cloth)
        brush.shape(
            polygon((-0.34, 1.24), (-0.26, 1.06), (0.26, 1.06), (0.34, 1.24)),
            shade(cloth, 0.22),
            line=line,
        )
        brush.crease(polyline((0, 1.5), (0, 2.35)), shade(cloth, 0.36), 0.7)
        return
    if not outfit.open_jacket:
        draw_torso(brush, figure, cloth)
        brush.stroke(polyline((0.0, 1.30), (0.0, 2.38)), accent_of(cloth), 1.3)
        collar = smooth(
            [(-0.36, 1.20), (-0.24, 1.04), (0.0, 1.22), (0.24, 1.04), (0.36, 1.20), (0.0, 1.46)]
        )
        brush.shape(collar, shade(cloth, 0.22), line=line)
        return
    inner = (252.0, 252.0, 254.0) if outfit.colour is not Colour.WHITE else (96.0, 100.0, 124.0)
    draw_torso(brush, figure, inner, low_neck=True)
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


_PAINTERS: Final[Mapping[Garment, Callable[[Brush, Figure, RGB], None]]] = {
    Garment.SHIRT: _draw_shirt,
    Garment.T_SHIRT: _draw_t_shirt,
    Garment.SWEATER: _draw_sweater,
    Garment.HOODIE: _draw_hoodie,
    Garment.JACKET: _draw_jacket,
    Garment.DRESS: draw_dress,
    Garment.SUNDRESS: draw_sundress,
    Garment.SERAFUKU: draw_serafuku,
    Garment.KIMONO: draw_kimono,
    Garment.ARMOR: draw_armor,
    Garment.APRON: draw_apron,
}
