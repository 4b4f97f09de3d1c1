"""ASC: associations that tags carry (P8)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.asc.apparent_age import ApparentAge
from irodori.lint.rules.asc.franchise_style import FranchiseStyle
from irodori.lint.rules.asc.scene_dress import SceneDress

RULES: Final[tuple[type[Rule], ...]] = (ApparentAge, FranchiseStyle, SceneDress)
