"""Neck, legs, arms and hands: where the joints are in each pose, and how a limb is drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import skia

from irodori.painter.palette import RGB, mix, outline_of, shade
from irodori.painter.parts import Part
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.outline import Point, along, ellipse, limb, polyline, smooth
from irodori.painter.scene import Pose, Prop, Sex

SHOULDER_Y: Final = 1.40
HIP_Y: Final = 2.30
SOLE_Y: Final = 3.60


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Where an arm goes, for the arm on the picture's right; the left one is its mirror image.

    Attributes:
        elbow, hand: joints in figure coordinates.
        behind: whether the body hides the hand.
        raised: whether it is drawn over the hair.
        hand_kind: `relaxed`, `open`, `fist`, `v` or `none`.
    """

    elbow: Point
    hand: Point
    behind: bool = False
    raised: bool = False
    hand_kind: str = "relaxed"


_REST: Final = Arm(elbow=(0.84, 1.88), hand=(0.90, 2.36))
_UP: Final = Arm(elbow=(1.20, 0.98), hand=(1.32, -0.02), raised=True, hand_kind="open")
_WAVE: Final = Arm(elbow=(1.06, 1.72), hand=(1.34, 0.98), raised=True, hand_kind="open")
_POSES: Final[Mapping[Pose, tuple[Arm, Arm]]] = {
    # the arm on the gesture's side, then the other one
    Pose.ARMS_AT_SIDES: (_REST, _REST),
    Pose.ARMS_BEHIND_BACK: (
        Arm(elbow=(0.92, 1.86), hand=(0.42, 2.16), behind=True, hand_kind="none"),
    )
    * 2,
    Pose.ARMS_UP: (_UP, _UP),
    Pose.WAVING: (_WAVE, _REST),
    Pose.HANDS_ON_HIPS: (Arm(elbow=(1.16, 1.86), hand=(0.60, 2.14), hand_kind="fist"),) * 2,
    Pose.CROSSED_ARMS: (
        Arm(elbow=(0.82, 1.98), hand=(-0.34, 1.80), hand_kind="fist"),
        Arm(elbow=(0.82, 1.98), hand=(-0.30, 1.94), hand_kind="none"),
    ),
    Pose.OUTSTRETCHED_ARMS: (Arm(elbow=(1.14, 1.48), hand=(1.62, 1.38), hand_kind="open"),) * 2,
    Pose.HAND_ON_CHEST: (Arm(elbow=(0.88, 1.98), hand=(0.14, 1.70), hand_kind="relaxed"), _REST),
    Pose.V: (Arm(elbow=(1.02, 1.92), hand=(1.16, 1.14), raised=True, hand_kind="v"), _REST),
}
_GRIPS: Final[Mapping[Prop, tuple[Arm, Arm]]] = {
    Prop.SWORD: (Arm(elbow=(0.96, 1.94), hand=(1.14, 1.62), hand_kind="fist"), _REST),
    Prop.STAFF: (Arm(elbow=(0.96, 1.94), hand=(1.14, 1.62), hand_kind="fist"), _REST),
    Prop.UMBRELLA: (Arm(elbow=(0.92, 2.00), hand=(0.86, 1.58), hand_kind="fist"), _REST),
    Prop.BOOK: (Arm(elbow=(0.84, 1.98), hand=(0.40, 1.98), hand_kind="fist"),) * 2,
    Prop.CANE: (Arm(elbow=(0.94, 1.84), hand=(1.00, 2.28), hand_kind="fist"), _REST),
    Prop.FLOWER: (Arm(elbow=(0.86, 2.00), hand=(0.40, 1.86), hand_kind="fist"), _REST),
    Prop.CUP: (Arm(elbow=(0.88, 2.02), hand=(0.42, 1.74), hand_kind="fist"), _REST),
    Prop.BALLOON: (Arm(elbow=(1.00, 1.90), hand=(1.16, 1.44), hand_kind="fist"), _REST),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """What covers the arms: how much of them, how wide, in which colour."""

    colour: RGB
    share: float
    width: float = 0.2
    cuff: RGB | None = None
    flare: float = 1.0


def gesture_side(figure: Figure) -> int:
    """Return the side whose arm acts: -1 left in the picture, 1 right."""
    return figure.rng("gesture").choice((-1, 1))


def arms_of(figure: Figure) -> tuple[tuple[int, Arm], tuple[int, Arm]]:
    """Return (side, arm) for the acting arm and the other one."""
    person = figure.person
    if person.prop is not None:
        acting, other = _GRIPS[person.prop]
    else:
        acting, other = _POSES[person.pose]
    side = gesture_side(figure)
    return (side, acting), (-side, other)


def acting_hand(figure: Figure) -> Point:
    """Return where the acting hand is, in figure coordinates."""
    side, arm = arms_of(figure)[0]
    return (side * arm.hand[0], arm.hand[1])


def draw_arm(brush: Brush, figure: Figure, side: int, arm: Arm, sleeve: Sleeve) -> None:
    """Draw one arm with its sleeve and hand."""
    boy = figure.person.sex is Sex.BOY
    shoulder = (side * (0.69 if boy else 0.55), SHOULDER_Y + 0.04)
    joints = [shoulder, (side * arm.elbow[0], arm.elbow[1]), (side * arm.hand[0], arm.hand[1])]
    bare = [0.15, 0.125, 0.105] if not boy else [0.17, 0.14, 0.12]
    skin = figure.skin
    if sleeve.share < 0.95:
        with brush.drawing(Part.SKIN):
            brush.shape(limb(joints, bare, cap=0.2, start=0.8), skin.base, line=skin.line)
    if arm.hand_kind != "none":
        _draw_hand(brush, figure, joints[1], joints[2], arm.hand_kind)
    if sleeve.share > 0.05:
        _draw_sleeve(brush, joints, sleeve)


def _draw_sleeve(brush: Brush, joints: list[Point], sleeve: Sleeve) -> None:
    covered = along(joints, min(sleeve.share, 0.90))
    count = len(covered)
    taper = [sleeve.width * (1 - 0.1 * i) for i in range(count)]
    taper[-1] *= sleeve.flare
    path = limb(covered, taper, cap=0.12, start=0.75)
    with brush.drawing(Part.GARMENT):
        brush.shape(path, sleeve.colour, line=outline_of(sleeve.colour))
        with brush.inside(path):
            dark = shade(sleeve.colour, 0.2)
            brush.shadow(
                limb([(x - 0.10, y + 0.09) for x, y in covered], [w * 0.42 for w in taper]),
                dark,
                120,
            )
            if count == 3:
                x, y = covered[1]
                fold = polyline((x - 0.16, y - 0.04), (x + 0.05, y + 0.03))
                brush.crease(fold, shade(sleeve.colour, 0.42), 0.7)
        if sleeve.cuff is not None:
            (ax, ay), (bx, by) = covered[-2], covered[-1]
            start = (bx - (bx - ax) * 0.14, by - (by - ay) * 0.14)
            cuff = limb([start, (bx, by)], [taper[-1] * 1.06] * 2, cap=0.12)
            brush.shape(cuff, sleeve.cuff, line=outline_of(sleeve.colour), weight=0.8)


def _draw_hand(brush: Brush, figure: Figure, elbow: Point, hand: Point, kind: str) -> None:
    """Draw a hand that continues the forearm; its frame has the fingers pointing to -y."""
    angle = math.degrees(math.atan2(hand[0] - elbow[0], -(hand[1] - elbow[1])))
    inward = hand[0] > 0
    skin = figure.skin
    with brush.drawing(Part.HANDS), brush.placed(*hand, turn=angle, mirrored=inward):
        match kind:
            case "open":
                for turn, length in ((-34, 0.19), (-12, 0.25), (10, 0.25), (32, 0.21)):
                    with brush.placed(0, -0.02, turn=turn):
                        brush.shape(
                            limb([(0, -0.04), (0, -length)], [0.06, 0.05]),
                            skin.base,
                            line=skin.line,
                            weight=0.8,
                        )
                with brush.placed(0.05, 0.02, turn=70):
                    brush.shape(
                        limb([(0, 0), (0, -0.18)], [0.06, 0.05]),
                        skin.base,
                        line=skin.line,
                        weight=0.8,
                    )
                palm = ellipse(0, -0.02, 0.135, 0.14)
                brush.fill(palm, skin.base)
            case "v":
                for turn in (-18, 16):
                    with brush.placed(0, -0.04, turn=turn):
                        brush.shape(
                            limb([(0, 0), (0, -0.33)], [0.065, 0.055]),
                            skin.base,
                            line=skin.line,
                            weight=0.85,
                        )
                brush.shape(ellipse(0, 0.0, 0.14, 0.13), skin.base, line=skin.line)
                brush.crease(polyline((-0.08, 0.03), (0.07, 0.0)), skin.line, 0.7)
            case "fist":
                brush.shape(ellipse(0, -0.04, 0.145, 0.14), skin.base, line=skin.line)
                for y in (-0.08, 0.0):
                    brush.crease(polyline((-0.12, y), (-0.03, y)), skin.line, 0.6)
            case _:
                mitten = smooth(
                    [
                        (0.10, 0.04),
                        (0.12, -0.10),
                        (0.05, -0.25),
                        (-0.06, -0.25),
                        (-0.12, -0.10),
                        (-0.10, 0.04),
                    ]
                )
                brush.shape(mitten, skin.base, line=skin.line)
                thumb = limb([(0.07, -0.02), (0.13, -0.15)], [0.05, 0.045])
                brush.shape(thumb, skin.base, line=skin.line, weight=0.8)


def draw_neck(brush: Brush, figure: Figure) -> None:
    """Draw neck and bare shoulders, with the chin's shadow."""
    skin = figure.skin
    wide = 0.20 if figure.person.sex is Sex.GIRL else 0.25
    top = 0.50 if figure.from_behind else 0.75
    path = (
        skia.Path()
        .moveTo(-wide, top)
        .lineTo(-wide, 1.12)
        .quadTo(-wide - 0.06, 1.24, -0.62, 1.36)
        .lineTo(-0.5, 1.75)
        .lineTo(0.5, 1.75)
        .lineTo(0.62, 1.36)
        .quadTo(wide + 0.06, 1.24, wide, 1.12)
        .lineTo(wide, top)
        .close()
    )
    with brush.drawing(Part.SKIN):
        brush.shape(path, skin.base, line=skin.line)
        if not figure.from_behind:
            under = skia.Path().moveTo(-wide, 0.78).lineTo(-wide, 1.0)
            under.quadTo(0.05, 1.22, wide, 0.98).lineTo(wide, 0.78).close()
            brush.shadow(under, skin.shadow, 230)
            for side in (-1, 1):
                bone = polyline((side * 0.10, 1.34), (side * 0.30, 1.29))
                brush.crease(bone, mix(skin.line, skin.base, 0.35), 0.6)


def leg_joints(figure: Figure, side: int) -> list[Point]:
    """Return hip, knee and ankle of a leg."""
    if figure.person.sitting:
        return [(side * 0.34, 2.46), (side * 0.35, 2.62), (side * 0.31, 3.28)]
    return [(side * 0.25, HIP_Y - 0.05), (side * 0.25, 2.92), (side * 0.24, SOLE_Y - 0.16)]


def draw_legs(brush: Brush, figure: Figure) -> None:
    """Draw bare legs; stockings, trousers and shoes come over them."""
    skin = figure.skin
    with brush.drawing(Part.SKIN):
        for side in (-1, 1):
            joints = leg_joints(figure, side)
            widths = leg_widths(figure)
            path = limb(joints, widths, cap=0.3, start=0.7)
            gradient = Gradient(
                start=(0, 2.2), end=(0, 2.75), colours=(mix(skin.base, skin.shadow, 0.8), skin.base)
            )
            brush.shape(path, skin.base, line=skin.line, gradient=gradient)


def leg_widths(figure: Figure) -> list[float]:
    """Return the half widths of a leg at hip, knee and ankle."""
    if figure.person.sitting:
        return [0.26, 0.25, 0.13]
    return [0.235, 0.175, 0.125] if figure.person.sex is Sex.GIRL else [0.24, 0.18, 0.14]
