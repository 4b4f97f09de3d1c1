"""PPL009: an action for more people than there are."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.people import people_of
from irodori.lint.rule import Rule, RuleMeta


class ActionNeedsMorePeople(Rule):
    """An action for more people than the prompt names.

    A warning for a mutual action beside `solo`, else a hint: what is carried may be a thing. In a
    pov picture the viewer may be the other one.

    ## Why is this bad?
    The model adds a person, or hands without one.

    ## Example
        1girl, solo, hand on another's shoulder, smile

    ## Use instead
        2girls, hand on another's shoulder, smile

        1girl, pov, holding hands, smile

    ## Fix
    Unsafe: the action is taken out.

    ## Evidence
    Practice P13, P10; the column `people` of the tag table.
    """

    meta = RuleMeta(
        code="PPL009",
        name="action-needs-more-people",
        summary="action for more people than there are",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P13, P10",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        who = people_of(view)
        there = max(who.total, 1 if who.is_solo else 0)
        if there == 0 or who.is_open or who.is_pov:
            return
        for use in view.tags:
            if use.entry is None or use.group != "action" or not use.is_drawn:
                continue
            if use.entry.people > there:
                yield self.at(
                    use.span,
                    f"'{use.text}' needs {use.entry.people} people, and there is {there}"
                    if there == 1
                    else f"'{use.text}' needs {use.entry.people} people, and there are {there}",
                    help="name the other one, take the action out, or say 'pov'",
                    fixes=fix(f"remove '{use.text}'", removed(view, [use]), Applicability.UNSAFE),
                    severity=None if who.is_solo and use.entry.mutual else Severity.HINT,
                )
