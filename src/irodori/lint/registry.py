"""All rules, by family; a family's package is imported when its rules are first asked for."""

import importlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from irodori.errors import UnknownNameError
from irodori.lint.rule import Rule

FAMILIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        # family: (package under irodori.lint.rules, what it is about)
        "SYN": ("syn", "syntax, what the text does not say"),
        "ORD": ("ord", "the order of a prompt"),
        "QLT": ("qlt", "quality tags"),
        "NEG": ("neg", "the negative prompt"),
        "POP": ("pop", "population, is a tag worth using"),
        "VIS": ("vis", "visibility, what cannot be seen"),
        "BLD": ("bld", "bleeding colours"),
        "ASC": ("asc", "associations that tags carry"),
        "RAT": ("rat", "rating tags"),
        "IMP": ("imp", "implied and missing tags"),
        "CHK": ("chk", "chunks of 75 tokens"),
        "PPL": ("ppl", "several people in one picture"),
        "STY": ("sty", "styles, artists and LoRAs"),
        "RCP": ("rcp", "recipes, their samplers, steps, sizes"),
        "CPX": ("cpx", "the complexity of a prompt"),
        "LNT": ("lnt", "the linter's own comments"),
    }
)

REDIRECTS: Final[Mapping[str, str]] = MappingProxyType({})
"""Codes of rules that were merged or renamed, with the code that holds now; none is used twice."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return one object of every rule, families in the order above, codes ascending within one."""
    rules = []
    for package, _ in FAMILIES.values():
        module = importlib.import_module(f"irodori.lint.rules.{package}")
        rules += sorted((kind() for kind in module.RULES), key=lambda rule: rule.meta.code)
    return tuple(rules)


def find_rule(wanted: str) -> Rule:
    """Return the rule of a code or a name, whatever its case; an old code gives its successor.

    Raises:
        UnknownNameError: there is none; carries the nearest.
    """
    code = REDIRECTS.get(wanted.upper(), wanted.upper())
    for rule in all_rules():
        if rule.meta.code == code or rule.meta.name == wanted.lower():
            return rule
    known = [name for rule in all_rules() for name in (rule.meta.code, rule.meta.name)]
    raise UnknownNameError("rule", wanted, known, see="irodori rule")
