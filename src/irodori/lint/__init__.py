"""The practice as rules: what is wrong with a prompt, with the evidence and a fix.

    LintInput -> check -> Diagnostics -> fix -> texts
                   |
                   +- Context: both prompts read once (PromptView), tag data, settings, recipe

Rules live in `irodori.lint.rules`, one family a package and one rule a file; each rule's docstring
is its page (`irodori rule CODE`). Nothing here loads PyTorch or reads files.
"""

from irodori.lint.checker import LintInput, check
from irodori.lint.context import Context, ModelFacts, NetworkFacts, NetworkUse, PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Field, Fix, Severity
from irodori.lint.fix import FixResult, fix
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.settings import Settings, read_settings
from irodori.tags.profile import Profile, load_profile

__all__ = [
    "Applicability",
    "Context",
    "Diagnostic",
    "Edit",
    "Field",
    "Fix",
    "FixResult",
    "LintInput",
    "ModelFacts",
    "NetworkFacts",
    "NetworkUse",
    "Option",
    "Profile",
    "PromptView",
    "Rule",
    "RuleMeta",
    "Settings",
    "Severity",
    "TagUse",
    "check",
    "fix",
    "load_profile",
    "read_settings",
]
