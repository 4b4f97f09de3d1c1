"""The closed lists that every tag is described with: categories, groups, facets, regions.

A group is a place in the order of a prompt (practice P2). A facet is what a tag speaks of; every
facet belongs to one group, so a tag's facet alone decides where in a prompt it stands.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Category(StrEnum):
    """The booru's own kinds of tags, and `rating` for its four ratings."""

    GENERAL = "general"
    CHARACTER = "character"
    COPYRIGHT = "copyright"
    ARTIST = "artist"
    META = "meta"
    RATING = "rating"


class Group(StrEnum):
    """The places of a prompt in their order (P2), and what has no place in it."""

    QUALITY = "quality"
    PEOPLE = "people"
    CHARACTER = "character"
    ACTION = "action"
    APPEARANCE = "appearance"
    BACKGROUND = "background"
    COMPOSITION = "composition"
    STYLE = "style"
    RATING = "rating"
    META = "meta"


class Facet(StrEnum):
    """What a tag speaks of; `GROUPS` says which group each belongs to."""

    COUNT = "count"
    SOLO = "solo"
    GATHERING = "gathering"

    CHARACTER = "character"
    COPYRIGHT = "copyright"

    EXPRESSION = "expression"
    MOUTH = "mouth"
    TEARS = "tears"
    BLUSH = "blush"
    GAZE = "gaze"
    HEAD_POSE = "head-pose"
    ARM_POSE = "arm-pose"
    HAND_POSE = "hand-pose"
    LEG_POSE = "leg-pose"
    POSTURE = "posture"
    HOLDING = "holding"
    TOUCHING = "touching"
    INTERACTION = "interaction"
    MOTION = "motion"
    ACTIVITY = "activity"

    HAIR_COLOUR = "hair-colour"
    HAIR_LENGTH = "hair-length"
    HAIR_STYLE = "hair-style"
    BANGS = "bangs"
    HAIR_ORNAMENT = "hair-ornament"
    EYE_COLOUR = "eye-colour"
    EYES = "eyes"
    PUPILS = "pupils"
    EYEBROWS = "eyebrows"
    FACIAL_MARK = "facial-mark"
    MAKEUP = "makeup"
    FACIAL_HAIR = "facial-hair"
    BODY = "body"
    SKIN = "skin"
    AGE = "age"
    EARS = "ears"
    TAIL = "tail"
    WINGS = "wings"
    HORNS = "horns"
    HALO = "halo"
    SPECIES = "species"
    UPPER = "upper"
    LOWER = "lower"
    FULL = "full"
    OUTER = "outer"
    SWIMWEAR = "swimwear"
    UNDERWEAR = "underwear"
    SLEEVES = "sleeves"
    LEGWEAR = "legwear"
    FOOTWEAR = "footwear"
    HEADWEAR = "headwear"
    NECKWEAR = "neckwear"
    HANDWEAR = "handwear"
    EYEWEAR = "eyewear"
    MASK = "mask"
    JEWELRY = "jewelry"
    ARMOR = "armor"
    UNIFORM = "uniform"
    COSTUME = "costume"
    ACCESSORY = "accessory"
    PATTERN = "pattern"
    DRESS_STATE = "dress-state"
    WEAPON = "weapon"
    INSTRUMENT = "instrument"
    BAG = "bag"
    PROP = "prop"
    FOOD = "food"

    PLACE = "place"
    INDOOR = "indoor"
    OUTDOOR = "outdoor"
    TIME = "time"
    WEATHER = "weather"
    SKY = "sky"
    SEASON = "season"
    LIGHT = "light"
    SIMPLE_BACKGROUND = "simple-background"
    WATER = "water"
    PLANT = "plant"
    FURNITURE = "furniture"
    VEHICLE = "vehicle"
    ANIMAL = "animal"
    OBJECT = "object"
    EVENT = "event"

    FRAMING = "framing"
    ANGLE = "angle"
    CAMERA = "camera"
    FOCUS = "focus"
    LAYOUT = "layout"
    DEPTH = "depth"
    EFFECT = "effect"

    MEDIUM = "medium"
    PALETTE = "palette"
    TECHNIQUE = "technique"
    ARTSTYLE = "artstyle"
    ARTIST = "artist"

    QUALITY_GOOD = "quality-good"
    QUALITY_BAD = "quality-bad"
    PERIOD = "period"

    RATING = "rating"

    TEXT = "text"
    CREDIT = "credit"
    SOURCE = "source"
    COMMENTARY = "commentary"

    @property
    def group(self) -> Group:
        """The group the facet belongs to."""
        return GROUPS[self]


class Region(StrEnum):
    """Parts of a body that must be visible for a tag to be seen; `whole` is all of it."""

    HAIR = "hair"
    EYES = "eyes"
    FACE = "face"
    MOUTH = "mouth"
    NECK = "neck"
    SHOULDERS = "shoulders"
    CHEST = "chest"
    BACK = "back"
    BELLY = "belly"
    WAIST = "waist"
    HIPS = "hips"
    ARMS = "arms"
    HANDS = "hands"
    LEGS = "legs"
    KNEES = "knees"
    FEET = "feet"
    BOTTOM = "bottom"
    WHOLE = "whole"


_FIRST_FACETS: Final = (
    # A group's facets are those from its first one up to the next group's, as `Facet` lists them.
    (Group.PEOPLE, Facet.COUNT),
    (Group.CHARACTER, Facet.CHARACTER),
    (Group.ACTION, Facet.EXPRESSION),
    (Group.APPEARANCE, Facet.HAIR_COLOUR),
    (Group.BACKGROUND, Facet.PLACE),
    (Group.COMPOSITION, Facet.FRAMING),
    (Group.STYLE, Facet.MEDIUM),
    (Group.QUALITY, Facet.QUALITY_GOOD),
    (Group.RATING, Facet.RATING),
    (Group.META, Facet.TEXT),
)


def _groups() -> Mapping[Facet, Group]:
    starts = {facet: group for group, facet in _FIRST_FACETS}
    groups: dict[Facet, Group] = {}
    group = Group.PEOPLE
    for facet in Facet:
        group = starts.get(facet, group)
        groups[facet] = group
    return MappingProxyType(groups)


GROUPS: Final[Mapping[Facet, Group]] = _groups()
"""The one group of every facet."""


def facets_of(group: Group) -> tuple[Facet, ...]:
    """Return the facets of a group, in their listed order."""
    return tuple(facet for facet, owner in GROUPS.items() if owner is group)
