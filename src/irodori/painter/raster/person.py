"""One person from back to front: which subject covers which, from each camera."""

from collections.abc import Iterator
from contextlib import contextmanager

from irodori.painter.parts import Part
from irodori.painter.raster.accessories import draw_behind_head, draw_on_head, draw_ties, draw_wings
from irodori.painter.raster.body import HIP_Y, arms_of, draw_arm, draw_legs, draw_neck
from irodori.painter.raster.brush import Brush
from irodori.painter.raster.eyes import draw_brows, draw_eyepatch, draw_glasses
from irodori.painter.raster.face import draw_face
from irodori.painter.raster.figure import CHIN_Y, Figure
from irodori.painter.raster.fringe import draw_fringe
from irodori.painter.raster.garments import draw_garment, sleeve_of
from irodori.painter.raster.interior import draw_stool
from irodori.painter.raster.legwear import draw_footwear, draw_legwear
from irodori.painter.raster.mane import draw_front_braids, draw_mane, draw_nape
from irodori.painter.raster.neckwear import draw_neckwear
from irodori.painter.raster.profile import (
    draw_profile_braid,
    draw_profile_head,
    draw_profile_mane,
    turned_body,
)
from irodori.painter.raster.props import draw_prop, draw_prop_behind
from irodori.painter.raster.skirts import covers_knees, draw_bottom
from irodori.painter.scene import Accessory


def draw_person(brush: Brush, figure: Figure) -> None:
    """Draw a whole figure in its own coordinates; what lies outside the canvas is cropped."""
    if figure.from_behind:
        _draw_from_behind(brush, figure)
    elif figure.from_side:
        _draw_from_side(brush, figure)
    else:
        _draw_from_front(brush, figure)


def _draw_from_front(brush: Brush, figure: Figure) -> None:
    with _body(brush, figure):
        draw_prop_behind(brush, figure)
        if figure.person.accessory is Accessory.WINGS and figure.wings_shown:
            draw_wings(brush, figure)
    with brush.placed(0, 0, turn=figure.tilt * 0.5):
        draw_mane(brush, figure)
    with _body(brush, figure):
        _draw_arms(brush, figure, behind=True)
        _draw_lower_body(brush, figure)
        draw_neck(brush, figure)
        draw_garment(brush, figure)
        draw_neckwear(brush, figure)
        draw_front_braids(brush, figure)
        _draw_arms(brush, figure, behind=False)
    with brush.placed(0, 0, turn=figure.tilt):
        draw_behind_head(brush, figure)
        draw_face(brush, figure)
        _draw_features_over(brush, figure)
        draw_ties(brush, figure)
        draw_on_head(brush, figure)
    with _body(brush, figure):
        _draw_arms(brush, figure, raised=True)


def _draw_from_behind(brush: Brush, figure: Figure) -> None:
    with _body(brush, figure):
        draw_prop(brush, figure)
        _draw_lower_body(brush, figure)
        draw_neck(brush, figure)
        draw_garment(brush, figure)
        draw_neckwear(brush, figure)
        for side, arm in arms_of(figure):
            draw_arm(brush, figure, side, arm, sleeve_of(figure))
    with brush.placed(0, 0, turn=figure.tilt):
        draw_behind_head(brush, figure)
        if not figure.faces_away:
            draw_face(brush, figure)
            _draw_features_over(brush, figure)
    draw_nape(brush, figure)
    with brush.placed(0, 0, turn=figure.tilt):
        draw_ties(brush, figure)
        if figure.person.accessory is Accessory.WINGS:
            with _body(brush, figure):
                draw_wings(brush, figure)
        draw_on_head(brush, figure)


def _draw_features_over(brush: Brush, figure: Figure) -> None:
    """Draw the bangs, and what shows through or lies over them."""
    with brush.placed(0.0, figure.face_drop):
        draw_fringe(brush, figure)
        draw_brows(brush, figure)
        draw_eyepatch(brush, figure)
        if figure.person.face.glasses:
            draw_glasses(brush, figure)


def _draw_lower_body(brush: Brush, figure: Figure) -> None:
    sitting = figure.person.sitting
    if sitting:
        with brush.drawing(Part.FURNITURE):
            draw_stool(brush, HIP_Y + 0.24)
    if sitting and not covers_knees(figure):
        draw_bottom(brush, figure)  # the knees of a sitting person lie before the skirt
    draw_legs(brush, figure)
    draw_legwear(brush, figure)
    draw_footwear(brush, figure)
    if not sitting or covers_knees(figure):
        draw_bottom(brush, figure)


def _draw_arms(brush: Brush, figure: Figure, *, behind: bool = False, raised: bool = False) -> None:
    """Draw the arms that lie behind the body, in front of it, or over the head."""
    sleeve = sleeve_of(figure)
    for i, (side, arm) in enumerate(arms_of(figure)):
        if arm.behind is not behind or arm.raised is not raised:
            continue
        if i == 0 and not behind:
            draw_prop(brush, figure)
        draw_arm(brush, figure, side, arm, sleeve)


@contextmanager
def _body(brush: Brush, figure: Figure) -> Iterator[None]:
    """Draw in the frame of everything below the chin."""
    brush.canvas.save()
    brush.canvas.translate(0.0, CHIN_Y)
    brush.canvas.scale(*figure.body_scale)
    brush.canvas.translate(0.0, -CHIN_Y)
    yield
    brush.canvas.restore()


def _draw_from_side(brush: Brush, figure: Figure) -> None:
    """Draw a profile; which way it faces follows from the figure."""
    facing = figure.rng("facing").choice((-1, 1))
    (near_side, near), (_, far) = arms_of(figure)
    sleeve = sleeve_of(figure)
    with brush.placed(0.0, 0.0, mirrored=facing < 0):
        draw_profile_mane(brush, figure)
        with _body(brush, figure), turned_body(brush):
            draw_arm(brush, figure, 1, far, sleeve)
            _draw_lower_body(brush, figure)
            draw_neck(brush, figure)
            draw_garment(brush, figure)
            draw_neckwear(brush, figure)
            # the acting arm reaches forward, whichever side the gesture has from the front
            with brush.placed(-0.36, 0.0, mirrored=near_side < 0):
                draw_prop(brush, figure)
                draw_arm(brush, figure, near_side, near, sleeve)
        with _body(brush, figure):
            draw_profile_braid(brush, figure)
        with _narrowed(brush):
            draw_behind_head(brush, figure)
        draw_profile_head(brush, figure)
        draw_ties(brush, figure)
        with _narrowed(brush):
            draw_on_head(brush, figure)


@contextmanager
def _narrowed(brush: Brush) -> Iterator[None]:
    """Draw what sits on the head as it looks from the side: closer together, further back."""
    brush.canvas.save()
    brush.canvas.translate(-0.06, 0.0)
    brush.canvas.scale(0.88, 1.0)
    yield
    brush.canvas.restore()
