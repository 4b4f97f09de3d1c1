"""STY008: two colours of hair or eyes, and nothing that says both."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, placed_after
from irodori.lint.people import Sameness, people_of
from irodori.lint.rule import Rule, RuleMeta

_BOTH: Final = (
    ("hair-colour", "multicolored hair"),
    ("eye-colour", "heterochromia"),
)
_MANY: Final = (
    "multicolored",
    "two-tone",
    "gradient",
    "streaked",
    "split-color",
    "colored",
    "rainbow",
)


class UnblendedColours(Rule):
    """Two colours of one person's hair or eyes, and no tag that says both are meant.

    ## Why is this bad?
    One of the two wins, another one for each seed.

    ## Example
        1girl, solo, red hair, blue hair, smile

    ## Use instead
        1girl, solo, red hair, blue hair, multicolored hair, smile

    ## Fix
    Unsafe: `multicolored hair` or `heterochromia` is added.

    ## Evidence
    Practice P15: `red hair, blue hair, multicolored hair` for both.
    """

    meta = RuleMeta(
        code="STY008",
        name="unblended-colours",
        summary="two colours of hair or eyes without a tag for both",
        severity=Severity.HINT,
        since="0.2.0",
        source="P15",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        for facet, both in _BOTH:
            uses = [use for use in view.in_facet(facet) if use.is_drawn]
            if view.named(both) or any(_says_many(use) for use in uses):
                continue
            for number, later in enumerate(uses):
                earlier = next(
                    (
                        use
                        for use in uses[:number]
                        if use.meets(later)
                        and use.name != later.name
                        and who.same(use, later) is Sameness.YES
                    ),
                    None,
                )
                if earlier is not None:
                    yield self.at(
                        later.span,
                        f"'{earlier.text}' and '{later.text}': one of the two will win",
                        evidence="P15",
                        help=f"for both add '{both}', for a blend "
                        f"[{earlier.text}:{later.text}:0.5]",
                        fixes=fix(
                            f"add '{both}'",
                            placed_after(view, later, both),
                            Applicability.UNSAFE,
                        ),
                    )


def _says_many(use: TagUse) -> bool:
    return any(word in use.name for word in _MANY)
