"""QLT001: quality tags in the prompt."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta


class PraiseInPrompt(Rule):
    """Quality tags in the prompt.

    ## Why is this bad?
    `masterpiece, best quality, absurdres` pull in old pictures of unknown style and spend tokens
    that tags of the picture could have. Negative quality tags do the same work at less cost.

    ## Example
        1girl, smile, masterpiece, best quality

    ## Use instead
        1girl, smile
        Negative prompt: worst quality, bad quality, worst detail

    ## Fix
    Unsafe: they are taken out.

    ## Evidence
    Practice P3: advised against, never forbidden. One person's experience.
    """

    meta = RuleMeta(
        code="QLT001",
        name="praise-in-prompt",
        summary="quality tags in the prompt",
        severity=Severity.HINT,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        uses = [use for use in view.tags if use.name in context.profile.quality_good]
        if not uses:
            return
        said = ", ".join(f"'{use.name}'" for use in uses)
        yield self.at(
            uses[0].span,
            f"{said}: such tags pull in old pictures of unknown style",
            help="leave them out; negative quality tags are cheaper",
            fixes=fix("take them out", removed(view, uses), Applicability.UNSAFE),
        )
