"""BLD: bleeding colours (P7)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.bld.colour_near_plain import ColourNearPlain
from irodori.lint.rules.bld.lone_colour import LoneColour

RULES: Final[tuple[type[Rule], ...]] = (LoneColour, ColourNearPlain)
