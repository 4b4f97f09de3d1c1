"""A person seen from the side, facing the picture's right: the head in profile, the body turned.

The body below is the frontal one, narrowed and turned away; what makes the view is the head.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import skia

from irodori.painter.palette import EYE_RGB, INK, WHITE, mix, tint, vary
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.face import LIP, MOUTH, TEAR, TONGUE
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.mane import (
    LOOSE_STYLES,
    REACH,
    draw_ball,
    draw_braid,
    draw_tail,
    tail_end,
)
from irodori.painter.raster.outline import ellipse, lock, polyline
from irodori.painter.scene import Expression, EyeState, HairStyle, Sex

BODY_WIDTH = 0.76
_EYE_X, _EYE_Y = 0.55, 0.20
_WIDE_OPEN = frozenset({Expression.HAPPY, Expression.OPEN_MOUTH, Expression.SURPRISED})


@contextmanager
def turned_body(brush: Brush) -> Iterator[None]:
    """Draw a frontal body so that it seems turned to the right."""
    brush.canvas.save()
    brush.canvas.translate(0.06, 0.0)
    brush.canvas.scale(BODY_WIDTH, 1.0)
    yield
    brush.canvas.restore()


def draw_profile_mane(brush: Brush, figure: Figure) -> None:
    """Draw the hair behind the body: what falls down the back."""
    hair, tones = figure.person.hair, figure.hair
    end = figure.drop(REACH[hair.length]) if hair.style in LOOSE_STYLES else 0.7
    with brush.drawing(Part.HAIR):
        if end > 0.9:
            path = skia.Path().moveTo(0.1, -0.6)
            path.cubicTo(-1.3, -0.6, -1.25, 0.4, -1.12, end * 0.6).quadTo(
                -1.1, end * 0.85, -1.22, end
            )
            path.quadTo(-0.9, end - 0.14, -0.78, end + 0.08).quadTo(
                -0.5, end - 0.14, -0.3, end + 0.02
            )
            path.quadTo(-0.12, end * 0.6, -0.05, 0.3).close()
            top = mix(tones.base, tones.dark, 0.35)
            gradient = Gradient(start=(0, -0.6), end=(0, end), colours=(top, top, tones.dark))
            brush.shape(path, top, gradient=gradient, line=tones.line)
            for x in (-0.9, -0.6):
                strand = skia.Path().moveTo(x, 0.4).quadTo(x - 0.1, end * 0.6, x - 0.02, end - 0.2)
                brush.crease(strand, mix(tones.dark, tones.line, 0.4), 0.7)
        _draw_tied(brush, figure)


def _draw_tied(brush: Brush, figure: Figure) -> None:
    end = tail_end(figure)
    match figure.person.hair.style:
        case HairStyle.PONYTAIL:
            draw_tail(brush, figure, (-0.62, -0.86), -1, end)
        case HairStyle.SIDE_PONYTAIL | HairStyle.TWINTAILS | HairStyle.DRILLS:
            draw_tail(brush, figure, (-0.74, -0.40), -1, end)
        case HairStyle.TWO_SIDE_UP:
            draw_tail(brush, figure, (-0.60, -0.80), -1, 0.5)
        case HairStyle.HAIR_BUN:
            draw_ball(brush, figure, -0.74, -0.98, 0.40)
        case HairStyle.DOUBLE_BUN:
            draw_ball(brush, figure, -0.55, -1.12, 0.36)
        case _:
            pass


def draw_profile_braid(brush: Brush, figure: Figure) -> None:
    """Draw a braid over the near shoulder."""
    if figure.person.hair.style in {HairStyle.TWIN_BRAIDS, HairStyle.SINGLE_BRAID}:
        with brush.drawing(Part.HAIR):
            draw_braid(brush, figure, -0.42, 0.72, tail_end(figure) + 0.1, -1)


def draw_profile_head(brush: Brush, figure: Figure) -> None:
    """Draw face, features and hair of a head in profile."""
    skin = figure.skin
    face = _face_path()
    with brush.drawing(Part.FACE):
        brush.shape(face, skin.base, line=skin.line)
        if figure.person.face.blush:
            brush.tinge(ellipse(0.44, 0.55, 0.17, 0.11), skin.blush, 185)
            for k in (-1, 0, 1):
                mark = polyline((0.47 + k * 0.09, 0.50), (0.41 + k * 0.09, 0.60))
                brush.crease(mark, mix(skin.blush, (214, 60, 74), 0.6), 0.6)
    _draw_eye(brush, figure)
    _draw_mouth(brush, figure)
    _draw_cap(brush, figure, face)
    _draw_brow(brush, figure)
    if figure.person.face.glasses:
        with brush.drawing(Part.GLASSES):
            frame = (60.0, 42.0, 60.0)
            brush.stroke(ellipse(0.66, 0.24, 0.23, 0.31), frame, 1.35)
            brush.stroke(polyline((0.43, 0.20), (-0.02, 0.14)), frame, 1.3)


def _face_path() -> skia.Path:
    return (
        skia.Path()
        .moveTo(-0.5, 0.3)
        .cubicTo(-0.7, -1.2, 0.86, -1.2, 0.86, -0.16)
        .quadTo(0.83, 0.08, 0.86, 0.18)
        .quadTo(0.93, 0.32, 1.01, 0.38)
        .quadTo(0.98, 0.46, 0.88, 0.47)
        .quadTo(0.84, 0.52, 0.90, 0.58)
        .quadTo(0.86, 0.66, 0.85, 0.68)
        .quadTo(0.90, 0.74, 0.82, 0.82)
        .quadTo(0.80, 0.97, 0.58, 0.96)
        .quadTo(0.20, 0.90, -0.10, 0.68)
        .close()
    )


def _draw_eye(brush: Brush, figure: Figure) -> None:
    face = figure.person.face
    lash = mix(figure.hair.line, (44, 30, 48), 0.65)
    with brush.placed(_EYE_X, _EYE_Y):
        if face.state is EyeState.CLOSED:
            with brush.drawing(Part.BROWS):
                brush.stroke(
                    skia.Path().moveTo(-0.17, 0.03).quadTo(0.04, 0.24, 0.22, 0.05), lash, 1.9
                )
        else:
            _draw_open_eye(brush, figure)
        if face.expression is Expression.CRYING:
            with brush.drawing(Part.TEARS):
                brush.shape(ellipse(0.08, 0.44, 0.075, 0.14), TEAR, line=(84, 146, 224), weight=0.7)


def _draw_open_eye(brush: Brush, figure: Figure) -> None:
    face = figure.person.face
    lash = mix(figure.hair.line, (44, 30, 48), 0.65)
    high = 0.7 if figure.person.sex is Sex.BOY else 1.0
    lid = -0.05 if face.state is EyeState.HALF else -0.30
    brush.canvas.save()
    brush.canvas.scale(1.0, high)
    white = skia.Path().moveTo(-0.16, -0.02).cubicTo(-0.1, lid, 0.1, lid - 0.05, 0.24, lid * 0.75)
    white.cubicTo(0.27, 0.0, 0.26, 0.2, 0.2, 0.29).cubicTo(
        0.02, 0.33, -0.12, 0.24, -0.16, -0.02
    ).close()
    base = vary(EYE_RGB[face.right_eye], figure.rng(f"eye/{face.right_eye}"), amount=0.7)
    deep = mix(base, (24, 8, 48), 0.62)
    with brush.drawing(Part.FACE):
        brush.fill(white, WHITE)
    with brush.inside(white), brush.drawing(Part.EYES):
        iris = ellipse(0.15, 0.02, 0.125, 0.275)
        tones = (deep, mix(base, deep, 0.25), base, tint(base, 0.38))
        brush.fill(iris, base, gradient=Gradient(start=(0, -0.25), end=(0, 0.3), colours=tones))
        brush.stroke(iris, deep, 0.8)
        brush.fill(ellipse(0.17, 0.01, 0.055, 0.115), mix(base, (18, 4, 36), 0.84))
        brush.fill(ellipse(0.11, -0.10, 0.05, 0.08), WHITE)
        brush.fill(ellipse(0.19, 0.16, 0.03, 0.042), WHITE, alpha=230)
    with brush.drawing(Part.BROWS):
        top = skia.Path().moveTo(-0.22, 0.02).lineTo(-0.16, -0.06)
        top.cubicTo(-0.1, lid - 0.06, 0.1, lid - 0.12, 0.28, lid * 0.75 - 0.04)
        top.cubicTo(0.1, lid + 0.03, -0.06, lid + 0.1, -0.14, 0.04).close()
        brush.fill(top, lash)
        brush.stroke(top, lash, 0.4)
    brush.canvas.restore()


def _draw_brow(brush: Brush, figure: Figure) -> None:
    expression = figure.person.face.expression
    inner, outer = 0.0, 0.03
    if expression in {Expression.ANGRY, Expression.FROWN}:
        inner, outer = 0.10, -0.06
    elif expression in {Expression.SAD, Expression.CRYING, Expression.WAVY_MOUTH}:
        inner, outer = -0.10, 0.08
    with brush.drawing(Part.BROWS):
        path = skia.Path().moveTo(0.78, -0.24 + inner).quadTo(0.6, -0.32, 0.42, -0.25 + outer)
        brush.stroke(path, mix(figure.hair.line, INK, 0.3), 1.0)


def _draw_mouth(brush: Brush, figure: Figure) -> None:
    expression = figure.person.face.expression
    with brush.drawing(Part.MOUTH):
        if expression in _WIDE_OPEN or expression is Expression.CRYING:
            high = 0.17 if expression is Expression.HAPPY else 0.12
            path = skia.Path().moveTo(0.62, 0.62).quadTo(0.76, 0.64, 0.88, 0.60)
            path.quadTo(0.86, 0.62 + high, 0.74, 0.64 + high).quadTo(
                0.64, 0.62 + high, 0.62, 0.62
            ).close()
            brush.shape(path, MOUTH, line=LIP)
            return
        if expression is Expression.GRIN:
            path = skia.Path().moveTo(0.60, 0.60).quadTo(0.76, 0.66, 0.88, 0.60)
            path.quadTo(0.84, 0.76, 0.72, 0.75).quadTo(0.62, 0.72, 0.60, 0.60).close()
            brush.shape(path, WHITE, line=LIP)
            return
        if expression is Expression.TONGUE_OUT:
            brush.shape(ellipse(0.86, 0.74, 0.09, 0.11), TONGUE, line=LIP, weight=0.9)
        bend = {
            Expression.SMILE: 0.12,
            Expression.SMIRK: 0.10,
            Expression.CAT_MOUTH: 0.13,
            Expression.TONGUE_OUT: 0.10,
            Expression.LIGHT_SMILE: 0.06,
            Expression.FROWN: -0.12,
            Expression.ANGRY: -0.12,
            Expression.SAD: -0.09,
            Expression.WAVY_MOUTH: -0.05,
        }.get(expression, 0.0)
        start = 0.66 - bend * 0.75
        brush.stroke(
            skia.Path().moveTo(0.62, start).quadTo(0.72, 0.68 + bend * 0.5, 0.86, 0.66), LIP, 1.15
        )


def _draw_cap(brush: Brush, figure: Figure, face: skia.Path) -> None:
    tones = figure.hair
    rng = figure.rng("fringe")
    low = rng.uniform(-0.03, 0.05)
    cap = (
        skia.Path()
        .moveTo(0.90, -0.30)
        .cubicTo(0.95, -0.95, 0.5, -1.23, -0.08, -1.22)
        .cubicTo(-0.86, -1.20, -1.20, -0.62, -1.10, 0.06)
        .cubicTo(-1.04, 0.42, -0.96, 0.58, -0.80, 0.74)
        .quadTo(-0.62, 0.66, -0.50, 0.76)
        .quadTo(-0.42, 0.5, -0.22, 0.60)
        .lineTo(-0.02, 0.12)
        .quadTo(0.16, 0.02, 0.30, 0.16 + low)
        .quadTo(0.30, -0.06, 0.40, -0.22)
        .quadTo(0.48, -0.04, 0.64, 0.06 + low)
        .quadTo(0.60, -0.12, 0.68, -0.26)
        .quadTo(0.76, -0.14, 0.90, -0.06 + low)
        .quadTo(0.86, -0.18, 0.90, -0.30)
        .close()
    )
    with brush.drawing(Part.FACE), brush.inside(face), brush.placed(0.02, 0.085):
        brush.shadow(cap, figure.skin.shadow, 170)
    with brush.drawing(Part.HAIR):
        colours = (
            mix(tones.base, tones.dark, 0.45),
            tones.base,
            mix(tones.base, tones.light, 0.16),
            tones.dark,
        )
        gradient = Gradient(start=(0.0, -1.2), end=(0.0, 0.5), colours=colours)
        side = lock((0.10, -0.1), (0.04, 0.86), width=0.15, bend=-0.06)
        brush.shape(side, tones.base, line=tones.line, weight=0.9)
        brush.shape(cap, tones.base, gradient=gradient, line=tones.line)
        with brush.inside(cap):
            for x, y in ((0.40, -0.22), (0.68, -0.26), (-0.22, 0.5)):
                strand = skia.Path().moveTo(x, y).quadTo(x * 0.7, y - 0.4, x * 0.3 - 0.05, -0.95)
                brush.crease(strand, mix(tones.dark, tones.line, 0.35), 0.6)
            for x0, x1 in ((-0.82, -0.42), (-0.28, 0.28), (0.42, 0.72)):
                shine = skia.Path().moveTo(x0, -0.58).quadTo((x0 + x1) / 2, -0.84, x1, -0.60)
                shine.lineTo(x1 - 0.08, -0.48).lineTo((x0 + x1) / 2, -0.62).lineTo(x0 + 0.1, -0.44)
                brush.shadow(shine.close(), tones.light, 205)
