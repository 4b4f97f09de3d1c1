"""ASC003: a place or thing that brings clothes and things of its own."""

from irodori.lint.diagnostic import Applicability, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.asc.carrying import Carrying
from irodori.tags.associations import Carries


class SceneDress(Carrying):
    """A place or thing that brings clothes and things of its own.

    Silent where the prompt says what is worn or seen there.

    ## Why is this bad?
    What was never asked for turns up: swimsuits at the beach, hats with magic.

    ## Example
        1girl, solo, beach, standing

    ## Use instead
        1girl, solo, beach, standing, swimsuit, day, blue sky

    ## Fix
    Display: the tags that name what is wanted instead, where they contradict nothing.

    ## Evidence
    Practice P8; which tags carry what is experience, listed in `associations.toml`.
    """

    meta = RuleMeta(
        code="ASC003",
        name="scene-dress",
        summary="place brings clothes and things unasked",
        severity=Severity.HINT,
        since="0.2.0",
        source="P8",
        applicability=Applicability.DISPLAY,
    )
    kind = Carries.SCENE
