"""NEG: the negative prompt (P4)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.neg.negated_background import NegatedBackground
from irodori.lint.rules.neg.negated_credit import NegatedCredit
from irodori.lint.rules.neg.negated_implication import NegatedImplication
from irodori.lint.rules.neg.negated_popular_tag import NegatedPopularTag
from irodori.lint.rules.neg.negated_rating import NegatedRating
from irodori.lint.rules.neg.positive_cure import PositiveCure
from irodori.lint.rules.neg.tag_on_both_sides import TagOnBothSides

RULES: Final[tuple[type[Rule], ...]] = (
    NegatedPopularTag,
    NegatedRating,
    PositiveCure,
    TagOnBothSides,
    NegatedBackground,
    NegatedCredit,
    NegatedImplication,
)
