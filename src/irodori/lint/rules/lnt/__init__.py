"""LNT: the comments that switch rules off."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.lnt.unknown_code import UnknownCode
from irodori.lint.rules.lnt.unused_suppression import UnusedSuppression

RULES: Final[tuple[type[Rule], ...]] = (UnusedSuppression, UnknownCode)
