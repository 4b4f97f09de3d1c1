"""Places in the open: sky, field, forest, beach, city, mountains, by day, dusk and night."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import skia

from irodori.painter.palette import RGB, WHITE, mix, shade, tint, vary
from irodori.painter.raster.backdrop import Stage, clouds, hill, wash
from irodori.painter.raster.brush import Brush, Gradient
from irodori.painter.raster.night import draw_night
from irodori.painter.raster.outline import box, ellipse, polygon, smooth
from irodori.painter.scene import Background, Extra, Place

SKY: Final[tuple[RGB, ...]] = ((86, 164, 246), (150, 206, 255), (222, 242, 255))
GRASS: Final[RGB] = (124, 200, 104)
TRUNK: Final[RGB] = (134, 94, 66)
LEAVES: Final[RGB] = (74, 158, 88)
BLOSSOM: Final[RGB] = (255, 190, 212)


def draw_landscape(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    """Draw one of the places in the open."""
    _PAINTERS[background.place](brush, stage, background, rng)


def tree(brush: Brush, x: float, base: float, size: float, leaves: RGB) -> None:
    """Draw a round tree that stands at (x, base)."""
    trunk = polygon(
        (x - size * 0.12, base),
        (x + size * 0.12, base),
        (x + size * 0.08, base - size),
        (x - size * 0.08, base - size),
    )
    brush.shape(trunk, TRUNK, weight=0.7)
    crown = smooth(
        [
            (x - size * 0.62, base - size * 0.95),
            (x - size * 0.52, base - size * 1.5),
            (x, base - size * 1.85),
            (x + size * 0.54, base - size * 1.5),
            (x + size * 0.62, base - size * 0.95),
            (x, base - size * 0.72),
        ]
    )
    gradient = Gradient(
        start=(0, base - size * 1.8),
        end=(0, base - size * 0.7),
        colours=(tint(leaves, 0.18), leaves, shade(leaves, 0.2)),
    )
    brush.shape(crown, leaves, gradient=gradient, weight=0.7)


def _rainbow(brush: Brush, stage: Stage) -> None:
    radius = stage.unit * 0.72
    for i, colour in enumerate(
        (
            (238, 96, 96),
            (250, 176, 84),
            (252, 232, 110),
            (120, 204, 120),
            (104, 160, 240),
            (166, 120, 222),
        )
    ):
        ring = ellipse(
            stage.width / 2,
            stage.horizon,
            radius - i * stage.unit * 0.028,
            radius * 1.02 - i * stage.unit * 0.028,
        )
        brush.stroke(ring, colour, stage.unit * 0.03 / brush.line, alpha=210)


def _sky(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    wash(brush, stage, SKY)
    if Extra.RAINBOW in background.extras:
        _rainbow(brush, stage)
    if Extra.CLOUD in background.extras:
        clouds(brush, stage, rng)


def _day(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    if stage.horizon > 0:
        _sky(brush, stage, background, rng)


def _tufts(brush: Brush, stage: Stage, rng: Random, colour: RGB) -> None:
    for _ in range(rng.randint(5, 9)):
        x = rng.uniform(0, stage.width)
        y = rng.uniform(max(stage.horizon, 0) + 0.08 * stage.height, stage.height)
        size = stage.unit * 0.028
        blade = (
            skia.Path()
            .moveTo(x - size, y)
            .quadTo(x - size * 0.6, y - size, x - size * 0.9, y - size * 1.5)
        )
        blade.quadTo(x, y - size, x, y - size * 0.4).quadTo(
            x + size * 0.3, y - size, x + size * 0.9, y - size * 1.4
        )
        brush.fill(blade.quadTo(x + size * 0.6, y - size * 0.6, x + size, y).close(), colour)


def _field(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    _day(brush, stage, background, rng)
    grass = vary(GRASS, rng)
    if Extra.TREE in background.extras:
        for side in rng.sample((0.1, 0.9, 0.3), rng.randint(1, 2)):
            x = (side + rng.uniform(-0.06, 0.06)) * stage.width
            tree(
                brush,
                x,
                stage.horizon + stage.unit * 0.04,
                stage.unit * rng.uniform(0.19, 0.26),
                vary(LEAVES, rng),
            )
    hill(brush, stage, stage.horizon, stage.unit * rng.uniform(0.02, 0.09), grass, rng)
    _tufts(brush, stage, rng, shade(grass, 0.24))


def _flower_field(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    _day(brush, stage, background, rng)
    hill(brush, stage, stage.horizon, stage.unit * 0.05, vary(GRASS, rng), rng)
    colours: tuple[RGB, ...] = rng.choice(
        (
            ((255, 150, 190), (255, 196, 216)),
            ((255, 214, 80), (255, 170, 70)),
            ((172, 130, 232), (210, 176, 250)),
            ((240, 80, 90), (255, 236, 240)),
        )
    )
    top = max(stage.horizon, 0.0) + stage.unit * 0.03
    rows = 6
    for row in range(rows):
        y = top + (stage.bottom - top) * (row / rows) ** 1.25
        size = stage.unit * (0.020 + 0.020 * row / rows)
        count = 9 - row // 2
        for i in range(count):
            x = stage.left + (stage.right - stage.left) * (i + rng.uniform(0.15, 0.85)) / count
            yy = y + rng.uniform(0, 0.06) * stage.unit
            colour = rng.choice(colours)
            brush.fill(ellipse(x, yy, size, size * 0.9), colour)
            brush.shadow(ellipse(x, yy, size * 0.4, size * 0.36), (255, 240, 170))


def _forest(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    del background
    far = vary((150, 206, 160), rng)
    wash(brush, stage, (tint(far, 0.35), far, shade(far, 0.15)))
    for layer, (tone, base) in enumerate((((120, 186, 136), 0.80), ((86, 156, 106), 0.88))):
        count = 5 - layer
        for i in range(count):
            x = stage.left + (stage.right - stage.left) * (i + rng.uniform(0.1, 0.9)) / count
            wide = stage.unit * (0.035 + 0.02 * layer)
            trunk = polygon(
                (x - wide, stage.bottom),
                (x - wide * 0.8, stage.top),
                (x + wide * 0.8, stage.top),
                (x + wide, stage.bottom),
            )
            colour = mix(TRUNK, tone, 0.55 - 0.35 * layer)
            brush.shape(trunk, colour, weight=0.6, line=shade(colour, 0.35))
        hill(brush, stage, base * stage.height, stage.unit * 0.04, mix(GRASS, tone, 0.6), rng)
    for i in range(5):
        x = stage.left + (stage.right - stage.left) * i / 4
        size = stage.unit * rng.uniform(0.20, 0.28)
        brush.shape(
            ellipse(x, stage.top * 0.5, size, size * 0.75), vary((70, 146, 86), rng), weight=0.6
        )


def _beach(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    _day(brush, stage, background, rng)
    sand = vary((250, 230, 178), rng)
    if stage.horizon <= 0:
        wash(brush, stage, (tint(sand, 0.2), sand))
        return
    sea = stage.horizon - stage.height * 0.08
    wash(brush, stage, ((46, 140, 218), (92, 190, 228), (168, 230, 236)), top=sea)
    for k in (0.05, 0.12):
        y = sea + k * stage.height
        x = rng.uniform(0.1, 0.6) * stage.width
        brush.fill(
            box(x, y, x + stage.unit * 0.3, y + stage.unit * 0.014, stage.unit * 0.007),
            tint(SKY[1], 0.6),
        )
    shore = sea + stage.height * 0.20
    for tone, lift in ((WHITE, 0.025), (sand, 0.0)):
        path = skia.Path().moveTo(stage.left, shore - lift * stage.height)
        path.quadTo(
            stage.width * 0.25,
            shore - (0.05 + lift) * stage.height,
            stage.width * 0.55,
            shore - lift * stage.height,
        )
        path.quadTo(
            stage.width * 0.8,
            shore + (0.04 - lift) * stage.height,
            stage.right,
            shore - (0.02 + lift) * stage.height,
        )
        brush.fill(
            path.lineTo(stage.right, stage.bottom).lineTo(stage.left, stage.bottom).close(), tone
        )


def _buildings(
    brush: Brush, stage: Stage, rng: Random, tones: tuple[RGB, ...], window: RGB
) -> None:
    x = stage.left
    while x < stage.right:
        wide = stage.unit * rng.uniform(0.20, 0.30)
        top = stage.bottom - (stage.bottom - stage.top) * rng.uniform(0.42, 0.78)
        tone = vary(rng.choice(tones), rng)
        brush.shape(
            box(x, top, x + wide, stage.bottom + 9), tone, weight=0.7, line=shade(tone, 0.45)
        )
        columns = 2 if wide < stage.unit * 0.24 else 3
        pane = wide / (columns * 2 + 1)
        y = top + pane
        while y < stage.bottom:
            for i in range(columns):
                left = x + pane * (2 * i + 1)
                brush.fill(
                    box(left, y, left + pane, y + pane * 1.35),
                    window if rng.random() < 0.85 else shade(tone, 0.2),
                )
            y += pane * 2.5
        x += wide + stage.unit * rng.uniform(-0.01, 0.03)


def _city(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    _sky(brush, stage, background, rng)
    _buildings(
        brush, stage, rng, ((176, 190, 216), (206, 196, 204), (152, 170, 204)), (238, 246, 255)
    )


def _mountain(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    _sky(brush, stage, background, rng)
    for x, height, tone in (
        (0.18, 0.42, (128, 156, 204)),
        (0.80, 0.50, (110, 140, 192)),
        (0.48, 0.34, (142, 170, 214)),
    ):
        cx = (x + rng.uniform(-0.05, 0.05)) * stage.width
        top = stage.horizon - height * stage.height
        wide = stage.unit * 0.62
        brush.shape(
            polygon((cx - wide, stage.horizon + 9), (cx, top), (cx + wide, stage.horizon + 9)),
            tone,
            weight=0.7,
            line=shade(tone, 0.3),
        )
        cap = 0.30
        snow = polygon(
            (cx, top),
            (cx + wide * cap, top + (stage.horizon - top) * cap),
            (cx + wide * 0.1, top + (stage.horizon - top) * cap * 0.8),
            (cx - wide * 0.08, top + (stage.horizon - top) * cap * 1.1),
            (cx - wide * cap, top + (stage.horizon - top) * cap),
        )
        brush.fill(snow, (246, 250, 255))
    hill(brush, stage, stage.horizon, stage.unit * 0.04, vary((116, 184, 112), rng), rng)


def _sunset(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    wash(brush, stage, ((106, 84, 170), (244, 128, 112), (255, 196, 112)), bottom=None)
    if Extra.CLOUD in background.extras:
        clouds(brush, stage, rng, colour=(255, 206, 190))
    x = rng.choice((0.22, 0.78)) * stage.width
    brush.shadow(
        ellipse(x, stage.horizon - stage.unit * 0.04, stage.unit * 0.2, stage.unit * 0.2),
        (255, 236, 170),
        120,
    )
    brush.fill(
        ellipse(x, stage.horizon - stage.unit * 0.04, stage.unit * 0.13, stage.unit * 0.13),
        (255, 240, 178),
    )
    hill(
        brush,
        stage,
        stage.horizon + stage.height * 0.03,
        stage.unit * 0.05,
        vary((120, 76, 112), rng),
        rng,
    )


def _snow(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    del background
    if stage.horizon > 0:
        wash(brush, stage, ((150, 178, 220), (196, 214, 240), (226, 236, 250)))
        for x in rng.sample((0.08, 0.28, 0.72, 0.92), 2):
            _fir(brush, x * stage.width, stage.horizon + stage.unit * 0.05, stage.unit * 0.30)
        hill(brush, stage, stage.horizon, stage.unit * 0.06, (240, 245, 254), rng)
    else:
        wash(brush, stage, ((244, 248, 255), (226, 234, 250)))


def _fir(brush: Brush, x: float, base: float, size: float) -> None:
    green = (96, 150, 140)
    for k in (0.0, 0.32, 0.64):
        y = base - size * k
        wide = size * (0.52 - 0.3 * k)
        brush.shape(polygon((x - wide, y), (x, y - size * 0.62), (x + wide, y)), green, weight=0.6)
        brush.fill(
            polygon(
                (x - wide * 0.42, y - size * 0.36),
                (x, y - size * 0.62),
                (x + wide * 0.42, y - size * 0.36),
            ),
            (246, 250, 255),
        )


def _rain(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    del background
    wash(brush, stage, ((112, 124, 150), (146, 160, 186), (172, 184, 206)))
    clouds(brush, stage, rng, colour=(170, 178, 196))
    hill(brush, stage, stage.horizon + stage.height * 0.05, stage.unit * 0.04, (106, 128, 130), rng)


def _cherry_blossoms(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    wash(brush, stage, ((156, 208, 252), (214, 236, 255), (255, 238, 244)))
    del background
    for side in (0, 1):
        x = stage.left if side == 0 else stage.right
        direction = 1 if side == 0 else -1
        branch = skia.Path().moveTo(x, stage.height * 0.34)
        branch.quadTo(
            x + direction * stage.unit * 0.2,
            stage.height * 0.16,
            x + direction * (stage.unit * 0.42 + stage.margin),
            stage.height * 0.10,
        )
        brush.stroke(branch, (120, 84, 80), stage.unit * 0.03 / brush.line)
        for _ in range(7):
            cx = x + direction * (stage.margin + rng.uniform(0.0, 0.40) * stage.unit)
            cy = rng.uniform(-0.02, 0.30) * stage.height
            size = stage.unit * rng.uniform(0.06, 0.095)
            brush.shape(
                ellipse(cx, cy, size, size * 0.85),
                mix(BLOSSOM, WHITE, rng.uniform(0, 0.35)),
                line=(240, 150, 182),
                weight=0.6,
            )
    hill(
        brush,
        stage,
        stage.horizon + stage.height * 0.06,
        stage.unit * 0.04,
        vary((152, 208, 132), rng),
        rng,
    )


def _underwater(brush: Brush, stage: Stage, background: Background, rng: Random) -> None:
    del background
    wash(brush, stage, ((112, 214, 240), (46, 146, 214), (26, 84, 164)))
    for i in range(3):
        x = (0.15 + 0.3 * i + rng.uniform(-0.05, 0.05)) * stage.width
        ray = polygon(
            (x, stage.top),
            (x + stage.unit * 0.12, stage.top),
            (x - stage.unit * 0.1, stage.bottom),
            (x - stage.unit * 0.34, stage.bottom),
        )
        brush.shadow(ray, WHITE, 38)


_PAINTERS: Final[Mapping[Place, Callable[[Brush, Stage, Background, Random], None]]] = {
    Place.SKY: _sky,
    Place.FIELD: _field,
    Place.FLOWER_FIELD: _flower_field,
    Place.FOREST: _forest,
    Place.BEACH: _beach,
    Place.CITY: _city,
    Place.MOUNTAIN: _mountain,
    Place.NIGHT: draw_night,
    Place.SUNSET: _sunset,
    Place.SNOW: _snow,
    Place.RAIN: _rain,
    Place.CHERRY_BLOSSOMS: _cherry_blossoms,
    Place.UNDERWATER: _underwater,
}
LANDSCAPES: Final = frozenset(_PAINTERS)
