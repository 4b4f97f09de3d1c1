"""IMP: implied and missing tags (P6, P10)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
