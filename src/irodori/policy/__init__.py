"""What may be drawn: the owner's rating ceiling, and a refusal that nothing turns off."""

from irodori.policy.check import RatedTag, ceiling_allows, check_prompt, check_recipe
from irodori.policy.rating import Rating
from irodori.policy.screen import Screening, screen

__all__ = [
    "RatedTag",
    "Rating",
    "Screening",
    "ceiling_allows",
    "check_prompt",
    "check_recipe",
    "screen",
]
