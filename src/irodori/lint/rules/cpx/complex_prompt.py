"""CPX001: a prompt with more separate ideas than the model will get right."""

from collections.abc import Iterator

from irodori.lint.complexity import ADVICE, complexity
from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.drawing import NOWHERE
from irodori.lint.rule import Option, Rule, RuleMeta


class ComplexPrompt(Rule):
    """A prompt with more separate ideas than the model will get right.

    The number grows with every bleeding, redundant, rare, overwhelmed, unknown or vague tag, with
    every further action and person, and with their looks. Styles, and looks of a lone person, add
    nothing.

    ## Why is this bad?
    Every idea can go wrong on its own: with ten of them hardly a seed gets all.

    ## Example
        1girl, 1boy, hug, sobbing, crying, streaming tears, head on chest, arms around waist,
        dress, green eyes, barefoot, pov

    ## Use instead
        1girl, 1boy, hug, head on chest, arms around waist, pov, from above

    ## Options
    `cpx.high` (8): from so many points on a prompt is called complex.

    ## Fix
    None: the parts of the number stand in the evidence, what to mend first standing first.

    ## Evidence
    Practice P21. The points are this project's reading of it, not a measurement.
    """

    meta = RuleMeta(
        code="CPX001",
        name="complex-prompt",
        summary="more separate ideas than the model will get right",
        severity=Severity.HINT,
        since="0.2.0",
        source="P21",
        options=(Option(name="cpx.high", doc="points from which a prompt is complex"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        found = complexity(context)
        if found.points < context.settings.cpx.high:
            return
        first = found.parts[0]
        yield self.at(
            first.uses[0].span if first.uses else NOWHERE,
            f"complexity {found.points:g}: more ideas than one picture gets right",
            evidence="; ".join([part.told for part in found.parts]),
            help="first: " + ADVICE[first.idea],
        )
