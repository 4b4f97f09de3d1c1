"""What is in a picture, as values: nothing here knows how it is drawn or what it is called.

`sampling.sample_scene` makes a scene from a seed, `raster.paint` draws it, `caption` names it and
`truth` measures it. The members of the enumerations are spelled as the booru spells the tag where
there is one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from irodori.painter.medium import Pen, Quality, Style
from irodori.painter.palette import Colour


class Sex(StrEnum):
    """Who stands there, as far as the count tags tell: `1girl` or `1boy`."""

    GIRL = "girl"
    BOY = "boy"


class HairLength(StrEnum):
    """How far the hair reaches: ears, nape, shoulders, hips, knees."""

    VERY_SHORT = "very short hair"
    SHORT = "short hair"
    MEDIUM = "medium hair"
    LONG = "long hair"
    VERY_LONG = "very long hair"


class HairStyle(StrEnum):
    """How the hair is worn; `LOOSE` has no tag."""

    LOOSE = "loose"
    PONYTAIL = "ponytail"
    SIDE_PONYTAIL = "side ponytail"
    TWINTAILS = "twintails"
    TWIN_BRAIDS = "twin braids"
    SINGLE_BRAID = "single braid"
    HAIR_BUN = "single hair bun"
    DOUBLE_BUN = "double bun"
    BOB_CUT = "bob cut"
    DRILLS = "twin drills"
    TWO_SIDE_UP = "two side up"
    MESSY = "messy hair"
    WAVY = "wavy hair"


class Bangs(StrEnum):
    """What falls over the forehead; `LOCKS` (a few pointed locks) has no tag."""

    LOCKS = "locks"
    BLUNT = "blunt bangs"
    SWEPT = "swept bangs"
    PARTED = "parted bangs"
    BETWEEN_EYES = "hair between eyes"


class EyeState(StrEnum):
    """Whether the eyes are open; `HALF` is the sleepy or superior look."""

    OPEN = "open"
    CLOSED = "closed eyes"
    WINK = "one eye closed"
    HALF = "half-closed eyes"


class Expression(StrEnum):
    """One face of twelve and more; the tags of each are in `vocabulary.EXPRESSION_TAGS`."""

    SMILE = "smile"
    LIGHT_SMILE = "light smile"
    OPEN_MOUTH = "open mouth"
    HAPPY = ":d"
    FROWN = "frown"
    ANGRY = "angry"
    CRYING = "crying"
    SURPRISED = "surprised"
    SMIRK = "smirk"
    CAT_MOUTH = ":3"
    TONGUE_OUT = "tongue out"
    SAD = "sad"
    EXPRESSIONLESS = "expressionless"
    GRIN = "grin"
    WAVY_MOUTH = "wavy mouth"


class Gaze(StrEnum):
    """Where the eyes look."""

    VIEWER = "looking at viewer"
    SIDE = "looking to the side"
    AWAY = "looking away"
    BACK = "looking back"


class Pose(StrEnum):
    """What the arms do."""

    ARMS_AT_SIDES = "arms at sides"
    ARMS_BEHIND_BACK = "arms behind back"
    ARMS_UP = "arms up"
    WAVING = "waving"
    HANDS_ON_HIPS = "hands on own hips"
    CROSSED_ARMS = "crossed arms"
    OUTSTRETCHED_ARMS = "outstretched arms"
    HAND_ON_CHEST = "hand on own chest"
    V = "v"
    HOLDING = "holding"


class Prop(StrEnum):
    """What is held; each is tagged `holding <prop>` with the thing itself."""

    SWORD = "sword"
    UMBRELLA = "umbrella"
    BOOK = "book"
    CANE = "cane"
    FLOWER = "flower"
    CUP = "cup"
    BALLOON = "balloon"
    STAFF = "staff"


class Garment(StrEnum):
    """What is worn above; the kinds that the evaluation tells apart."""

    SHIRT = "shirt"
    T_SHIRT = "t-shirt"
    SWEATER = "sweater"
    HOODIE = "hoodie"
    JACKET = "jacket"
    DRESS = "dress"
    SUNDRESS = "sundress"
    SERAFUKU = "serafuku"
    KIMONO = "kimono"
    ARMOR = "armor"
    APRON = "apron"


SEPARATES: Final = frozenset(
    {
        Garment.SHIRT,
        Garment.T_SHIRT,
        Garment.SWEATER,
        Garment.HOODIE,
        Garment.JACKET,
        Garment.SERAFUKU,
    }
)
"""Garments that end at the hips and need a `Bottom`; the others are in one piece."""


class Bottom(StrEnum):
    """What is worn below, where the garment above leaves room for it."""

    SKIRT = "skirt"
    PLEATED_SKIRT = "pleated skirt"
    SHORTS = "shorts"
    PANTS = "pants"


class Neckwear(StrEnum):
    """What is worn round the neck."""

    NECKTIE = "necktie"
    BOWTIE = "bowtie"
    SCARF = "scarf"


class Legwear(StrEnum):
    """What is worn on the legs under skirt, dress or shorts."""

    THIGHHIGHS = "thighhighs"
    SOCKS = "socks"
    PANTYHOSE = "pantyhose"


class Footwear(StrEnum):
    """What is worn on the feet."""

    SHOES = "shoes"
    BOOTS = "boots"
    BAREFOOT = "barefoot"


class Accessory(StrEnum):
    """The one thing on or about the head, if any: ornament, hat, ears, horns, halo, wings."""

    HAIR_RIBBON = "hair ribbon"
    HAIR_BOW = "hair bow"
    HAIR_FLOWER = "hair flower"
    HAIRBAND = "hairband"
    HAIRCLIP = "hairclip"
    HAT = "hat"
    STRAW_HAT = "straw hat"
    WITCH_HAT = "witch hat"
    BERET = "beret"
    BASEBALL_CAP = "baseball cap"
    SANTA_HAT = "santa hat"
    TOP_HAT = "top hat"
    CROWN = "crown"
    HEADPHONES = "headphones"
    CAT_EARS = "cat ears"
    RABBIT_EARS = "rabbit ears"
    FOX_EARS = "fox ears"
    HORNS = "horns"
    HALO = "halo"
    WINGS = "wings"


class Framing(StrEnum):
    """How much of a person the picture shows."""

    PORTRAIT = "portrait"
    UPPER_BODY = "upper body"
    COWBOY_SHOT = "cowboy shot"
    FULL_BODY = "full body"


class Camera(StrEnum):
    """From where the picture is seen; `FRONT` has no tag. A dutch angle is `Scene.roll`."""

    FRONT = "front"
    SIDE = "from side"
    BEHIND = "from behind"
    ABOVE = "from above"


class Place(StrEnum):
    """What is behind the people."""

    SIMPLE = "simple background"
    GRADIENT = "gradient background"
    POLKA_DOT = "polka dot background"
    STRIPED = "striped background"
    SKY = "sky"
    FIELD = "field"
    FLOWER_FIELD = "flower field"
    FOREST = "forest"
    BEACH = "beach"
    CITY = "city"
    MOUNTAIN = "mountain"
    NIGHT = "night"
    SUNSET = "sunset"
    SNOW = "snow"
    RAIN = "rain"
    CHERRY_BLOSSOMS = "cherry blossoms"
    CLASSROOM = "classroom"
    BEDROOM = "bedroom"
    LIBRARY = "library"
    UNDERWATER = "underwater"


PLAIN_PLACES: Final = frozenset({Place.SIMPLE, Place.GRADIENT, Place.POLKA_DOT, Place.STRIPED})
"""The places that are only colour; the background's colour counts for these."""


class Extra(StrEnum):
    """Something that a place may have besides what makes it that place."""

    CLOUD = "cloud"
    MOON = "moon"
    STARRY_SKY = "starry sky"
    RAINBOW = "rainbow"
    FIREWORKS = "fireworks"
    FALLING_PETALS = "falling petals"
    TREE = "tree"


class Species(StrEnum):
    """The animals."""

    CAT = "cat"
    DOG = "dog"
    BIRD = "bird"
    RABBIT = "rabbit"


class Character(StrEnum):
    """Our own characters: a name, and with it a fixed look (`vocabulary.CHARACTERS`)."""

    SUMIRE = "sumire (irodori)"
    KOHAKU = "kohaku (irodori)"
    MIDORI = "midori (irodori)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hair:
    """A head of hair."""

    colour: Colour
    length: HairLength
    style: HairStyle = HairStyle.LOOSE
    bangs: Bangs = Bangs.LOCKS
    ahoge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Eyes and expression. `left` and `right` are as seen in the picture.

    Attributes:
        acting_eye: the eye that winks or that the patch covers, -1 the left one, 1 the right; with
            both, the patch covers this one and the other one winks.
    """

    left_eye: Colour
    right_eye: Colour
    state: EyeState = EyeState.OPEN
    expression: Expression = Expression.EXPRESSIONLESS
    gaze: Gaze = Gaze.VIEWER
    blush: bool = False
    glasses: bool = False
    eyepatch: bool = False
    acting_eye: int = 1

    @property
    def heterochromia(self) -> bool:
        """Whether the eyes differ."""
        return self.left_eye is not self.right_eye


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """Everything worn below the head. Colours that a garment does not have are unused."""

    garment: Garment
    colour: Colour
    bottom: Bottom | None = None
    bottom_colour: Colour = Colour.BLUE
    open_jacket: bool = False
    neckwear: Neckwear | None = None
    neckwear_colour: Colour = Colour.RED
    legwear: Legwear | None = None
    legwear_colour: Colour = Colour.WHITE
    footwear: Footwear = Footwear.SHOES
    footwear_colour: Colour = Colour.BROWN

    def __post_init__(self) -> None:
        """Refuse an outfit of half the clothes it needs, or of too many."""
        if (self.bottom is None) == (self.garment in SEPARATES):
            raise ValueError(f"{self.garment} with {self.bottom or 'nothing'} below it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person, whole: what of it can be seen is decided by the scene's camera and framing."""

    sex: Sex
    hair: Hair
    face: Face
    outfit: Outfit
    pose: Pose = Pose.ARMS_AT_SIDES
    prop: Prop | None = None
    sitting: bool = False
    accessory: Accessory | None = None
    accessory_colour: Colour = Colour.RED
    skin: int = 0
    character: Character | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """An animal; alone in the picture, or beside a person who is seen whole."""

    species: Species
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What is behind the people. `colour` counts for the simple kinds only."""

    place: Place
    colour: Colour = Colour.WHITE
    extras: frozenset[Extra] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture's content. The same scene is the same picture at every size.

    Attributes:
        seed: everything that is drawn but not named (a strand, a fold, a cloud) follows from it.
        people: left to right as seen; at most two.
        roll: the camera's roll in degrees, positive clockwise; 0 unless it is a dutch angle.
    """

    seed: int
    people: tuple[Person, ...]
    background: Background
    animal: Animal | None = None
    framing: Framing = Framing.UPPER_BODY
    camera: Camera = Camera.FRONT
    roll: float = 0.0
    style: Style = Style.PLAIN
    quality: Quality = Quality.PLAIN
    pen: Pen = Pen.FINE
