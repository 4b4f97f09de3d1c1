"""RCP: samplers, steps and sizes (P1, P16-P19)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
