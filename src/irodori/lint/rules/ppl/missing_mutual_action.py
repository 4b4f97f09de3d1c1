"""PPL004: several people who do nothing together."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import offered
from irodori.lint.people import is_mutual, people_of
from irodori.lint.rule import Option, Rule, RuleMeta

_OFFERED = ("side-by-side", "holding hands")


class MissingMutualAction(Rule):
    """Several people who do nothing together.

    A warning where each is described in a chunk of their own, else a hint.

    ## Why is this bad?
    Nothing says where they stand to each other: one is left out, or two grow into one.

    ## Example
        2girls, smile BREAK red hair, dress BREAK black hair, shirt

    ## Use instead
        2girls, side-by-side, smile BREAK red hair, dress BREAK black hair, shirt, jeans

    ## Options
    `ppl.crowd` (5): of so many people a common action is not missed.

    ## Fix
    Display: two simple ones, added after the number of people; the place of such a tag decides who
    acts.

    ## Evidence
    Practice P13: a mutual action is a must.
    """

    meta = RuleMeta(
        code="PPL004",
        name="missing-mutual-action",
        summary="several people who do nothing together",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P13",
        applicability=Applicability.DISPLAY,
        options=(Option(name="ppl.crowd", doc="people of whom no common action is missed"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        if not 2 <= who.seen < context.settings.ppl.crowd or who.is_solo:
            return
        if any(is_mutual(use) for use in view.tags if use.is_drawn):
            return
        place = next(iter(who.counts or who.named), view.tags[0])
        described = len([section for _, section in who.sections if section > 0])
        yield self.at(
            place.span,
            f"{who.total} people, and nothing that they do together",
            evidence="P13: a mutual action is a must",
            help="say how they stand to each other: 'side-by-side', 'holding hands'",
            fixes=offered(view, place, _OFFERED),
            severity=None if described else Severity.HINT,
        )
