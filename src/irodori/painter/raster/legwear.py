"""Stockings, socks, shoes and boots."""

from irodori.painter.palette import SKIN_RGB, mix, shade, tint
from irodori.painter.parts import Part
from irodori.painter.raster.body import leg_joints, leg_widths
from irodori.painter.raster.brush import Brush
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import along, limb, polygon, polyline, smooth
from irodori.painter.raster.torso import accent_of
from irodori.painter.scene import Footwear, Legwear


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
                keep = 0.48 if outfit.legwear is Legwear.THIGHHIGHS else 0.28
                shown = list(reversed(along(list(reversed(joints)), keep)))
                top = 0.187 if outfit.legwear is Legwear.THIGHHIGHS else 0.165
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
