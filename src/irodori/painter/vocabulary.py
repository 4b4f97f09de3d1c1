"""The tags: every name that a picture of the painter can have, by facet, spelled as on the booru.

The tables here say which tags a member of an enumeration brings; `TAGS` is all of them.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from irodori.painter import frequency
from irodori.painter.medium import Quality, Style
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    Accessory,
    Bangs,
    Bottom,
    Camera,
    Character,
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
    Species,
)


class Facet(StrEnum):
    """What a tag speaks of; the evaluation has a figure for most of them."""

    COUNT = "count"
    CHARACTER = "character"
    HAIR_COLOUR = "hair colour"
    HAIR_LENGTH = "hair length"
    HAIR_STYLE = "hair style"
    BANGS = "bangs"
    EYE_COLOUR = "eye colour"
    EYE_STATE = "eye state"
    EXPRESSION = "expression"
    BLUSH = "blush"
    GLASSES = "glasses"
    OUTFIT = "outfit"
    OUTFIT_COLOUR = "outfit colour"
    BOTTOM = "bottom"
    LEGS = "legs"
    NECKWEAR = "neckwear"
    ACCESSORY = "accessory"
    POSE = "pose"
    POSTURE = "posture"
    GAZE = "gaze"
    ANIMAL = "animal"
    BACKGROUND = "background"
    FRAMING = "framing"
    CAMERA = "camera"
    STYLE = "style"
    QUALITY = "quality"


COUNT_TAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "1girl": ("1girl", "solo"),
    "1boy": ("1boy", "solo"),
    "2girls": ("2girls", "multiple girls"),
    "2boys": ("2boys", "multiple boys"),
    "1girl 1boy": ("1girl", "1boy"),
    "no humans": ("no humans",),
}
HAIR_STYLE_TAGS: Final[Mapping[HairStyle, tuple[str, ...]]] = {
    HairStyle.LOOSE: (),
    HairStyle.PONYTAIL: ("ponytail",),
    HairStyle.SIDE_PONYTAIL: ("side ponytail",),
    HairStyle.TWINTAILS: ("twintails",),
    HairStyle.TWIN_BRAIDS: ("twin braids", "braid"),
    HairStyle.SINGLE_BRAID: ("single braid", "braid"),
    HairStyle.HAIR_BUN: ("single hair bun", "hair bun"),
    HairStyle.DOUBLE_BUN: ("double bun", "hair bun"),
    HairStyle.BOB_CUT: ("bob cut",),
    HairStyle.DRILLS: ("twin drills", "drill hair"),
    HairStyle.TWO_SIDE_UP: ("two side up",),
    HairStyle.MESSY: ("messy hair",),
    HairStyle.WAVY: ("wavy hair",),
}
BANGS_TAGS: Final[Mapping[Bangs, tuple[str, ...]]] = {
    Bangs.LOCKS: (),
    Bangs.BLUNT: ("blunt bangs",),
    Bangs.SWEPT: ("swept bangs",),
    Bangs.PARTED: ("parted bangs",),
    Bangs.BETWEEN_EYES: ("hair between eyes",),
}
EXPRESSION_TAGS: Final[Mapping[Expression, tuple[str, ...]]] = {
    Expression.SMILE: ("smile", "closed mouth"),
    Expression.LIGHT_SMILE: ("light smile", "closed mouth"),
    Expression.OPEN_MOUTH: ("open mouth",),
    Expression.HAPPY: (":d", "smile", "open mouth"),
    Expression.FROWN: ("frown", "closed mouth"),
    Expression.ANGRY: ("angry", "v-shaped eyebrows"),
    Expression.CRYING: ("crying", "tears", "open mouth"),
    Expression.SURPRISED: ("surprised", ":o"),
    Expression.SMIRK: ("smirk",),
    Expression.CAT_MOUTH: (":3",),
    Expression.TONGUE_OUT: ("tongue out", "tongue"),
    Expression.SAD: ("sad",),
    Expression.EXPRESSIONLESS: ("expressionless", "closed mouth"),
    Expression.GRIN: ("grin", "teeth"),
    Expression.WAVY_MOUTH: ("wavy mouth",),
}
POSE_TAGS: Final[Mapping[Pose, tuple[str, ...]]] = {
    Pose.ARMS_AT_SIDES: ("arms at sides",),
    Pose.ARMS_BEHIND_BACK: ("arms behind back",),
    Pose.ARMS_UP: ("arms up",),
    Pose.WAVING: ("waving", "hand up"),
    Pose.HANDS_ON_HIPS: ("hands on own hips",),
    Pose.CROSSED_ARMS: ("crossed arms",),
    Pose.OUTSTRETCHED_ARMS: ("outstretched arms",),
    Pose.HAND_ON_CHEST: ("hand on own chest",),
    Pose.V: ("v", "hand up"),
    Pose.HOLDING: ("holding",),
}
PROP_TAGS: Final[Mapping[Prop, tuple[str, ...]]] = {
    prop: (f"holding {prop}", prop.value) for prop in Prop
}
GARMENT_TAGS: Final[Mapping[Garment, tuple[str, ...]]] = {
    Garment.SHIRT: ("shirt", "collared shirt"),
    Garment.T_SHIRT: ("t-shirt", "short sleeves"),
    Garment.SWEATER: ("sweater", "turtleneck"),
    Garment.HOODIE: ("hoodie",),
    Garment.JACKET: ("jacket",),
    Garment.DRESS: ("dress",),
    Garment.SUNDRESS: ("sundress", "bare shoulders"),
    Garment.SERAFUKU: ("serafuku", "school uniform", "sailor collar"),
    Garment.KIMONO: ("kimono", "japanese clothes"),
    Garment.ARMOR: ("armor",),
    Garment.APRON: ("apron", "maid"),
}
GARMENT_COLOUR_NOUN: Final[Mapping[Garment, str]] = {
    Garment.SHIRT: "shirt",
    Garment.T_SHIRT: "shirt",
    Garment.SWEATER: "sweater",
    Garment.HOODIE: "hoodie",
    Garment.JACKET: "jacket",
    Garment.DRESS: "dress",
    Garment.SUNDRESS: "dress",
    Garment.SERAFUKU: "serafuku",
    Garment.KIMONO: "kimono",
    Garment.APRON: "dress",
}
"""The noun that a garment's colour is said with, as in `red shirt`; armour has no colour tag."""

BOTTOM_NOUN: Final[Mapping[Bottom, str]] = {
    Bottom.SKIRT: "skirt",
    Bottom.PLEATED_SKIRT: "skirt",
    Bottom.SHORTS: "shorts",
    Bottom.PANTS: "pants",
}
ACCESSORY_TAGS: Final[Mapping[Accessory, tuple[str, ...]]] = {
    Accessory.HAIR_RIBBON: ("hair ribbon",),
    Accessory.HAIR_BOW: ("hair bow",),
    Accessory.HAIR_FLOWER: ("hair flower",),
    Accessory.HAIRBAND: ("hairband",),
    Accessory.HAIRCLIP: ("hairclip",),
    Accessory.HAT: ("hat",),
    Accessory.STRAW_HAT: ("straw hat", "hat"),
    Accessory.WITCH_HAT: ("witch hat", "hat"),
    Accessory.BERET: ("beret",),
    Accessory.BASEBALL_CAP: ("baseball cap",),
    Accessory.SANTA_HAT: ("santa hat",),
    Accessory.TOP_HAT: ("top hat",),
    Accessory.CROWN: ("crown",),
    Accessory.HEADPHONES: ("headphones",),
    Accessory.CAT_EARS: ("cat ears", "animal ears"),
    Accessory.RABBIT_EARS: ("rabbit ears", "animal ears"),
    Accessory.FOX_EARS: ("fox ears", "animal ears"),
    Accessory.HORNS: ("horns",),
    Accessory.HALO: ("halo",),
    Accessory.WINGS: ("wings", "feathered wings"),
}
ACCESSORY_COLOUR_NOUN: Final[Mapping[Accessory, str]] = {
    Accessory.HAIR_RIBBON: "ribbon",
    Accessory.HAIR_BOW: "bow",
    Accessory.HAIR_FLOWER: "flower",
    Accessory.HAIRBAND: "hairband",
    Accessory.HAT: "headwear",
    Accessory.BERET: "headwear",
    Accessory.BASEBALL_CAP: "headwear",
}
PLACE_TAGS: Final[Mapping[Place, tuple[str, ...]]] = {
    Place.SIMPLE: ("simple background",),
    Place.GRADIENT: ("gradient background",),
    Place.POLKA_DOT: ("polka dot background",),
    Place.STRIPED: ("striped background",),
    Place.SKY: ("sky", "outdoors", "blue sky", "day"),
    Place.FIELD: ("outdoors", "grass", "blue sky", "day"),
    Place.FLOWER_FIELD: ("flower field", "outdoors"),
    Place.FOREST: ("forest", "outdoors", "tree", "nature"),
    Place.BEACH: ("beach", "outdoors", "ocean", "blue sky", "sand"),
    Place.CITY: ("city", "outdoors", "building", "cityscape"),
    Place.MOUNTAIN: ("mountain", "outdoors"),
    Place.NIGHT: ("night", "night sky", "outdoors"),
    Place.SUNSET: ("sunset", "outdoors", "orange sky", "sun"),
    Place.SNOW: ("snow", "snowing", "outdoors", "winter"),
    Place.RAIN: ("rain", "outdoors"),
    Place.CHERRY_BLOSSOMS: ("cherry blossoms", "outdoors"),
    Place.CLASSROOM: ("classroom", "indoors", "chalkboard"),
    Place.BEDROOM: ("bedroom", "indoors", "window", "curtains"),
    Place.LIBRARY: ("library", "indoors", "bookshelf"),
    Place.UNDERWATER: ("underwater", "bubble"),
}
ABOVE_PLACE_TAGS: Final[Mapping[Place, tuple[str, ...]]] = {
    **PLACE_TAGS,
    Place.FIELD: ("outdoors", "grass"),
    Place.SNOW: ("snow", "snowing", "winter"),
}
"""What is left of a place when the camera looks down: no sky, no horizon."""

EXTRA_TAGS: Final[Mapping[Extra, tuple[str, ...]]] = {
    Extra.CLOUD: ("cloud",),
    Extra.MOON: ("moon",),
    Extra.STARRY_SKY: ("starry sky", "star (sky)"),
    Extra.RAINBOW: ("rainbow",),
    Extra.FIREWORKS: ("fireworks",),
    Extra.FALLING_PETALS: ("falling petals", "petals"),
    Extra.TREE: ("tree",),
}
CAMERA_TAGS: Final[Mapping[Camera, tuple[str, ...]]] = {
    Camera.FRONT: (),
    Camera.SIDE: ("from side", "profile"),
    Camera.BEHIND: ("from behind",),
    Camera.ABOVE: ("from above",),
}
STYLE_TAGS: Final[Mapping[Style, tuple[str, ...]]] = {
    Style.PLAIN: (),
    Style.FLAT_COLOR: ("flat color",),
    Style.SKETCH: ("sketch", "monochrome", "greyscale"),
    Style.MONOCHROME: ("monochrome", "greyscale"),
    Style.WATERCOLOR: ("watercolor (medium)", "traditional media"),
    Style.PIXEL_ART: ("pixel art",),
    Style.CHIBI: ("chibi",),
}
QUALITY_TAGS: Final[Mapping[Quality, tuple[str, ...]]] = {
    Quality.PLAIN: (),
    Quality.BAD: ("bad quality",),
    Quality.WORST: ("worst quality",),
    Quality.WORST_DETAIL: ("worst detail",),
}
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "hands on own hips": ("hands on hips",),
    "blonde hair": ("yellow hair", "blond hair"),
    "very long hair": ("extremely long hair",),
    "hair bun": ("bun",),
    "red headwear": ("red hat",),
    "blue headwear": ("blue hat",),
    "black headwear": ("black hat",),
    "white headwear": ("white hat",),
    "rabbit ears": ("bunny ears",),
    "serafuku": ("sailor uniform",),
    "armor": ("armour",),
    "greyscale": ("grayscale",),
    "looking at viewer": ("facing viewer",),
    "grass": ("field",),
    "cherry blossoms": ("sakura",),
    "pants": ("trousers",),
    "no humans": ("scenery",),
    "wavy mouth": ("wavy lips",),
    "glasses": ("eyewear",),
}
"""Other words for a tag that captions use now and then, so that the model knows them too."""


def _coloured(colours: Mapping[Colour, float], noun: str) -> Iterator[str]:
    return (f"{colour} {noun}" for colour in colours)


def _all_tags() -> Iterator[tuple[Facet, str]]:
    tables: tuple[
        tuple[Facet, Mapping[object, tuple[str, ...]] | Mapping[str, tuple[str, ...]]], ...
    ]
    tables = (
        (Facet.COUNT, COUNT_TAGS),
        (Facet.HAIR_STYLE, {str(k): v for k, v in HAIR_STYLE_TAGS.items()}),
        (Facet.BANGS, {str(k): v for k, v in BANGS_TAGS.items()}),
        (Facet.EXPRESSION, {str(k): v for k, v in EXPRESSION_TAGS.items()}),
        (Facet.POSE, {str(k): v for k, v in POSE_TAGS.items()}),
        (Facet.POSE, {str(k): v for k, v in PROP_TAGS.items()}),
        (Facet.OUTFIT, {str(k): v for k, v in GARMENT_TAGS.items()}),
        (Facet.ACCESSORY, {str(k): v for k, v in ACCESSORY_TAGS.items()}),
        (Facet.BACKGROUND, {str(k): v for k, v in PLACE_TAGS.items()}),
        (Facet.BACKGROUND, {str(k): v for k, v in EXTRA_TAGS.items()}),
        (Facet.CAMERA, {str(k): v for k, v in CAMERA_TAGS.items()}),
        (Facet.STYLE, {str(k): v for k, v in STYLE_TAGS.items()}),
        (Facet.QUALITY, {str(k): v for k, v in QUALITY_TAGS.items()}),
    )
    for facet, table in tables:
        for tags in table.values():
            yield from ((facet, tag) for tag in tags)
    for facet, words in (
        (Facet.CHARACTER, tuple(Character)),
        (Facet.HAIR_LENGTH, tuple(HairLength)),
        (Facet.HAIR_COLOUR, tuple(_coloured(frequency.HAIR, "hair"))),
        (Facet.EYE_COLOUR, tuple(_coloured(frequency.EYES, "eyes"))),
        (Facet.EYE_COLOUR, ("heterochromia",)),
        (Facet.EYE_STATE, tuple(state.value for state in EyeState if state is not EyeState.OPEN)),
        (Facet.BLUSH, ("blush",)),
        (Facet.GLASSES, ("glasses", "eyepatch")),
        (Facet.BANGS, ("ahoge",)),
        (Facet.OUTFIT, ("open jacket",)),
        (Facet.BOTTOM, tuple(Bottom)),
        (Facet.LEGS, (*Legwear, *Footwear)),
        (Facet.NECKWEAR, tuple(Neckwear)),
        (Facet.POSTURE, ("standing", "sitting")),
        (Facet.GAZE, tuple(Gaze)),
        (Facet.ANIMAL, tuple(Species)),
        (Facet.FRAMING, tuple(Framing)),
        (Facet.CAMERA, ("dutch angle",)),
        (Facet.BACKGROUND, tuple(_coloured(frequency.BACKDROP, "background"))),
    ):
        yield from ((facet, str(word)) for word in words)
    for noun in dict.fromkeys(GARMENT_COLOUR_NOUN.values()):
        colours = frequency.CLOTH if noun != "serafuku" else {Colour.WHITE: 2.0, Colour.BLACK: 1.0}
        yield from ((Facet.OUTFIT_COLOUR, tag) for tag in _coloured(colours, noun))
    for noun in dict.fromkeys(ACCESSORY_COLOUR_NOUN.values()):
        yield from ((Facet.ACCESSORY, tag) for tag in _coloured(frequency.ACCESSORY_COLOUR, noun))
    for noun in dict.fromkeys(BOTTOM_NOUN.values()):
        yield from ((Facet.BOTTOM, tag) for tag in _coloured(frequency.BOTTOM_COLOUR, noun))
    for neckwear in Neckwear:
        ties = _coloured(frequency.NECKWEAR_COLOUR, neckwear.value)
        yield from ((Facet.NECKWEAR, tag) for tag in ties)
    for legwear in (Legwear.THIGHHIGHS, Legwear.SOCKS):
        yield from ((Facet.LEGS, f"{colour} {legwear}") for colour in ("white", "black"))
    yield (Facet.LEGS, "black pantyhose")
    yield from ((Facet.LEGS, tag) for tag in _coloured(frequency.FOOTWEAR_COLOUR, "footwear"))
    for species, furs in frequency.FUR.items():
        yield from ((Facet.ANIMAL, tag) for tag in _coloured(furs, species.value))


def _first_facet() -> dict[str, Facet]:
    facets: dict[str, Facet] = {}
    for facet, tag in _all_tags():
        facets.setdefault(tag, facet)
    return facets


TAGS: Final[Mapping[str, Facet]] = _first_facet()
"""Every tag with the facet it belongs to; a tag of several (`flower`) stands at its first."""
