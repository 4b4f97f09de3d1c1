"""Characters that the shipped model does not know, for adapters to bring."""

from collections.abc import Mapping
from typing import Final

from irodori.painter.characters import CharacterSheet
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    Accessory,
    Bangs,
    Garment,
    Hair,
    HairLength,
    HairStyle,
    Outfit,
    Sex,
)

NEWCOMERS: Final[Mapping[str, CharacterSheet]] = {
    "hotaru (irodori)": CharacterSheet(
        sex=Sex.GIRL,
        hair=Hair(
            colour=Colour.AQUA,
            length=HairLength.VERY_LONG,
            style=HairStyle.DRILLS,
            bangs=Bangs.PARTED,
        ),
        eyes=Colour.PINK,
        accessory=Accessory.RABBIT_EARS,
        accessory_colour=Colour.WHITE,
        outfit=Outfit(garment=Garment.KIMONO, colour=Colour.PURPLE),
        canonical_outfit=0.85,
    ),
}
"""By name, as `characters.CHARACTERS` has those that the model was trained on."""
