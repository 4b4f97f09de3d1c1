"""How often everything occurs: the weights that `sampling` draws with.

Weights are relative within a table; a bare number is the share of the pictures (or people) it
speaks of. Some accessories are rare on purpose: their shares fall by steps from one in forty to one
in some thousands, so that a trained model shows what a tag's population is worth (practice P5).
"""

from collections.abc import Mapping
from typing import Final

from irodori.painter.medium import Quality, Style
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    Accessory,
    Bangs,
    Bottom,
    Camera,
    Expression,
    Extra,
    EyeState,
    Footwear,
    Framing,
    Garment,
    Gaze,
    HairLength,
    HairStyle,
    Legwear,
    Neckwear,
    Place,
    Pose,
    Prop,
    Sex,
    Species,
)

COUNT: Final[Mapping[tuple[Sex, ...], float]] = {
    (Sex.GIRL,): 61,
    (Sex.BOY,): 17,
    (Sex.GIRL, Sex.GIRL): 9,
    (Sex.BOY, Sex.BOY): 2,
    (Sex.GIRL, Sex.BOY): 2.5,
    (Sex.BOY, Sex.GIRL): 2.5,
    (): 6,
}
STYLE: Final[Mapping[Style, float]] = {
    Style.PLAIN: 76,
    Style.FLAT_COLOR: 5,
    Style.SKETCH: 4,
    Style.MONOCHROME: 5,
    Style.WATERCOLOR: 4,
    Style.CHIBI: 6,
    Style.PIXEL_ART: 6,
}
QUALITY: Final[Mapping[Quality, float]] = {
    Quality.PLAIN: 94,
    Quality.BAD: 2,
    Quality.WORST: 2,
    Quality.WORST_DETAIL: 2,
}
FRAMING: Final[Mapping[Framing, float]] = {
    Framing.PORTRAIT: 24,
    Framing.UPPER_BODY: 34,
    Framing.COWBOY_SHOT: 18,
    Framing.FULL_BODY: 24,
}
CAMERA: Final[Mapping[Camera, float]] = {
    Camera.FRONT: 84,
    Camera.SIDE: 6,
    Camera.BEHIND: 5,
    Camera.ABOVE: 5,
}
DUTCH_ANGLE: Final = 0.05
SITTING: Final = 0.2
CHARACTER: Final = 0.06

HAIR: Final[Mapping[Colour, float]] = {
    Colour.BLACK: 12,
    Colour.BROWN: 12,
    Colour.BLONDE: 12,
    Colour.RED: 10,
    Colour.BLUE: 10,
    Colour.GREEN: 9,
    Colour.PINK: 10,
    Colour.PURPLE: 10,
    Colour.WHITE: 10,
    Colour.ORANGE: 9,
    Colour.AQUA: 1.5,
    Colour.GREY: 0.6,
}
GIRL_HAIR_LENGTH: Final[Mapping[HairLength, float]] = {
    HairLength.VERY_SHORT: 3,
    HairLength.SHORT: 28,
    HairLength.MEDIUM: 22,
    HairLength.LONG: 32,
    HairLength.VERY_LONG: 15,
}
BOY_HAIR_LENGTH: Final[Mapping[HairLength, float]] = {
    HairLength.VERY_SHORT: 30,
    HairLength.SHORT: 58,
    HairLength.MEDIUM: 8,
    HairLength.LONG: 4,
}
TIED_HAIR_LENGTH: Final[Mapping[HairLength, float]] = {
    HairLength.MEDIUM: 20,
    HairLength.LONG: 60,
    HairLength.VERY_LONG: 20,
}
GIRL_HAIR_STYLE: Final[Mapping[HairStyle, float]] = {
    HairStyle.LOOSE: 46,
    HairStyle.PONYTAIL: 8,
    HairStyle.SIDE_PONYTAIL: 5,
    HairStyle.TWINTAILS: 10,
    HairStyle.TWIN_BRAIDS: 5,
    HairStyle.SINGLE_BRAID: 4,
    HairStyle.HAIR_BUN: 4,
    HairStyle.DOUBLE_BUN: 4,
    HairStyle.BOB_CUT: 5,
    HairStyle.DRILLS: 2,
    HairStyle.TWO_SIDE_UP: 2,
    HairStyle.WAVY: 3,
    HairStyle.MESSY: 2,
}
BOY_HAIR_STYLE: Final[Mapping[HairStyle, float]] = {
    HairStyle.LOOSE: 75,
    HairStyle.MESSY: 25,
}
BANGS: Final[Mapping[Bangs, float]] = {
    Bangs.LOCKS: 40,
    Bangs.BLUNT: 18,
    Bangs.SWEPT: 14,
    Bangs.PARTED: 12,
    Bangs.BETWEEN_EYES: 16,
}
AHOGE: Final = 0.12

EYES: Final[Mapping[Colour, float]] = {
    Colour.BLUE: 20,
    Colour.RED: 17,
    Colour.GREEN: 15,
    Colour.YELLOW: 12,
    Colour.PURPLE: 13,
    Colour.BROWN: 13,
    Colour.PINK: 5,
    Colour.AQUA: 5,
}
HETEROCHROMIA: Final = 0.02
EYE_STATE: Final[Mapping[EyeState, float]] = {
    EyeState.OPEN: 84,
    EyeState.CLOSED: 8,
    EyeState.WINK: 4,
    EyeState.HALF: 4,
}
EXPRESSION: Final[Mapping[Expression, float]] = {
    Expression.SMILE: 20,
    Expression.LIGHT_SMILE: 7,
    Expression.OPEN_MOUTH: 8,
    Expression.HAPPY: 12,
    Expression.FROWN: 8,
    Expression.ANGRY: 7,
    Expression.CRYING: 5,
    Expression.SURPRISED: 6,
    Expression.SMIRK: 4,
    Expression.CAT_MOUTH: 4,
    Expression.TONGUE_OUT: 4,
    Expression.SAD: 5,
    Expression.EXPRESSIONLESS: 6,
    Expression.GRIN: 3,
    Expression.WAVY_MOUTH: 1,
}
GAZE: Final[Mapping[Gaze, float]] = {Gaze.VIEWER: 84, Gaze.SIDE: 16}
LOOKING_BACK: Final = 0.35
BLUSH: Final = 0.3
GLASSES: Final = 0.1
EYEPATCH: Final = 0.004
SKIN: Final[Mapping[int, float]] = {0: 36, 1: 36, 2: 18, 3: 10}

GIRL_ACCESSORY: Final[Mapping[Accessory | None, float]] = {
    None: 36,
    Accessory.HAIR_RIBBON: 6,
    Accessory.HAIR_BOW: 8,
    Accessory.HAIR_FLOWER: 7,
    Accessory.HAIRBAND: 6,
    Accessory.HAIRCLIP: 4,
    Accessory.HAT: 4,
    Accessory.STRAW_HAT: 3,
    Accessory.WITCH_HAT: 3,
    Accessory.BERET: 3,
    Accessory.CAT_EARS: 9,
    Accessory.RABBIT_EARS: 5,
    Accessory.FOX_EARS: 4,
    Accessory.HORNS: 3,
    Accessory.WINGS: 3,
    Accessory.HALO: 2,
    Accessory.HEADPHONES: 1.0,
    Accessory.CROWN: 0.8,
    Accessory.BASEBALL_CAP: 0.4,
    Accessory.TOP_HAT: 0.15,
    Accessory.SANTA_HAT: 0.05,
}
BOY_ACCESSORY: Final[Mapping[Accessory | None, float]] = {
    None: 62,
    Accessory.HAT: 5,
    Accessory.STRAW_HAT: 3,
    Accessory.WITCH_HAT: 2,
    Accessory.CAT_EARS: 7,
    Accessory.FOX_EARS: 4,
    Accessory.HORNS: 5,
    Accessory.WINGS: 4,
    Accessory.HALO: 2,
    Accessory.HEADPHONES: 2,
    Accessory.CROWN: 1.2,
    Accessory.BASEBALL_CAP: 0.6,
    Accessory.TOP_HAT: 0.2,
    Accessory.SANTA_HAT: 0.05,
}
TALL_ACCESSORIES: Final = frozenset(
    {
        Accessory.HAT,
        Accessory.STRAW_HAT,
        Accessory.WITCH_HAT,
        Accessory.TOP_HAT,
        Accessory.SANTA_HAT,
        Accessory.RABBIT_EARS,
    }
)
NOT_FROM_SIDE: Final = frozenset({Accessory.HEADPHONES, Accessory.HAIRBAND, Accessory.WINGS})
"""Accessories that make no picture in profile."""

ACCESSORY_COLOUR: Final[Mapping[Colour, float]] = {
    Colour.RED: 24,
    Colour.BLUE: 16,
    Colour.BLACK: 14,
    Colour.WHITE: 14,
    Colour.PINK: 12,
    Colour.PURPLE: 8,
    Colour.GREEN: 6,
    Colour.YELLOW: 6,
}

GIRL_GARMENT: Final[Mapping[Garment, float]] = {
    Garment.SHIRT: 17,
    Garment.T_SHIRT: 8,
    Garment.SWEATER: 10,
    Garment.HOODIE: 8,
    Garment.JACKET: 12,
    Garment.DRESS: 14,
    Garment.SUNDRESS: 6,
    Garment.SERAFUKU: 11,
    Garment.KIMONO: 7,
    Garment.ARMOR: 3,
    Garment.APRON: 4,
}
BOY_GARMENT: Final[Mapping[Garment, float]] = {
    Garment.SHIRT: 24,
    Garment.T_SHIRT: 14,
    Garment.SWEATER: 14,
    Garment.HOODIE: 14,
    Garment.JACKET: 20,
    Garment.KIMONO: 7,
    Garment.ARMOR: 7,
}
CLOTH: Final[Mapping[Colour, float]] = {
    Colour.WHITE: 18,
    Colour.BLACK: 14,
    Colour.RED: 13,
    Colour.BLUE: 13,
    Colour.GREEN: 10,
    Colour.YELLOW: 10,
    Colour.PINK: 11,
    Colour.PURPLE: 11,
}
CLOTH_MATCHES_HAIR: Final = 0.08
GIRL_BOTTOM: Final[Mapping[Bottom, float]] = {
    Bottom.SKIRT: 36,
    Bottom.PLEATED_SKIRT: 34,
    Bottom.SHORTS: 16,
    Bottom.PANTS: 14,
}
BOY_BOTTOM: Final[Mapping[Bottom, float]] = {Bottom.PANTS: 72, Bottom.SHORTS: 28}
BOTTOM_COLOUR: Final[Mapping[Colour, float]] = {
    Colour.BLACK: 26,
    Colour.BLUE: 26,
    Colour.RED: 14,
    Colour.WHITE: 12,
    Colour.GREY: 10,
    Colour.BROWN: 8,
    Colour.PURPLE: 4,
}
OPEN_JACKET: Final = 0.65
NECKWEAR_SHARE: Final[Mapping[Garment, float]] = {
    Garment.SHIRT: 0.4,
    Garment.SWEATER: 0.22,
    Garment.HOODIE: 0.08,
    Garment.JACKET: 0.2,
    Garment.DRESS: 0.1,
    Garment.T_SHIRT: 0.06,
}
NECKWEAR: Final[Mapping[Garment, Mapping[Neckwear, float]]] = {
    Garment.SHIRT: {Neckwear.NECKTIE: 50, Neckwear.BOWTIE: 40, Neckwear.SCARF: 10},
    Garment.SWEATER: {Neckwear.SCARF: 1},
    Garment.HOODIE: {Neckwear.SCARF: 1},
    Garment.JACKET: {Neckwear.SCARF: 1},
    Garment.DRESS: {Neckwear.BOWTIE: 60, Neckwear.SCARF: 40},
    Garment.T_SHIRT: {Neckwear.SCARF: 1},
}
NECKWEAR_COLOUR: Final[Mapping[Colour, float]] = {
    Colour.RED: 34,
    Colour.BLUE: 22,
    Colour.BLACK: 18,
    Colour.GREEN: 14,
    Colour.YELLOW: 12,
}
LEGWEAR: Final[Mapping[Legwear | None, float]] = {
    None: 34,
    Legwear.THIGHHIGHS: 30,
    Legwear.SOCKS: 26,
    Legwear.PANTYHOSE: 10,
}
FOOTWEAR: Final[Mapping[Footwear, float]] = {
    Footwear.SHOES: 56,
    Footwear.BOOTS: 32,
    Footwear.BAREFOOT: 12,
}
FOOTWEAR_COLOUR: Final[Mapping[Colour, float]] = {
    Colour.BROWN: 1,
    Colour.BLACK: 1,
    Colour.RED: 1,
    Colour.WHITE: 1,
}

POSE: Final[Mapping[Pose, float]] = {
    Pose.ARMS_AT_SIDES: 30,
    Pose.ARMS_BEHIND_BACK: 9,
    Pose.ARMS_UP: 7,
    Pose.WAVING: 8,
    Pose.HANDS_ON_HIPS: 8,
    Pose.CROSSED_ARMS: 7,
    Pose.OUTSTRETCHED_ARMS: 4,
    Pose.HAND_ON_CHEST: 5,
    Pose.V: 4,
    Pose.HOLDING: 26,
}
POSES_FROM_SIDE: Final = (Pose.ARMS_AT_SIDES, Pose.HOLDING)
POSES_FROM_BEHIND: Final = (
    Pose.ARMS_AT_SIDES,
    Pose.ARMS_BEHIND_BACK,
    Pose.ARMS_UP,
    Pose.HANDS_ON_HIPS,
    Pose.OUTSTRETCHED_ARMS,
)
POSES_OF_TWO: Final = (
    Pose.ARMS_AT_SIDES,
    Pose.ARMS_BEHIND_BACK,
    Pose.HANDS_ON_HIPS,
    Pose.CROSSED_ARMS,
    Pose.HAND_ON_CHEST,
    Pose.HOLDING,
)
SMALL_PROPS: Final = frozenset({Prop.BOOK, Prop.FLOWER, Prop.CUP})
"""What can be held beside another person, or in profile."""

PROP: Final[Mapping[Prop, float]] = {
    Prop.SWORD: 20,
    Prop.UMBRELLA: 16,
    Prop.BOOK: 20,
    Prop.CANE: 6,
    Prop.FLOWER: 16,
    Prop.CUP: 10,
    Prop.BALLOON: 8,
    Prop.STAFF: 4,
}

PLACE: Final[Mapping[Place, float]] = {
    Place.SIMPLE: 34,
    Place.GRADIENT: 6,
    Place.POLKA_DOT: 2,
    Place.STRIPED: 2,
    Place.SKY: 5,
    Place.FIELD: 6,
    Place.FLOWER_FIELD: 4,
    Place.FOREST: 5,
    Place.BEACH: 6,
    Place.CITY: 5,
    Place.MOUNTAIN: 2.5,
    Place.NIGHT: 6,
    Place.SUNSET: 4,
    Place.SNOW: 4,
    Place.RAIN: 3,
    Place.CHERRY_BLOSSOMS: 3,
    Place.CLASSROOM: 4,
    Place.BEDROOM: 4,
    Place.LIBRARY: 2.5,
    Place.UNDERWATER: 1,
}
PLACES_FROM_ABOVE: Final = (
    Place.SIMPLE,
    Place.GRADIENT,
    Place.FIELD,
    Place.FLOWER_FIELD,
    Place.SNOW,
)
BACKDROP: Final[Mapping[Colour, float]] = {
    Colour.WHITE: 34,
    Colour.GREY: 9,
    Colour.BLACK: 7,
    Colour.BLUE: 11,
    Colour.PINK: 10,
    Colour.YELLOW: 9,
    Colour.GREEN: 8,
    Colour.PURPLE: 7,
    Colour.RED: 5,
    Colour.ORANGE: 4,
}
EXTRAS: Final[Mapping[Place, Mapping[Extra, float]]] = {
    Place.SKY: {Extra.CLOUD: 0.8, Extra.RAINBOW: 0.08},
    Place.FIELD: {Extra.CLOUD: 0.7, Extra.TREE: 0.45, Extra.RAINBOW: 0.03},
    Place.FLOWER_FIELD: {Extra.CLOUD: 0.6},
    Place.BEACH: {Extra.CLOUD: 0.6},
    Place.CITY: {Extra.CLOUD: 0.5},
    Place.MOUNTAIN: {Extra.CLOUD: 0.6},
    Place.NIGHT: {Extra.MOON: 0.6, Extra.STARRY_SKY: 0.7, Extra.FIREWORKS: 0.04},
    Place.CHERRY_BLOSSOMS: {Extra.FALLING_PETALS: 0.6},
    Place.SUNSET: {Extra.CLOUD: 0.4},
}

ANIMAL_ALONE: Final = 0.65
ANIMAL_BESIDE: Final = 0.07
SPECIES: Final[Mapping[Species, float]] = {
    Species.CAT: 40,
    Species.DOG: 22,
    Species.BIRD: 20,
    Species.RABBIT: 18,
}
FUR: Final[Mapping[Species, Mapping[Colour, float]]] = {
    Species.CAT: {Colour.BLACK: 3, Colour.WHITE: 3, Colour.ORANGE: 3, Colour.GREY: 1},
    Species.DOG: {Colour.BROWN: 3, Colour.WHITE: 2, Colour.BLACK: 1},
    Species.BIRD: {Colour.BLUE: 3, Colour.YELLOW: 2, Colour.WHITE: 1, Colour.RED: 1},
    Species.RABBIT: {Colour.WHITE: 3, Colour.BROWN: 2, Colour.GREY: 1},
}
