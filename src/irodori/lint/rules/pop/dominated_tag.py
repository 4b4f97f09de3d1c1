"""POP005: a tag that another one, far more common, will overwhelm."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, weighed
from irodori.lint.evidence import compared
from irodori.lint.people import people_of
from irodori.lint.rule import Option, Rule, RuleMeta

_LOWERED: Final = 0.4
_LIMBS: Final = ("arm-pose", "leg-pose")
_COMPETING: Final = (*_LIMBS, "hand-pose", "gaze", "head-pose")
_TOGETHER: Final = frozenset({"looking back", "looking at viewer"})
"""What VIS003 itself advises: seen from behind, both are needed for the eyes to meet the viewer."""


class DominatedTag(Rule):
    """A tag that another one of its kind, far more common, will overwhelm.

    ## Why is this bad?
    `arm up` has five times the pictures of `arm behind back`: asked for together, the rarer one is
    ignored. Lowering the common one lets both be drawn.

    ## Example
        1girl, arm up, arm behind back

    ## Use instead
        1girl, (arm up:0.4), arm behind back

    ## Options
    `pop.dominance` (5): how many times as many pictures; `pop.overtrained` (100000): what the
    common one must have.

    ## Fix
    Unsafe: the common one gets the weight 0.4.

    ## Evidence
    Practice P5. The factor is one person's experience. Only tags of one kind compete (poses of arms
    or of legs, hands, gaze, head), and only on one person; a warning for arms and legs, else a
    hint. `looking back` beside `looking at viewer` is a pair that is asked for together.
    """

    meta = RuleMeta(
        code="POP005",
        name="dominated-tag",
        summary="far more common tag of the same kind will overwhelm it",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P5",
        applicability=Applicability.UNSAFE,
        options=(
            Option(name="pop.dominance", doc="how many times as many pictures let a tag win"),
            Option(name="pop.overtrained", doc="pictures the winner must have"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if not people_of(context.positive).is_one:
            return
        told: set[tuple[TagUse, str]] = set()
        for facet in _COMPETING:
            for pair in combinations(context.positive.in_facet(facet), 2):
                rare, common = sorted(pair, key=lambda use: use.count)
                again = (rare, common.name) in told
                if not again and self._competes(context, rare, common):
                    told.add((rare, common.name))
                    severity = Severity.WARNING if facet in _LIMBS else Severity.HINT
                    yield self._report(context, rare, common, severity)

    def _competes(self, context: Context, rare: TagUse, common: TagUse) -> bool:
        settings = context.settings.pop
        if common.count < max(settings.overtrained, rare.count * settings.dominance):
            return False
        if rare.count < settings.general_min or {rare.name, common.name} == _TOGETHER:
            return False  # too rare to be drawn at any weight: POP001
        if common.weight < rare.weight or not rare.meets(common):
            return False
        if rare.entry is None or common.entry is None or common.name in rare.entry.excludes:
            return False  # a contradiction is another finding
        return common.entry.name not in context.vocabulary.implied(rare.entry.name)

    def _report(
        self, context: Context, rare: TagUse, common: TagUse, severity: Severity
    ) -> Diagnostic:
        lowered = f"({common.text}:{_LOWERED})"
        return self.at(
            rare.span,
            f"'{rare.name}' will be overwhelmed by '{common.name}', "
            f"which has {common.count / rare.count:.1f} times the pictures",
            evidence=compared(common.entry, rare.entry),
            help=f"lower the common one: {lowered}",
            fixes=fix(
                f"lower to {lowered}",
                weighed(context.positive, common, _LOWERED),
                Applicability.UNSAFE,
            ),
            severity=severity,
        )
