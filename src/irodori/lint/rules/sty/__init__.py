"""STY: styles, artists and LoRAs (P14, P15)."""

from typing import Final

from irodori.lint.rule import Rule

RULES: Final[tuple[type[Rule], ...]] = ()
