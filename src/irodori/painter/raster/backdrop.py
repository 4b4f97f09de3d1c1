"""What is behind the people: plain and patterned colours, and the choice among the places."""

from dataclasses import dataclass
from random import Random

import skia

from irodori.painter.palette import BACKDROP_RGB, RGB, WHITE, Colour, mix, shade, tint, vary
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.outline import box, ellipse, polygon
from irodori.painter.scene import Background, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The area that a background fills, in pixels of the canvas.

    Attributes:
        width, height: size of the canvas.
        margin: how far the background must reach beyond each edge (a rolled camera needs it).
        unit: the shorter side; sizes of things are given in it.
        horizon: where sky and ground meet; above the top edge for a camera that looks down.
    """

    width: float
    height: float
    margin: float
    unit: float
    horizon: float

    @property
    def left(self) -> float:
        """The leftmost x to fill."""
        return -self.margin

    @property
    def right(self) -> float:
        """The rightmost x to fill."""
        return self.width + self.margin

    @property
    def top(self) -> float:
        """The topmost y to fill."""
        return -self.margin

    @property
    def bottom(self) -> float:
        """The lowest y to fill."""
        return self.height + self.margin


def wash(
    brush: Brush,
    stage: Stage,
    colours: tuple[RGB, ...],
    *,
    top: float | None = None,
    bottom: float | None = None,
) -> None:
    """Fill the width of the stage between two heights with a vertical gradient."""
    y0 = stage.top if top is None else top
    y1 = stage.bottom if bottom is None else bottom
    gradient = Gradient(start=(0, max(y0, 0.0)), end=(0, min(y1, stage.height)), colours=colours)
    brush.fill(box(stage.left, y0, stage.right, y1), colours[0], gradient=gradient)


def draw_simple(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    """Draw a background of one colour, a gradient, dots or stripes."""
    base = BACKDROP_RGB[background.colour]
    if background.colour is not Colour.WHITE:
        base = vary(base, rng)
    match background.place:
        case Place.GRADIENT:
            other = BACKDROP_RGB[
                rng.choice((Colour.WHITE, Colour.PINK, Colour.YELLOW, Colour.BLUE))
            ]
            ends = (tint(base, 0.05), base, mix(base, other, 0.85))
            wash(brush, stage, ends if rng.random() < 0.5 else ends[::-1])
        case Place.POLKA_DOT:
            wash(brush, stage, (base, base))
            _dots(
                brush,
                stage,
                tint(base, 0.55) if background.colour is not Colour.WHITE else shade(base, 0.1),
            )
        case Place.STRIPED:
            wash(brush, stage, (base, base))
            _stripes(brush, stage, tint(base, 0.45))
        case _:
            wash(brush, stage, (base, base))
            if background.colour not in {Colour.WHITE, Colour.BLACK} and rng.random() < 0.35:
                _glow(brush, stage, tint(base, 0.4))


def _dots(brush: Brush, stage: Stage, colour: RGB) -> None:
    step = stage.unit * 0.17
    row = 0
    y = stage.top
    while y < stage.bottom + step:
        x = stage.left + (step / 2 if row % 2 else 0.0)
        while x < stage.right + step:
            brush.fill(ellipse(x, y, step * 0.24, step * 0.24), colour)
            x += step
        y += step * 0.8
        row += 1


def _stripes(brush: Brush, stage: Stage, colour: RGB) -> None:
    step = stage.unit * 0.16
    lean = stage.bottom - stage.top
    x = stage.left - lean
    while x < stage.right:
        brush.fill(
            polygon(
                (x, stage.bottom),
                (x + step / 2, stage.bottom),
                (x + step / 2 + lean, stage.top),
                (x + lean, stage.top),
            ),
            colour,
        )
        x += step


def _glow(brush: Brush, stage: Stage, colour: RGB) -> None:
    centre = (stage.width / 2, stage.height * 0.45)
    for share, alpha in ((0.62, 70), (0.48, 80), (0.34, 90)):
        brush.shadow(ellipse(*centre, stage.unit * share, stage.unit * share), colour, alpha)


def clouds(brush: Brush, stage: Stage, rng: Random, *, colour: RGB = WHITE) -> None:
    """Draw a few heaped clouds in the upper part of the stage."""
    for _ in range(rng.randint(2, 3)):
        x = rng.uniform(0, stage.width)
        y = rng.uniform(0.06, 0.42) * stage.height
        size = rng.uniform(0.07, 0.12) * stage.unit
        for tone, drop in ((mix(colour, (150, 190, 238), 0.34), 0.16), (colour, 0.0)):
            path = skia.Path()
            for dx, dy, r in (
                (-1.25, 0.28, 0.55),
                (-0.5, -0.05, 0.8),
                (0.35, -0.3, 0.95),
                (1.1, 0.18, 0.66),
                (0.2, 0.3, 0.9),
            ):
                path.addPath(
                    ellipse(x + dx * size, y + (dy + drop) * size, r * size, r * size * 0.8)
                )
            brush.fill(path, tone)


def hill(brush: Brush, stage: Stage, y: float, bulge: float, colour: RGB, rng: Random) -> None:
    """Draw ground from a curved edge at `y` down to the bottom."""
    peak = rng.uniform(0.2, 0.8) * stage.width
    path = skia.Path().moveTo(stage.left, y)
    path.quadTo(peak, y - bulge, stage.right, y + rng.uniform(-0.01, 0.02) * stage.height)
    path.lineTo(stage.right, stage.bottom).lineTo(stage.left, stage.bottom).close()
    gradient = Gradient(
        start=(0, y - bulge),
        end=(0, stage.height),
        colours=(tint(colour, 0.14), colour, shade(colour, 0.16)),
    )
    brush.shape(path, colour, gradient=gradient, line=shade(colour, 0.35), weight=0.6)
