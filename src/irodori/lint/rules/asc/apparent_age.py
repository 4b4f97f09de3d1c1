"""ASC001: a tag that changes how old a person seems."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.asc.carrying import Carrying
from irodori.tags.associations import Carries


class ApparentAge(Carrying):
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
    kind = Carries.AGE
