"""IMP002: a thing that is held, and named once more."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta

_HOLDING: Final = "holding "


class HeldThingNamed(Rule):
    """A thing that is held, and named once more.

    This is no error, only worth knowing.

    ## Why is this bad?
    It need not be: naming the thing makes its shape clearer, which a rare `holding ...` may need.
    But if a chunk border falls between the two, or the picture is wide, a second one turns up.

    ## Example
        1girl, solo, holding cane, cane, smile

    ## Use instead
        1girl, solo, holding cane, smile

    ## Fix
    Display: the thing is taken out.

    ## Evidence
    Practice P11 (`holding sword | katana` in two chunks become two); the author of one recipe of
    twelve added `cane` on purpose.
    """

    meta = RuleMeta(
        code="IMP002",
        name="held-thing-named",
        summary="held thing is named once more; no error",
        severity=Severity.HINT,
        since="0.2.0",
        source="P11",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        told: set[TagUse] = set()
        for use in view.tags:
            thing = held(use)
            other = view.named(thing) if thing else None
            if other is None or other is use or other in told or not other.meets(use):
                continue
            if (other.part, other.section) != (use.part, use.section):
                continue
            told.add(other)
            yield self.at(
                other.span,
                f"'{use.text}' says '{other.text}' already: no error, it makes the thing clearer, "
                "but a second one may turn up",
                evidence="P11: two halves of one idea in two chunks become two things",
                help="keep both side by side, in one chunk, or take the thing out",
                fixes=fix(f"remove '{other.text}'", removed(view, [other]), Applicability.DISPLAY),
            )


def held(use: TagUse) -> str:
    """Return what a tag says is held: `holding cane` gives `cane`; "" if nothing is."""
    return use.name.removeprefix(_HOLDING) if use.name.startswith(_HOLDING) else ""
