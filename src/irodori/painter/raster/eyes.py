"""Eyes, lashes, brows, glasses: the part of an anime picture that is looked at first."""

import skia

from irodori.painter.palette import EYE_RGB, INK, RGB, WHITE, Colour, mix, tint, vary
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import ellipse, polyline
from irodori.painter.scene import Expression, EyeState, Gaze, Sex

EYE_X = 0.425
EYE_Y = 0.20
_UP_BROWS = frozenset({Expression.SURPRISED, Expression.OPEN_MOUTH, Expression.HAPPY})
_SAD_BROWS = frozenset({Expression.SAD, Expression.CRYING, Expression.WAVY_MOUTH})


def eye_positions(figure: Figure) -> tuple[tuple[int, float, float], ...]:
    """Return (side, x, width scale) for both eyes; the far one of a turned head is narrower."""
    shift = figure.turn * 0.095
    return tuple(
        (side, side * EYE_X + shift, 1.0 - max(0.0, side * figure.turn) * 0.16) for side in (-1, 1)
    )


def draw_eyes(brush: Brush, figure: Figure) -> None:
    """Draw both eyes, closed or open, without brows."""
    face = figure.person.face
    covered = _patched_side(figure)
    for side, x, width in eye_positions(figure):
        colour = face.left_eye if side < 0 else face.right_eye
        if side == covered:
            continue
        shut = face.state is EyeState.CLOSED or (
            face.state is EyeState.WINK and side == winking_side(figure)
        )
        with brush.placed(x, EYE_Y):
            brush.canvas.scale(width * side, 1.0)
            if shut:
                _draw_shut(brush, figure)
            else:
                _draw_open(brush, figure, colour, side)


def winking_side(figure: Figure) -> int:
    """Return which eye is closed in a wink: -1 the left one in the picture, 1 the right."""
    face = figure.person.face
    return -face.acting_eye if face.eyepatch else face.acting_eye


def draw_brows(brush: Brush, figure: Figure) -> None:
    """Draw the brows, over the bangs as illustrators do."""
    expression = figure.person.face.expression
    colour = mix(figure.hair.line, INK, 0.3)
    inner, outer, lift = 0.0, 0.05, 0.0
    if expression is Expression.ANGRY:
        inner, outer = 0.16, -0.07
    elif expression is Expression.FROWN:
        inner, outer = 0.09, 0.0
    elif expression in _SAD_BROWS:
        inner, outer = -0.10, 0.13
    elif expression in _UP_BROWS:
        lift = -0.05
    boy = figure.person.sex is Sex.BOY
    weight = 2.2 if boy else 1.25 if expression is Expression.ANGRY else 0.95
    with brush.drawing(Part.BROWS):
        for side, x, width in eye_positions(figure):
            raised = -0.1 if expression is Expression.SMIRK and side > 0 else 0.0
            y = -0.25 + lift + raised
            path = skia.Path().moveTo(x - side * 0.17 * width, y + inner)
            path.quadTo(x + side * 0.06, y - 0.06 + inner * 0.2, x + side * 0.26 * width, y + outer)
            brush.stroke(path, colour, weight)


def draw_glasses(brush: Brush, figure: Figure) -> None:
    """Draw round glasses over eyes and hair."""
    rng = figure.rng("glasses")
    frame = rng.choice(((60, 42, 60), (60, 42, 60), (170, 44, 60), (54, 70, 140)))
    with brush.drawing(Part.GLASSES):
        eyes = eye_positions(figure)
        for side, x, width in eyes:
            lens = ellipse(x + side * 0.01, EYE_Y + 0.04, 0.335 * width, 0.325)
            brush.shadow(lens, (214, 236, 255), 46)
            brush.stroke(lens, frame, 1.35)
        left = eyes[0][1] + 0.33 * eyes[0][2]
        right = eyes[1][1] - 0.33 * eyes[1][2]
        bridge = skia.Path().moveTo(left, EYE_Y + 0.0)
        brush.stroke(bridge.quadTo((left + right) / 2, EYE_Y - 0.06, right, EYE_Y), frame, 1.3)


def draw_eyepatch(brush: Brush, figure: Figure) -> None:
    """Draw a patch over one eye, and its band across the hair."""
    side = _patched_side(figure)
    if not side:
        return
    x = side * EYE_X + figure.turn * 0.095
    with brush.drawing(Part.EYEPATCH):
        band = polyline((x - side * 1.2, EYE_Y - 0.72), (x, EYE_Y), (x + side * 0.5, EYE_Y - 0.16))
        brush.stroke(band, (50, 46, 58), 1.5)
        patch = ellipse(x, EYE_Y + 0.02, 0.3, 0.3)
        brush.shape(patch, (64, 58, 74), line=(34, 30, 40))


def _patched_side(figure: Figure) -> int:
    return figure.person.face.acting_eye if figure.person.face.eyepatch else 0


def _lash_colour(figure: Figure) -> RGB:
    return mix(figure.hair.line, (44, 30, 48), 0.65)


def _draw_shut(brush: Brush, figure: Figure) -> None:
    lash = _lash_colour(figure)
    happy = figure.person.face.expression in {Expression.HAPPY, Expression.GRIN}
    with brush.drawing(Part.BROWS):
        if happy:
            path = skia.Path().moveTo(-0.23, 0.16).quadTo(0.0, -0.18, 0.24, 0.14)
        else:
            path = skia.Path().moveTo(-0.23, 0.04).quadTo(0.02, 0.27, 0.24, 0.02)
            brush.stroke(polyline((0.19, 0.08), (0.30, 0.12)), lash, 1.1)
        brush.stroke(path, lash, 1.9)


def _draw_open(brush: Brush, figure: Figure, colour: Colour, side: int) -> None:
    """Draw one open eye in its own frame: x runs outwards, the centre is the origin."""
    expression = figure.person.face.expression
    boy = figure.person.sex is Sex.BOY
    height = 0.7 if boy else 1.0
    if expression is Expression.SURPRISED:
        height *= 1.12
    half = figure.person.face.state is EyeState.HALF
    with brush.placed(0, 0):
        brush.canvas.scale(1.0, height)
        white = _eye_white(lidded=half)
        with brush.drawing(Part.FACE):
            brush.fill(white, WHITE)
        with brush.inside(white):
            _draw_iris(brush, figure, colour, side)
        _draw_lashes(brush, figure, half=half, boy=boy)


def _eye_white(*, lidded: bool) -> skia.Path:
    top = -0.06 if lidded else -0.30
    return (
        skia.Path()
        .moveTo(-0.22, 0.06 if not lidded else 0.04)
        .cubicTo(-0.17, top, 0.12, top - 0.06, 0.25, -0.06 if not lidded else 0.0)
        .cubicTo(0.25, 0.16, 0.15, 0.31, 0.0, 0.31)
        .cubicTo(-0.13, 0.31, -0.21, 0.2, -0.22, 0.06)
        .close()
    )


def _draw_iris(brush: Brush, figure: Figure, colour: Colour, side: int) -> None:
    base = vary(EYE_RGB[colour], figure.rng(f"eye/{colour}"), amount=0.7)
    deep = mix(base, (24, 8, 48), 0.62)
    gaze = figure.person.face.gaze
    look = 0.07 if gaze in {Gaze.SIDE, Gaze.BACK} else 0.0
    toward = figure.rng("gaze").choice((-1, 1)) if gaze is Gaze.SIDE else (figure.turn or 1)
    x = (look * (1 if toward > 0 else -1) + figure.turn * 0.015) * side
    shrink = 0.78 if figure.person.face.expression is Expression.SURPRISED else 1.0
    rx, ry = 0.185 * shrink, 0.275 * shrink
    iris = ellipse(x, 0.02, rx, ry)
    with brush.drawing(Part.EYES):
        top, bottom = (0.0, 0.02 - ry), (0.0, 0.02 + ry)
        tones = (deep, mix(base, deep, 0.25), base, tint(base, 0.38))
        brush.fill(iris, base, gradient=Gradient(start=top, end=bottom, colours=tones))
        with brush.inside(iris):
            brush.shadow(ellipse(x, 0.02 + ry * 0.78, rx * 0.72, ry * 0.36), tint(base, 0.55), 170)
        brush.stroke(iris, deep, 0.8)
        brush.fill(ellipse(x, 0.01, rx * 0.42, ry * 0.42), mix(base, (18, 4, 36), 0.84))
    with brush.drawing(Part.EYES):
        brush.shadow(_lid_shadow(), (110, 84, 140), 92)
        # highlights lie on the same side of both eyes
        brush.fill(ellipse(x - 0.075 * side, -0.105, 0.07 * shrink, 0.088 * shrink), WHITE)
        brush.fill(ellipse(x + 0.075 * side, 0.16, 0.036, 0.044), WHITE, alpha=230)


def _lid_shadow() -> skia.Path:
    path = skia.Path().moveTo(-0.26, -0.4).lineTo(0.3, -0.4).lineTo(0.3, -0.04)
    return path.cubicTo(0.12, -0.24, -0.12, -0.22, -0.26, 0.08).close()


def _draw_lashes(brush: Brush, figure: Figure, *, half: bool, boy: bool) -> None:
    lash = _lash_colour(figure)
    top = -0.06 if half else -0.30
    outer = 0.0 if half else -0.06
    with brush.drawing(Part.BROWS):
        lid = skia.Path().moveTo(-0.25, 0.09)
        lid.cubicTo(-0.2, top - 0.03, 0.10, top - 0.13, 0.29, outer - 0.05)
        if not boy:
            lid.lineTo(0.37, outer - 0.12)
            lid.quadTo(0.35, outer + 0.02, 0.27, outer + 0.07)
        else:
            lid.lineTo(0.28, outer + 0.05)
        lid.cubicTo(0.12, top + 0.06, -0.14, top + 0.1, -0.25, 0.09).close()
        brush.fill(lid, lash)
        brush.stroke(lid, lash, 0.35)
        under = skia.Path().moveTo(-0.08, 0.315).quadTo(0.1, 0.33, 0.2, 0.21)
        brush.crease(under, mix(lash, figure.skin.line, 0.4), 0.55)
        if not half:
            fold = skia.Path().moveTo(-0.1, top - 0.09).quadTo(0.1, top - 0.13, 0.24, outer - 0.15)
            brush.crease(fold, mix(lash, figure.skin.line, 0.6), 0.5)
