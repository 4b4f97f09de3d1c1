"""VIS: what cannot be seen (P6)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
