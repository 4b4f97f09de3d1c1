"""Colours by their booru names, and the few operations that shading needs."""

import colorsys
from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Final, TypeAlias

RGB: TypeAlias = tuple[float, float, float]
"""Red, green, blue; 0..255 each."""


class Colour(StrEnum):
    """The colour words of the vocabulary; hair, eyes and cloth use subsets of them."""

    BLACK = "black"
    BROWN = "brown"
    BLONDE = "blonde"
    RED = "red"
    BLUE = "blue"
    GREEN = "green"
    PINK = "pink"
    PURPLE = "purple"
    WHITE = "white"
    ORANGE = "orange"
    YELLOW = "yellow"
    AQUA = "aqua"
    GREY = "grey"


WHITE: Final[RGB] = (255.0, 255.0, 255.0)
INK: Final[RGB] = (52.0, 40.0, 66.0)
"""The darkest line colour: a violet black, softer than black on skin."""

HAIR_RGB: Final[Mapping[Colour, RGB]] = {
    Colour.BLACK: (62, 56, 76),
    Colour.BROWN: (134, 84, 54),
    Colour.BLONDE: (250, 218, 122),
    Colour.RED: (210, 48, 52),
    Colour.BLUE: (70, 118, 226),
    Colour.GREEN: (78, 178, 96),
    Colour.PINK: (252, 158, 192),
    Colour.PURPLE: (150, 92, 206),
    Colour.WHITE: (238, 238, 248),
    Colour.ORANGE: (248, 144, 58),
    Colour.AQUA: (104, 218, 222),
    Colour.GREY: (160, 162, 174),
}
EYE_RGB: Final[Mapping[Colour, RGB]] = {
    Colour.BLUE: (52, 122, 236),
    Colour.RED: (226, 44, 54),
    Colour.GREEN: (46, 176, 84),
    Colour.YELLOW: (246, 200, 44),
    Colour.PURPLE: (146, 74, 214),
    Colour.BROWN: (138, 82, 48),
    Colour.PINK: (246, 106, 168),
    Colour.AQUA: (56, 206, 214),
}
CLOTH_RGB: Final[Mapping[Colour, RGB]] = {
    Colour.WHITE: (250, 250, 253),
    Colour.BLACK: (62, 58, 74),
    Colour.RED: (214, 56, 62),
    Colour.BLUE: (72, 116, 214),
    Colour.GREEN: (76, 162, 98),
    Colour.YELLOW: (250, 212, 88),
    Colour.PINK: (250, 164, 192),
    Colour.PURPLE: (148, 100, 200),
    Colour.ORANGE: (246, 150, 70),
    Colour.BROWN: (146, 100, 70),
    Colour.GREY: (154, 158, 172),
    Colour.AQUA: (112, 214, 216),
    Colour.BLONDE: (250, 218, 122),
}
ACCESSORY_RGB: Final[Mapping[Colour, RGB]] = {
    **CLOTH_RGB,
    Colour.RED: (230, 44, 56),
    Colour.BLUE: (58, 112, 232),
    Colour.PINK: (255, 136, 180),
}
BACKDROP_RGB: Final[Mapping[Colour, RGB]] = {
    Colour.WHITE: (254, 254, 255),
    Colour.GREY: (196, 198, 208),
    Colour.BLACK: (38, 36, 46),
    Colour.BLUE: (134, 184, 246),
    Colour.PINK: (252, 188, 210),
    Colour.YELLOW: (253, 228, 136),
    Colour.GREEN: (158, 216, 156),
    Colour.PURPLE: (190, 160, 234),
    Colour.RED: (226, 98, 98),
    Colour.ORANGE: (252, 188, 124),
}
SKIN_RGB: Final[tuple[RGB, ...]] = (
    (255, 232, 216),
    (255, 224, 204),
    (252, 214, 188),
    (228, 178, 140),
)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """Return the colour that lies `share` (0..1) of the way from `first` to `second`."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def shade(colour: RGB, share: float) -> RGB:
    """Return a darker, slightly cooler colour, as a shadow falls in flat illustration."""
    return mix(colour, (54.0, 36.0, 92.0), share)


def tint(colour: RGB, share: float) -> RGB:
    """Return a lighter colour: `share` of the way to white."""
    return mix(colour, WHITE, share)


def luminance(colour: RGB) -> float:
    """Return the perceived brightness, 0..255 (Rec. 601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def outline_of(colour: RGB) -> RGB:
    """Return the line colour for a filled shape: its own colour, far darker."""
    return mix(shade(colour, 0.62), INK, 0.35)


def vary(colour: RGB, rng: Random, *, amount: float = 1.0) -> RGB:
    """Return the colour with a little of hue, lightness and saturation changed.

    Two pictures of "red hair" are two reds; the change is too small to change the name.
    """
    hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    hue = (hue + rng.uniform(-0.010, 0.010) * amount) % 1.0
    light = min(1.0, max(0.0, light + rng.uniform(-0.025, 0.025) * amount))
    saturation = min(1.0, max(0.0, saturation * (1 + rng.uniform(-0.1, 0.1) * amount)))
    red, green, blue = colorsys.hls_to_rgb(hue, light, saturation)
    return (red * 255, green * 255, blue * 255)
