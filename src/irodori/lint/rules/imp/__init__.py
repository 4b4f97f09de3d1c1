"""IMP: implied tags, contradictions, and what is asked for but never named (P6, P10)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.imp.contradicting_tags import ContradictingTags
from irodori.lint.rules.imp.held_thing_named import HeldThingNamed
from irodori.lint.rules.imp.implied_tag import ImpliedTag
from irodori.lint.rules.imp.open_over_nothing import OpenOverNothing
from irodori.lint.rules.imp.thing_never_named import ThingNeverNamed

RULES: Final[tuple[type[Rule], ...]] = (
    ImpliedTag,
    HeldThingNamed,
    OpenOverNothing,
    ContradictingTags,
    ThingNeverNamed,
)
