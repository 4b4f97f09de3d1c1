"""PPL006: a species in one person's chunk."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import offered, replaced
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta

_BROAD: Final = frozenset({"animal ears", "kemonomimi mode", "tail", "wings", "horns"})
_NOTHING_NEW: Final = frozenset({"human"})
_ONE_OF_A_KIND: Final = ("girl", "boy", "female", "male", "man", "woman")
_FEATURES: Final = MappingProxyType(
    {
        "elf": ("pointy ears",),
        "dark elf": ("pointy ears", "dark skin"),
        "vampire": ("fang",),
        "demon": ("demon horns",),
        "angel": ("halo",),
    }
)


class SpeciesForAll(Rule):
    """A species, or a feature of many, in the chunk of one person of several.

    Tags that say whom they mean are spared (`wolf boy`, `fox girl`), and species that all have.

    ## Why is this bad?
    It changes everybody: with `elf` in one chunk all ears turn pointed, with `animal ears` the
    elf's turn furry.

    ## Example
        2girls, side-by-side BREAK fox ears, orange hair, shirt BREAK elf, black hair, sundress

    ## Use instead
        2girls, side-by-side BREAK fox ears, orange hair, shirt BREAK pointy ears, black hair, dress

    ## Fix
    Display: the feature instead of the species, where there is one.

    ## Evidence
    Practice P13, whose example names just these two.
    """

    meta = RuleMeta(
        code="PPL006",
        name="species-for-all",
        summary="species in one person's chunk changes everybody",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P13",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if who.seen < 2 or len(who.sections) < 2:
            return
        for use in view.tags:
            if not use.is_drawn or not _changes_all(use):
                continue
            having = {(one.part, one.section) for one in view.tags if one.name == use.name}
            if having >= set(who.sections):
                continue
            features = _FEATURES.get(use.name, ())
            yield self.at(
                use.span,
                f"'{use.text}' stands for one person, and will change all {who.seen}",
                evidence="P13: such a tag ruins a picture of several people",
                help="name what is seen instead: " + (features or ("fox ears", "pointy ears"))[0],
                fixes=offered(view, use, features, replaced),
            )


def _changes_all(use: TagUse) -> bool:
    if use.name in _BROAD:
        return True
    if use.facet != "species" or use.name in _NOTHING_NEW:
        return False
    return use.name.split()[-1] not in _ONE_OF_A_KIND
