"""ASC002: a character who brings the drawing of a franchise."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.rule import RuleMeta
from irodori.lint.rules.asc.carrying import Carrying
from irodori.tags.associations import Carries


class FranchiseStyle(Carrying):
    r"""A character who brings the drawing of a franchise.

    Silent where the prompt names a style, an artist or a LoRA of its own.

    ## Why is this bad?
    The style of the series covers the one that the model would draw in.

    ## Example
        1girl, solo, dawn \(pokemon\), smile

    ## Use instead
        1girl, solo, dawn \(pokemon\), smile, [:realistic:0.3]

    ## Fix
    Display: the tags that name what is wanted instead, where they contradict nothing.

    ## Evidence
    Practice P8; which tags carry what is experience, listed in `associations.toml`.
    """

    meta = RuleMeta(
        code="ASC002",
        name="franchise-style",
        summary="character brings the drawing of a franchise",
        severity=Severity.HINT,
        since="0.2.0",
        source="P8",
        applicability=Applicability.DISPLAY,
    )

    kind = Carries.STYLE

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        if not view.networks and not view.in_group("style"):
            yield from super().check(context)
