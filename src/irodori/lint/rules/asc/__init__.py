"""ASC: associations that tags carry (P8)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
