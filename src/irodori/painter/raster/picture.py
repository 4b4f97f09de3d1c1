"""Put a scene on a canvas: where its people stand, in which order things are drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from irodori.painter.medium import Pen, Style
from irodori.painter.raster.animals import draw_animal
from irodori.painter.raster.backdrop import Stage, draw_simple
from irodori.painter.raster.brush import PAPER, Brush, Finish
from irodori.painter.raster.figure import figure_of
from irodori.painter.raster.finish import apply_finish
from irodori.painter.raster.interior import draw_interior
from irodori.painter.raster.landscape import LANDSCAPES, draw_landscape
from irodori.painter.raster.night import draw_weather
from irodori.painter.raster.person import draw_person
from irodori.painter.scene import PLAIN_PLACES, Camera, Framing, Scene

_FINISHES: Final = {
    Style.FLAT_COLOR: Finish.FLAT,
    Style.SKETCH: Finish.SKETCH,
    Style.WATERCOLOR: Finish.WATERCOLOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a figure stands: centre and radius of its head, in pixels of the picture."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """A framing in numbers: the head's radius as a share of the shorter side, and the cut.

    Attributes:
        bottom: what lies at the lower edge, in head radii below the head's centre.
    """

    radius: float
    bottom: float


_FRAMES: Final = {
    Framing.PORTRAIT: _Frame(radius=0.345, bottom=1.50),
    Framing.UPPER_BODY: _Frame(radius=0.255, bottom=2.20),
    Framing.COWBOY_SHOT: _Frame(radius=0.216, bottom=2.79),
    Framing.FULL_BODY: _Frame(radius=0.192, bottom=3.72),
}
_FRAMES_OF_TWO: Final = {
    Framing.UPPER_BODY: _Frame(radius=0.205, bottom=2.20),
    Framing.COWBOY_SHOT: _Frame(radius=0.195, bottom=2.79),
    Framing.FULL_BODY: _Frame(radius=0.188, bottom=3.72),
}


def paint(scene: Scene, width: int, height: int, *, supersample: int = 2) -> NDArray[np.uint8]:
    """Return the picture of a scene.

    Args:
        scene: what to draw.
        width: in pixels, 16 or more.
        height: likewise; any aspect.
        supersample: how many times larger it is drawn and then averaged; 1 is fastest.

    Returns:
        uint8 [height, width, 3], RGB. The same arguments give the same bytes.
    """
    if min(width, height) < 16 or supersample < 1:
        raise ValueError(f"a picture needs 16 pixels a side, got {width}x{height} x{supersample}")
    pixels = np.zeros((height * supersample, width * supersample, 4), np.uint8)
    canvas = skia.Canvas(pixels, colorType=skia.kRGBA_8888_ColorType)
    _draw_scene(canvas, scene, width * supersample, height * supersample, _finish_of(scene))
    image = Image.fromarray(pixels).convert("RGB")
    if supersample > 1:
        image = image.reduce(supersample)
    return apply_finish(np.asarray(image), scene)


def _finish_of(scene: Scene) -> Finish:
    by_pen = Finish.INK if scene.pen is Pen.INK else Finish.PLAIN
    return _FINISHES.get(scene.style, by_pen)


def draw_labels(scene: Scene, width: int, height: int) -> NDArray[np.uint8]:
    """Return uint8 [height, width, 2]: the `Part` at each pixel, and whose it is.

    People are numbered 0, 1 from the left; the second number means nothing where the part is the
    background or an animal.
    """
    pixels = np.zeros((height, width, 4), np.uint8)
    canvas = skia.Canvas(pixels, colorType=skia.kRGBA_8888_ColorType)
    _draw_scene(canvas, scene, width, height, Finish.LABELS)
    return pixels[..., :2].copy()


def stands_of(scene: Scene, width: float, height: float) -> tuple[Stand, ...]:
    """Return where each person of the scene stands in a picture of that size."""
    count = len(scene.people)
    if not count:
        return ()
    rng = Random(f"{scene.seed}/layout")  # noqa: S311  # pictures, not secrets
    unit = min(width, height)
    frame = (_FRAMES if count == 1 else _FRAMES_OF_TWO)[scene.framing]
    radius = frame.radius * unit
    if count == 1 and height > width:
        radius *= min(1.30, (height / width) ** 0.65)
    if count == 2:
        radius = min(height * 0.205, width * 0.235, radius * max(1.0, min(1.2, width / height)))
    bottom = _bottom_of(scene, frame)
    radius = (
        min(radius, height / (bottom + 1.26)) if scene.framing is not Framing.PORTRAIT else radius
    )
    stands = []
    for i in range(count):
        size = radius * rng.uniform(0.96, 1.0)
        wide = min(0.5, 0.9 * size / width * 1.2)
        if count == 1:
            room = max(0.0, 0.5 - wide) * (0.55 if width > height * 1.2 else 0.16)
            x = 0.5 + rng.uniform(-1, 1) * room
        else:
            x = (0.27, 0.73)[i] + rng.uniform(-0.02, 0.02)
        y = height - bottom * size
        if scene.framing is Framing.FULL_BODY:
            spare = y - 1.3 * size
            y -= spare * 0.45 if spare > 0 else 0.0
        stands.append(Stand(x=x * width, y=y, radius=size))
    return tuple(stands)


def heads_of(scene: Scene, width: float, height: float) -> tuple[tuple[float, float, float], ...]:
    """Return each head's centre x and y and its radius in pixels, the camera's roll included."""
    angle = math.radians(scene.roll)
    heads = []
    for stand in stands_of(scene, width, height):
        dx, dy = stand.x - width / 2, stand.y - height / 2
        x = width / 2 + dx * math.cos(angle) - dy * math.sin(angle)
        y = height / 2 + dx * math.sin(angle) + dy * math.cos(angle)
        heads.append((x, y, stand.radius))
    return tuple(heads)


def _bottom_of(scene: Scene, frame: _Frame) -> float:
    """Return what lies at the lower edge, shortened with the body."""
    rolled = scene.roll and scene.framing is not Framing.FULL_BODY
    bottom = frame.bottom - (0.12 if rolled else 0.0)  # a roll swings the lower corner in
    share = 0.66 if scene.style is Style.CHIBI else 1.0
    share *= 0.70 if scene.camera is Camera.ABOVE else 1.0
    return 0.95 + (bottom - 0.95) * share


def _draw_scene(canvas: skia.Canvas, scene: Scene, width: int, height: int, finish: Finish) -> None:
    unit = min(width, height)
    brush = Brush(canvas, finish, unit * 0.011)
    rng = Random(f"{scene.seed}/background")  # noqa: S311  # pictures, not secrets
    horizon = rng.uniform(0.62, 0.74) if scene.camera is not Camera.ABOVE else -0.3
    stage = Stage(
        width=width,
        height=height,
        margin=(max(width, height) * 0.30 if scene.roll else 2.0),
        unit=unit,
        horizon=horizon * height,
    )
    canvas.clear(skia.Color(0, 0, 0) if finish is Finish.LABELS else skia.ColorWHITE)
    canvas.save()
    if scene.roll:
        canvas.translate(width / 2, height / 2)
        canvas.rotate(scene.roll)
        canvas.translate(-width / 2, -height / 2)
    if finish is not Finish.LABELS:
        _draw_background(brush, stage, scene, rng)
    _draw_subjects(brush, stage, scene, rng)
    if finish is not Finish.LABELS:
        draw_weather(brush, stage, scene.background, rng)
    canvas.restore()


def _draw_background(brush: Brush, stage: Stage, scene: Scene, rng: Random) -> None:
    place = scene.background.place
    if brush.finish is Finish.SKETCH and place in PLAIN_PLACES:
        brush.canvas.clear(skia.Color(*(round(c) for c in PAPER)))
    elif place in PLAIN_PLACES:
        draw_simple(brush, stage, scene.background, rng)
    elif place in LANDSCAPES:
        draw_landscape(brush, stage, scene.background, rng)
    else:
        draw_interior(brush, stage, scene.background, rng)


def _draw_subjects(brush: Brush, stage: Stage, scene: Scene, rng: Random) -> None:
    stands = stands_of(scene, stage.width, stage.height)
    if scene.animal is not None:
        stand = _animal_stand(stage, stands, rng)
        with _figure_frame(brush, stand):
            draw_animal(brush, scene.animal, rng)
    for i, stand in _drawing_order(stands):
        brush.owner = i
        with _figure_frame(brush, stand):
            draw_person(brush, figure_of(scene, i))


def _drawing_order(stands: Sequence[Stand]) -> list[tuple[int, Stand]]:
    """Return the stands with the larger, nearer figure last."""
    return sorted(enumerate(stands), key=lambda pair: pair[1].radius)


def _animal_stand(stage: Stage, stands: Sequence[Stand], rng: Random) -> Stand:
    if not stands:
        size = stage.unit * rng.uniform(0.19, 0.25)
        x = stage.width * rng.uniform(0.38, 0.62)
        return Stand(x=x, y=stage.height * rng.uniform(0.90, 0.95) - 2.15 * size, radius=size)
    person = stands[0]
    size = person.radius * 0.62
    side = rng.choice((-1, 1))
    x = person.x + side * person.radius * 1.75
    feet = person.y + 3.6 * person.radius
    return Stand(x=min(max(x, size), stage.width - size), y=feet - 2.15 * size, radius=size)


class _figure_frame:  # noqa: N801  # reads as a function in the with statement
    """The coordinates of a figure at a stand; its outlines are as thick as its size wants."""

    def __init__(self, brush: Brush, stand: Stand) -> None:
        self._brush = brush
        self._stand = stand
        self._line = brush.line

    def __enter__(self) -> None:
        canvas, stand = self._brush.canvas, self._stand
        canvas.save()
        canvas.translate(stand.x, stand.y)
        canvas.scale(stand.radius, stand.radius)
        # 0.036 of a head, but never thinner than 1/150 of the picture's own outline rule
        self._brush.line = max(0.036, 0.62 * self._line / stand.radius)

    def __exit__(self, *_: object) -> None:
        self._brush.canvas.restore()
        self._brush.line = self._line
