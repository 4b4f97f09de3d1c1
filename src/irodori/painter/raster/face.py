"""The front of the head: skull, ears, nose, mouth, blush and tears."""

from collections.abc import Mapping
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, mix
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush
from irodori.painter.raster.eyes import draw_eyes
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, polyline
from irodori.painter.scene import Expression, EyeState, Sex

LIP: RGB = (150, 56, 62)
MOUTH: RGB = (170, 42, 58)
TONGUE: RGB = (250, 132, 138)
TEAR: RGB = (150, 208, 255)


def face_path(figure: Figure) -> skia.Path:
    """Return the contour of the face: round cheeks, a small chin."""
    chin = figure.turn * 0.05
    jaw, chin_width = (0.70, 0.36) if figure.person.sex is Sex.GIRL else (0.82, 0.46)
    return (
        skia.Path()
        .moveTo(-0.92, -0.2)
        .cubicTo(-0.96, 0.34, -jaw, 0.66, -chin_width + chin, 0.86)
        .quadTo(-0.14 + chin, 0.97, chin, 0.97)
        .quadTo(0.14 + chin, 0.97, chin_width + chin, 0.86)
        .cubicTo(jaw, 0.66, 0.96, 0.34, 0.92, -0.2)
        .cubicTo(0.92, -1.16, -0.92, -1.16, -0.92, -0.2)
        .close()
    )


def draw_face(brush: Brush, figure: Figure) -> None:
    """Draw ears, face and features; hair comes after."""
    skin = figure.skin
    with brush.drawing(Part.SKIN):
        for side in (-1, 1):
            brush.shape(ellipse(side * 0.9, 0.24, 0.13, 0.2), skin.base, line=skin.line)
    path = face_path(figure)
    with brush.drawing(Part.FACE):
        brush.shape(path, skin.base, line=skin.line)
    with brush.inside(path), brush.placed(0.0, figure.face_drop):
        _draw_blush(brush, figure)
        shift = figure.turn * 0.10
        with brush.drawing(Part.FACE):
            brush.crease(polyline((shift + 0.015, 0.46), (shift - 0.03, 0.51)), skin.line, 0.7)
        draw_eyes(brush, figure)
        with brush.drawing(Part.MOUTH):
            draw_mouth(brush, figure, shift * 0.85, 0.70 - figure.face_drop * 0.35)
        if figure.person.face.expression is Expression.CRYING:
            _draw_tears(brush, figure)


def _draw_blush(brush: Brush, figure: Figure) -> None:
    if not figure.person.face.blush:
        return
    shift = figure.turn * 0.09
    with brush.drawing(Part.FACE):
        for side in (-1, 1):
            x = side * 0.58 + shift
            brush.tinge(ellipse(x, 0.54, 0.2, 0.115), figure.skin.blush, 185)
            for k in (-1, 0, 1):
                mark = polyline((x + k * 0.1 + 0.03, 0.49), (x + k * 0.1 - 0.03, 0.59))
                brush.crease(mark, mix(figure.skin.blush, (214, 60, 74), 0.6), 0.6)


def draw_mouth(brush: Brush, figure: Figure, x: float, y: float) -> None:
    """Draw the mouth of the figure's expression around (x, y)."""
    expression = figure.person.face.expression
    match expression:
        case Expression.HAPPY:
            _open_mouth(brush, x, y, width=0.25, height=0.27)
        case Expression.OPEN_MOUTH:
            _open_mouth(brush, x, y, width=0.15, height=0.2)
        case Expression.SURPRISED:
            path = ellipse(x, y + 0.04, 0.10, 0.14)
            brush.shape(path, MOUTH, line=LIP)
        case Expression.CRYING:
            _crying_mouth(brush, x, y)
        case Expression.GRIN:
            _grin(brush, x, y)
        case Expression.TONGUE_OUT:
            tongue = (
                skia.Path()
                .moveTo(x - 0.03, y + 0.05)
                .cubicTo(x - 0.03, y + 0.3, x + 0.19, y + 0.3, x + 0.19, y + 0.03)
                .close()
            )
            brush.shape(tongue, TONGUE, line=LIP, weight=0.9)
            brush.stroke(_curve(x, y - 0.02, 0.22, 0.11), LIP, 1.1)
        case _:
            brush.stroke(_closed_mouth(expression, x, y), LIP, 1.15)


_CURVES: Final[Mapping[Expression, tuple[float, float, float]]] = {
    # how far above or below the mouth's place, half width, depth of the bow
    Expression.SMILE: (-0.04, 0.23, 0.15),
    Expression.LIGHT_SMILE: (0.0, 0.13, 0.07),
    Expression.FROWN: (0.07, 0.18, -0.13),
    Expression.ANGRY: (0.07, 0.18, -0.13),
    Expression.SAD: (0.05, 0.13, -0.08),
}


def _closed_mouth(expression: Expression, x: float, y: float) -> skia.Path:
    if expression in _CURVES:
        drop, width, depth = _CURVES[expression]
        return _curve(x, y + drop, width, depth)
    match expression:
        case Expression.SMIRK:
            path = skia.Path().moveTo(x - 0.14, y + 0.03)
            return path.quadTo(x + 0.08, y + 0.10, x + 0.21, y - 0.08)
        case Expression.CAT_MOUTH:
            path = skia.Path().moveTo(x - 0.22, y - 0.03)
            path.quadTo(x - 0.11, y + 0.15, x, y)
            return path.quadTo(x + 0.11, y + 0.15, x + 0.22, y - 0.03)
        case Expression.WAVY_MOUTH:
            path = skia.Path().moveTo(x - 0.22, y + 0.02)
            path.cubicTo(x - 0.13, y - 0.13, x - 0.09, y + 0.16, x, y + 0.02)
            return path.cubicTo(x + 0.09, y - 0.13, x + 0.13, y + 0.16, x + 0.22, y + 0.01)
        case _:
            return polyline((x - 0.1, y + 0.02), (x + 0.1, y + 0.02))


def _curve(x: float, y: float, width: float, depth: float) -> skia.Path:
    return skia.Path().moveTo(x - width, y).quadTo(x, y + depth * 1.6, x + width, y)


def _mouth_path(x: float, y: float, width: float, height: float) -> skia.Path:
    top = y - 0.08
    return (
        skia.Path()
        .moveTo(x - width, top)
        .quadTo(x, top + 0.05, x + width, top)
        .cubicTo(
            x + width * 0.9,
            top + height,
            x + width * 0.35,
            top + height * 1.12,
            x,
            top + height * 1.12,
        )
        .cubicTo(
            x - width * 0.35, top + height * 1.12, x - width * 0.9, top + height, x - width, top
        )
        .close()
    )


def _open_mouth(brush: Brush, x: float, y: float, *, width: float, height: float) -> None:
    path = _mouth_path(x, y, width, height)
    brush.fill(path, MOUTH)
    with brush.inside(path):
        brush.fill(ellipse(x, y - 0.08 + height * 1.05, width * 0.62, height * 0.38), TONGUE)
    brush.stroke(path, LIP, 1.0)


def _crying_mouth(brush: Brush, x: float, y: float) -> None:
    path = (
        skia.Path()
        .moveTo(x - 0.2, y + 0.14)
        .cubicTo(x - 0.18, y - 0.16, x + 0.18, y - 0.16, x + 0.2, y + 0.14)
        .quadTo(x, y + 0.07, x - 0.2, y + 0.14)
        .close()
    )
    brush.shape(path, MOUTH, line=LIP)


def _grin(brush: Brush, x: float, y: float) -> None:
    path = _mouth_path(x, y - 0.01, 0.27, 0.19)
    brush.shape(path, WHITE, line=LIP, weight=1.1)
    with brush.inside(path):
        brush.crease(polyline((x - 0.3, y + 0.01), (x + 0.3, y + 0.01)), (214, 190, 196), 0.8)


def _draw_tears(brush: Brush, figure: Figure) -> None:
    shift = figure.turn * 0.09
    closed = figure.person.face.state is EyeState.CLOSED
    with brush.drawing(Part.TEARS):
        for side in (-1, 1):
            x = side * 0.46 + shift
            top = 0.40 if closed else 0.50
            stream = (
                skia.Path()
                .moveTo(x - 0.08, top)
                .cubicTo(x - 0.1, 0.62, x - 0.13, 0.72, x - 0.09, 0.80)
                .cubicTo(x - 0.03, 0.88, x + 0.09, 0.86, x + 0.11, 0.76)
                .cubicTo(x + 0.12, 0.68, x + 0.07, 0.6, x + 0.08, top)
                .close()
            )
            brush.shape(stream, TEAR, line=(84, 146, 224), weight=0.7)
            brush.fill(ellipse(x - 0.02, 0.76, 0.03, 0.05), WHITE)
