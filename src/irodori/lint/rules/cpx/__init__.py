"""CPX: the complexity of a prompt (P21)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.cpx.complex_prompt import ComplexPrompt

RULES: Final[tuple[type[Rule], ...]] = (ComplexPrompt,)
