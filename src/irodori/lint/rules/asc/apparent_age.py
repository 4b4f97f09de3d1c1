"""ASC001: a tag that changes how old a person seems."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.asc.carrying import cases, cures, listed
from irodori.tags.associations import Carries


class ApparentAge(Rule):
    """A tag that changes how old a person seems.

    Only what is likely is said, and only as a hint; naming the age cures it.

    ## Why is this bad?
    Tags of build, clothes and places belong to people of some age in most pictures; the face
    follows.

    ## Example
        1girl, solo, school uniform, classroom

    ## Use instead
        1girl, solo, mature female, school uniform, classroom

    ## Fix
    Display: the tags that name what is wanted instead, where they contradict nothing.

    ## Evidence
    Practice P8; which tags carry what is experience, listed in `associations.toml`.
    """

    meta = RuleMeta(
        code="ASC001",
        name="apparent-age",
        summary="tag changes the age a person seems to have",
        severity=Severity.HINT,
        since="0.2.0",
        source="P8",
        applicability=Applicability.DISPLAY,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for case in cases(context, Carries.AGE):
            yield self.at(
                case.uses[0].span,
                f"{listed(case)}: {case.association.note}",
                evidence=f"P8: brings {', '.join(case.loose)}",
                help="name what is wanted instead: " + ", ".join(case.association.cure),
                fixes=cures(context, case),
            )
