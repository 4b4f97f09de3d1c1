"""The parts of a picture that its truth tells apart, as the numbers of the label map."""

from enum import IntEnum


class Part(IntEnum):
    """What a pixel shows; 0 is everything behind people and animals."""

    BACKGROUND = 0
    SKIN = 1
    FACE = 2
    HAIR = 3
    EYES = 4
    BROWS = 5
    MOUTH = 6
    TEARS = 7
    GARMENT = 8
    BOTTOM = 9
    NECKWEAR = 10
    LEGWEAR = 11
    FOOTWEAR = 12
    ACCESSORY = 13
    GLASSES = 14
    PROP = 15
    ANIMAL = 16
    FURNITURE = 17
    HANDS = 18
    EYEPATCH = 19
