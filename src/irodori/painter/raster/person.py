"""One person from back to front: which subject covers which, from the front and from behind."""

from irodori.painter.parts import Part
from irodori.painter.raster.accessories import draw_behind_head, draw_on_head, draw_ties, draw_wings
from irodori.painter.raster.body import HIP_Y, arms_of, draw_arm, draw_legs, draw_neck
from irodori.painter.raster.brush import Brush
from irodori.painter.raster.eyes import draw_eyepatch, draw_glasses
from irodori.painter.raster.face import draw_face, draw_over_hair
from irodori.painter.raster.figure import Figure
from irodori.painter.raster.fringe import draw_fringe
from irodori.painter.raster.garments import draw_garment, sleeve_of
from irodori.painter.raster.interior import draw_stool
from irodori.painter.raster.mane import draw_front_braids, draw_mane, draw_nape
from irodori.painter.raster.props import draw_prop, draw_prop_behind
from irodori.painter.raster.skirts import draw_bottom, draw_footwear, draw_legwear, draw_neckwear
from irodori.painter.scene import Accessory, Camera

CHIBI_BODY = (0.80, 0.66)
ABOVE_BODY = (0.90, 0.76)


def draw_person(brush: Brush, figure: Figure) -> None:
    """Draw a whole figure in its own coordinates; what lies outside the canvas is cropped."""
    if figure.from_behind:
        _draw_from_behind(brush, figure)
    else:
        _draw_from_front(brush, figure)


def _draw_from_front(brush: Brush, figure: Figure) -> None:
    with _Body(brush, figure):
        draw_prop_behind(brush, figure)
        if figure.person.accessory is Accessory.WINGS:
            draw_wings(brush, figure)
    with brush.placed(0, 0, turn=figure.tilt * 0.5):
        draw_mane(brush, figure)
    with _Body(brush, figure):
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
        draw_fringe(brush, figure)
        draw_over_hair(brush, figure)
        draw_eyepatch(brush, figure)
        if figure.person.face.glasses:
            draw_glasses(brush, figure)
        draw_ties(brush, figure)
        draw_on_head(brush, figure)
    with _Body(brush, figure):
        _draw_arms(brush, figure, raised=True)


def _draw_from_behind(brush: Brush, figure: Figure) -> None:
    with _Body(brush, figure):
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
            draw_fringe(brush, figure)
            draw_over_hair(brush, figure)
    draw_nape(brush, figure)
    with brush.placed(0, 0, turn=figure.tilt):
        draw_ties(brush, figure)
        if figure.person.accessory is Accessory.WINGS:
            with _Body(brush, figure):
                draw_wings(brush, figure)
        draw_on_head(brush, figure)


def _draw_lower_body(brush: Brush, figure: Figure) -> None:
    if figure.person.sitting:
        with brush.drawing(Part.FURNITURE):
            draw_stool(brush, HIP_Y + 0.22)
    draw_legs(brush, figure)
    draw_legwear(brush, figure)
    draw_footwear(brush, figure)
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


class _Body:
    """The frame of everything below the chin: smaller for a chibi, shortened from above."""

    def __init__(self, brush: Brush, figure: Figure) -> None:
        self._brush = brush
        wide, high = CHIBI_BODY if figure.chibi else (1.0, 1.0)
        if figure.camera is Camera.ABOVE:
            wide, high = wide * ABOVE_BODY[0], high * ABOVE_BODY[1]
        self._scale = (wide, high)

    def __enter__(self) -> None:
        canvas = self._brush.canvas
        canvas.save()
        canvas.translate(0.0, 0.95)
        canvas.scale(*self._scale)
        canvas.translate(0.0, -0.95)

    def __exit__(self, *_: object) -> None:
        self._brush.canvas.restore()
