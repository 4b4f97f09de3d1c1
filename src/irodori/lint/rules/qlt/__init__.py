"""QLT: quality tags (P3)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.qlt.catch_all_negative import CatchAllNegative
from irodori.lint.rules.qlt.foreign_quality_tag import ForeignQualityTag
from irodori.lint.rules.qlt.no_background import NoBackgroundNamed
from irodori.lint.rules.qlt.praise import PraiseInPrompt
from irodori.lint.rules.qlt.redundant_censor import RedundantCensor
from irodori.lint.rules.qlt.sketch_against_style import SketchAgainstStyle

RULES: Final[tuple[type[Rule], ...]] = (
    PraiseInPrompt,
    CatchAllNegative,
    RedundantCensor,
    SketchAgainstStyle,
    NoBackgroundNamed,
    ForeignQualityTag,
)
