"""IMP001: a tag that another one brings of itself."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import counted
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.imp.held_thing_named import held

_APART: Final = frozenset({"quality", "meta", "rating", "style"})


class ImpliedTag(Rule):
    """A tag that another one of the same person brings of itself.

    A weight of its own makes it another statement, and spares it. What is held and named again is
    IMP002's.

    ## Why is this bad?
    Every picture with `fox ears` has `animal ears` too: the broader one says nothing more, costs
    tokens, and is often learned far more strongly, so that it wins.

    ## Example
        1girl, solo, fox ears, animal ears, smile

    ## Use instead
        1girl, solo, fox ears, smile

    ## Fix
    Unsafe: the implied tag is taken out.

    ## Evidence
    Practice P6, P13 (`animal ears` beside `fox ears` ruins a picture of two).
    """

    meta = RuleMeta(
        code="IMP001",
        name="implied-tag",
        summary="tag that another one brings of itself",
        severity=Severity.HINT,
        since="0.2.0",
        source="P6, P13",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        known = [use for use in view.tags if use.entry is not None and use.is_drawn]
        named = {use.entry.name for use in known if use.entry is not None}
        reported: set[int] = set()  # by identity
        for use in known:
            for broad in _implied(context, use, known, named):
                if id(broad) in reported:
                    continue
                reported.add(id(broad))
                yield self.at(
                    broad.span,
                    f"'{broad.text}' is implied by '{use.text}'",
                    evidence=counted(broad.entry),
                    help="take the broader one out",
                    fixes=fix(
                        f"remove '{broad.text}'", removed(view, [broad]), Applicability.UNSAFE
                    ),
                )


def _implied(
    context: Context, use: TagUse, known: list[TagUse], named: set[str]
) -> Iterator[TagUse]:
    """Yield the tags that a tag implies, of the same place and with no weight of their own."""
    if use.entry is None or not use.entry.implies:
        return
    implied = context.vocabulary.implied(use.entry.name) & named
    for other in known:
        if other.entry is None or other.entry.name not in implied or other.group in _APART:
            continue
        same_place = (other.part, other.section) == (use.part, use.section)
        if same_place and other.weight == 1.0 and other.meets(use) and held(use) != other.name:
            yield other
