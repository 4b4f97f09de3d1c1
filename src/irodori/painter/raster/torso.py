"""What every garment on the torso is made of: its contour, its folds, its second colours."""

from typing import Final

import skia

from irodori.painter.palette import RGB, luminance, mix, shade, tint
from irodori.painter.raster.body import HIP_Y
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import Point, mirrored, smooth
from irodori.painter.scene import Sex

SAILOR_BLUE: Final[RGB] = (58, 76, 140)


STEEL: Final[RGB] = (176, 186, 206)


GOLD: Final[RGB] = (238, 196, 86)


def accent_of(cloth: RGB) -> RGB:
    """Return a colour that stands out on the cloth but has no name of its own."""
    return tint(cloth, 0.72) if luminance(cloth) < 200 else mix(cloth, (150, 160, 200), 0.5)


def torso_points(
    figure: Figure, *, low_neck: bool = False, hem: float = HIP_Y + 0.06
) -> list[Point]:
    """Return the contour of a garment on the torso, neck hole included."""
    boy = figure.person.sex is Sex.BOY
    shoulder = 0.84 if boy else 0.66
    waist = 0.62 if boy else 0.46
    hip = 0.60 if boy else 0.54
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


def draw_torso(
    brush: Brush, figure: Figure, cloth: RGB, *, low_neck: bool = False, hem: float = HIP_Y + 0.06
) -> skia.Path:
    """Draw a plain garment with shade and folds, and return its contour."""
    path = smooth(torso_points(figure, low_neck=low_neck, hem=hem))
    gradient = Gradient(start=(0, 1.1), end=(0, 2.5), colours=(cloth, cloth, shade(cloth, 0.16)))
    brush.shape(path, cloth, gradient=gradient)
    with brush.inside(path):
        draw_folds(brush, figure, cloth)
    return path


def draw_folds(brush: Brush, figure: Figure, cloth: RGB) -> None:
    """Draw one shaded side, and creases at armpits and waist."""
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
