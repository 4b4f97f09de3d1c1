"""What is held: drawn behind the person (canopy, balloon), or in the hand."""

import skia

from irodori.painter.palette import CLOTH_RGB, RGB, WHITE, Colour, mix, outline_of, shade, tint
from irodori.painter.parts import Part
from irodori.painter.raster.body import SOLE_Y, acting_hand, gesture_side
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import box, ellipse, limb, polygon, polyline, smooth
from irodori.painter.scene import Prop

_BRIGHT = (Colour.RED, Colour.BLUE, Colour.PINK, Colour.YELLOW, Colour.PURPLE, Colour.GREEN)
WOOD: RGB = (150, 102, 66)


def _colour(figure: Figure) -> RGB:
    return CLOTH_RGB[figure.rng("prop").choice(_BRIGHT)]


def draw_prop_behind(brush: Brush, figure: Figure) -> None:
    """Draw the part of a prop that the person hides."""
    with brush.drawing(Part.PROP):
        match figure.person.prop:
            case Prop.UMBRELLA:
                _umbrella(brush, figure)
            case Prop.BALLOON:
                _balloon(brush, figure)
            case _:
                pass


def draw_prop(brush: Brush, figure: Figure) -> None:
    """Draw what is in the hand; the hand itself is drawn after it."""
    x, y = acting_hand(figure)
    side = gesture_side(figure)
    with brush.drawing(Part.PROP):
        match figure.person.prop:
            case Prop.SWORD:
                _sword(brush, x, y, side)
            case Prop.STAFF:
                _staff(brush, figure, x, y)
            case Prop.UMBRELLA:
                _rod(brush, (x, y + 0.42), (x - side * 0.16, -0.6), WOOD)
            case Prop.BOOK:
                _book(brush, figure, y)
            case Prop.CANE:
                _rod(brush, (x, y - 0.1), (x + side * 0.06, SOLE_Y), WOOD)
                hook = (
                    skia.Path()
                    .moveTo(x, y - 0.1)
                    .cubicTo(x, y - 0.36, x + side * 0.26, y - 0.36, x + side * 0.26, y - 0.12)
                )
                brush.stroke(hook, outline_of(WOOD), 3.6)
                brush.stroke(hook, WOOD, 2.0)
            case Prop.FLOWER:
                _flower(brush, figure, x, y)
            case Prop.CUP:
                _cup(brush, figure, x, y)
            case Prop.BALLOON:
                brush.stroke(polyline((x, y), (x + side * 0.24, -0.2)), (110, 100, 120), 0.7)
            case None:
                pass


def _rod(brush: Brush, start: tuple[float, float], end: tuple[float, float], colour: RGB) -> None:
    path = polyline(start, end)
    brush.stroke(path, outline_of(colour), 3.6)
    brush.stroke(path, colour, 2.0)


def _sword(brush: Brush, x: float, y: float, side: int) -> None:
    steel = (214.0, 224.0, 238.0)
    with brush.placed(x, y, turn=side * 8):
        blade = polygon(
            (-0.115, -0.30), (-0.115, -1.95), (0.0, -2.22), (0.115, -1.95), (0.115, -0.30)
        )
        brush.shape(blade, steel, line=(84, 92, 124))
        brush.shadow(
            polygon((0.0, -0.30), (0.0, -2.22), (0.115, -1.95), (0.115, -0.30)), (170, 184, 212)
        )
        brush.shape(box(-0.055, -0.25, 0.055, 0.3, 0.04), (120, 74, 56))
        brush.shape(box(-0.30, -0.34, 0.30, -0.20, 0.06), (240, 196, 86))
        brush.shape(ellipse(0.0, 0.33, 0.085, 0.085), (240, 196, 86))


def _staff(brush: Brush, figure: Figure, x: float, y: float) -> None:
    _rod(brush, (x, min(y + 1.9, SOLE_Y)), (x, y - 1.5), WOOD)
    gem = _colour(figure)
    brush.shape(ellipse(x, y - 1.66, 0.25, 0.25), gem)
    brush.fill(ellipse(x - 0.08, y - 1.75, 0.075, 0.075), WHITE)


def _umbrella(brush: Brush, figure: Figure) -> None:
    x, y = acting_hand(figure)
    side = gesture_side(figure)
    colour = _colour(figure)
    with brush.placed(x - side * 0.34, y - 2.62, turn=-side * 7):
        dome = skia.Path().moveTo(-2.0, 0.42)
        dome.cubicTo(-1.8, -1.1, 1.8, -1.1, 2.0, 0.42)
        for i in range(5):
            x1 = 2.0 - 4.0 * (i + 1) / 5
            dome.quadTo(x1 + 0.40, 0.12, x1, 0.42)
        dome.close()
        gradient = Gradient(
            start=(0, -0.7), end=(0, 0.5), colours=(tint(colour, 0.15), colour, shade(colour, 0.15))
        )
        brush.shape(dome, colour, gradient=gradient)
        for k in (-1.2, -0.4, 0.4, 1.2):
            rib = skia.Path().moveTo(0.0, -0.64).quadTo(k * 0.75, -0.5, k, 0.42)
            brush.crease(rib, shade(colour, 0.42), 0.8)
        brush.stroke(polyline((0.0, -0.64), (0.0, -0.84)), outline_of(colour), 1.6)


def _balloon(brush: Brush, figure: Figure) -> None:
    x, y = acting_hand(figure)
    side = gesture_side(figure)
    colour = _colour(figure)
    bx, by = x + side * 0.28, -0.78
    brush.stroke(polyline((x, y), (bx, by + 0.6)), (110, 100, 120), 0.8)
    brush.shape(ellipse(bx, by, 0.50, 0.58), colour)
    brush.shape(
        polygon((bx, by + 0.56), (bx - 0.08, by + 0.68), (bx + 0.08, by + 0.68)), colour, weight=0.8
    )
    brush.shadow(ellipse(bx - 0.18, by - 0.24, 0.10, 0.16), tint(colour, 0.65))


def _book(brush: Brush, figure: Figure, y: float) -> None:
    cover = _colour(figure)
    for side in (-1, 1):
        board = polygon(
            (0.0, y - 0.30), (side * 0.56, y - 0.42), (side * 0.56, y + 0.20), (0.0, y + 0.34)
        )
        brush.shape(board, cover)
        pages = polygon(
            (0.0, y - 0.33), (side * 0.50, y - 0.46), (side * 0.50, y - 0.37), (0.0, y - 0.24)
        )
        brush.shape(pages, (254, 250, 238), weight=0.7)
        brush.crease(
            polyline((side * 0.12, y - 0.1), (side * 0.44, y - 0.17)), tint(cover, 0.6), 1.0
        )


def _flower(brush: Brush, figure: Figure, x: float, y: float) -> None:
    stem = (84.0, 156.0, 84.0)
    colour = _colour(figure)
    _rod(brush, (x, y + 0.26), (x, y - 0.42), stem)
    for side in (-1, 1):
        brush.shape(
            smooth([(x, y - 0.1), (x + side * 0.24, y - 0.28), (x + side * 0.08, y - 0.30)]),
            stem,
            weight=0.8,
        )
    for dx, dy in ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3)):
        brush.shape(ellipse(x + dx * 0.17, y - 0.56 + dy * 0.17, 0.15, 0.15), colour, weight=0.8)
    brush.shape(ellipse(x, y - 0.56, 0.1, 0.1), (252, 226, 110), weight=0.8)


def _cup(brush: Brush, figure: Figure, x: float, y: float) -> None:
    colour = mix(_colour(figure), WHITE, 0.15)
    side = gesture_side(figure)
    handle = ellipse(x - side * 0.24, y - 0.12, 0.12, 0.13)
    brush.stroke(handle, outline_of(colour), 1.8)
    body = polygon(
        (x - 0.2, y - 0.32), (x + 0.2, y - 0.32), (x + 0.16, y + 0.1), (x - 0.16, y + 0.1)
    )
    brush.shape(body, colour)
    brush.shape(ellipse(x, y - 0.32, 0.2, 0.06), (120, 78, 54), line=outline_of(colour), weight=0.9)
    steam = limb([(x, y - 0.46), (x + 0.07, y - 0.6), (x, y - 0.76)], [0.03, 0.045, 0.02])
    brush.shadow(steam, WHITE, 190)
