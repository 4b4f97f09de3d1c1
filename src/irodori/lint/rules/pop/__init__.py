"""POP: is a tag worth using (P5)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
