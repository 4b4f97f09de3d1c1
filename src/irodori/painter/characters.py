"""Our own characters: each a name with a fixed look, as a character tag brings one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from irodori.painter.palette import Colour
from irodori.painter.scene import (
    Accessory,
    Bangs,
    Bottom,
    Character,
    Garment,
    Hair,
    HairLength,
    HairStyle,
    Legwear,
    Neckwear,
    Outfit,
    Person,
    Sex,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSheet:
    """What is always so of a character, and the clothes it mostly wears.

    Attributes:
        canonical_outfit: share of its pictures in the outfit below, 0..1; otherwise any.
    """

    sex: Sex
    hair: Hair
    eyes: Colour
    accessory: Accessory
    accessory_colour: Colour
    outfit: Outfit
    skin: int = 0
    glasses: bool = False
    canonical_outfit: float = 0.75

    def dressed(self, person: Person, rng: Random) -> Person:
        """Return the person turned into this character; pose, mood and gaze stay."""
        wears_own = rng.random() < self.canonical_outfit
        return replace(
            person,
            hair=self.hair,
            face=replace(
                person.face,
                left_eye=self.eyes,
                right_eye=self.eyes,
                glasses=self.glasses,
                eyepatch=False,
            ),
            accessory=self.accessory,
            accessory_colour=self.accessory_colour,
            outfit=self.outfit if wears_own else person.outfit,
            skin=self.skin,
        )


CHARACTERS: Final[Mapping[Character, CharacterSheet]] = {
    Character.SUMIRE: CharacterSheet(
        sex=Sex.GIRL,
        hair=Hair(
            colour=Colour.PURPLE,
            length=HairLength.LONG,
            bangs=Bangs.BLUNT,
            ahoge=True,
        ),
        eyes=Colour.YELLOW,
        accessory=Accessory.HAIR_FLOWER,
        accessory_colour=Colour.WHITE,
        outfit=Outfit(garment=Garment.SUNDRESS, colour=Colour.WHITE),
    ),
    Character.KOHAKU: CharacterSheet(
        sex=Sex.BOY,
        hair=Hair(colour=Colour.ORANGE, length=HairLength.SHORT, bangs=Bangs.BETWEEN_EYES),
        eyes=Colour.GREEN,
        accessory=Accessory.FOX_EARS,
        accessory_colour=Colour.RED,
        outfit=Outfit(
            garment=Garment.JACKET,
            colour=Colour.BLACK,
            bottom=Bottom.PANTS,
            bottom_colour=Colour.GREY,
            neckwear=Neckwear.SCARF,
            neckwear_colour=Colour.RED,
        ),
        skin=1,
    ),
    Character.MIDORI: CharacterSheet(
        sex=Sex.GIRL,
        hair=Hair(
            colour=Colour.GREEN,
            length=HairLength.LONG,
            style=HairStyle.TWINTAILS,
            bangs=Bangs.PARTED,
        ),
        eyes=Colour.RED,
        accessory=Accessory.HAIR_RIBBON,
        accessory_colour=Colour.RED,
        outfit=Outfit(
            garment=Garment.SERAFUKU,
            colour=Colour.WHITE,
            bottom=Bottom.PLEATED_SKIRT,
            bottom_colour=Colour.BLUE,
            legwear=Legwear.THIGHHIGHS,
            legwear_colour=Colour.BLACK,
        ),
        glasses=True,
    ),
}
