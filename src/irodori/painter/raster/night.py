"""The night sky, and what falls or rises in front of people by day and night."""

import math
from random import Random
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE
from irodori.painter.raster.backdrop import Stage, hill, wash
from irodori.painter.raster.brush import Brush
from irodori.painter.raster.outline import ellipse, polygon
from irodori.painter.scene import Background, Extra, Place

NIGHT_SKY: Final[tuple[RGB, ...]] = ((20, 22, 66), (40, 42, 104), (84, 78, 150))


def draw_night(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    """Draw a night sky over a dark hill."""
    wash(brush, stage, NIGHT_SKY)
    if Extra.STARRY_SKY in background.extras:
        stars(brush, stage, rng)
    if Extra.MOON in background.extras:
        x = rng.choice((rng.uniform(0.10, 0.24), rng.uniform(0.76, 0.90))) * stage.width
        y = rng.uniform(0.10, 0.22) * stage.height
        brush.shadow(ellipse(x, y, stage.unit * 0.15, stage.unit * 0.15), (150, 150, 220), 70)
        brush.fill(ellipse(x, y, stage.unit * 0.095, stage.unit * 0.095), (255, 244, 190))
    if Extra.FIREWORKS in background.extras:
        _fireworks(brush, stage, rng)
    hill(brush, stage, stage.horizon + stage.height * 0.1, stage.unit * 0.08, (30, 38, 80), rng)


def stars(brush: Brush, stage: Stage, rng: Random) -> None:
    """Draw four-pointed stars, none finer than a latent can hold."""
    for _ in range(rng.randint(10, 16)):
        x = rng.uniform(stage.left, stage.right)
        y = rng.uniform(stage.top, stage.height * 0.75)
        size = stage.unit * rng.uniform(0.012, 0.024)
        k = size * 0.3
        brush.fill(
            polygon(
                (x, y - size),
                (x + k, y - k),
                (x + size, y),
                (x + k, y + k),
                (x, y + size),
                (x - k, y + k),
                (x - size, y),
                (x - k, y - k),
            ),
            (255, 250, 214),
        )


def _fireworks(brush: Brush, stage: Stage, rng: Random) -> None:
    for x, y in ((0.16, 0.24), (0.84, 0.30)):
        colour = rng.choice(((255, 140, 150), (255, 220, 120), (140, 210, 255)))
        cx, cy = x * stage.width, y * stage.height
        for i in range(10):
            angle = math.tau * i / 10
            spark = skia.Path().moveTo(
                cx + math.cos(angle) * stage.unit * 0.05, cy + math.sin(angle) * stage.unit * 0.05
            )
            spark.lineTo(
                cx + math.cos(angle) * stage.unit * 0.15, cy + math.sin(angle) * stage.unit * 0.15
            )
            brush.stroke(spark, colour, stage.unit * 0.016 / brush.line)


def draw_weather(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    """Draw what falls or rises in front of the people: snow, rain, petals, bubbles."""
    match background.place:
        case Place.SNOW:
            for _ in range(22):
                size = stage.unit * rng.uniform(0.010, 0.020)
                flake = ellipse(
                    rng.uniform(0, stage.width), rng.uniform(0, stage.height), size, size
                )
                brush.fill(flake, WHITE, alpha=235)
        case Place.RAIN:
            for _ in range(22):
                x, y = rng.uniform(0, stage.width * 1.1), rng.uniform(-0.1, 0.95) * stage.height
                drop = (
                    skia.Path().moveTo(x, y).lineTo(x - stage.unit * 0.022, y + stage.unit * 0.085)
                )
                brush.stroke(drop, (222, 236, 255), stage.unit * 0.009 / brush.line, alpha=190)
        case Place.UNDERWATER:
            for _ in range(9):
                size = stage.unit * rng.uniform(0.014, 0.034)
                ring = ellipse(
                    rng.uniform(0, stage.width), rng.uniform(0, stage.height), size, size
                )
                brush.fill(ring, (220, 244, 255), alpha=90)
                brush.stroke(ring, (236, 250, 255), stage.unit * 0.008 / brush.line)
        case _ if Extra.FALLING_PETALS in background.extras:
            for _ in range(14):
                with brush.placed(
                    rng.uniform(0, stage.width),
                    rng.uniform(0, stage.height),
                    turn=rng.uniform(0, 180),
                ):
                    brush.fill(
                        ellipse(0, 0, stage.unit * 0.020, stage.unit * 0.012), (255, 168, 198)
                    )
        case _:
            pass
