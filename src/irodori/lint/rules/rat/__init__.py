"""RAT: rating tags (P9); those in the negative prompt are NEG's."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.rat.rating_above_ceiling import RatingAboveCeiling
from irodori.lint.rules.rat.rating_against_tags import RatingAgainstTags
from irodori.lint.rules.rat.rating_without_purpose import RatingWithoutPurpose

RULES: Final[tuple[type[Rule], ...]] = (
    RatingWithoutPurpose,
    RatingAboveCeiling,
    RatingAgainstTags,
)
