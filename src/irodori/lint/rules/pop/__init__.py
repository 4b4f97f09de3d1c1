"""POP: is a tag worth using (P5)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.pop.alias_for_tag import AliasForTag
from irodori.lint.rules.pop.deprecated_tag import DeprecatedTag
from irodori.lint.rules.pop.dominated_tag import DominatedTag
from irodori.lint.rules.pop.emphasised_popular_tag import EmphasisedPopularTag
from irodori.lint.rules.pop.phrase import PhraseForTags
from irodori.lint.rules.pop.risky_character import RiskyCharacter
from irodori.lint.rules.pop.underpopulated_tag import UnderpopulatedTag
from irodori.lint.rules.pop.unknown_tag import UnknownTag
from irodori.lint.rules.pop.untaught_tag import UntaughtTag

RULES: Final[tuple[type[Rule], ...]] = (
    UnderpopulatedTag,
    UnknownTag,
    RiskyCharacter,
    EmphasisedPopularTag,
    DominatedTag,
    DeprecatedTag,
    AliasForTag,
    PhraseForTags,
    UntaughtTag,
)
