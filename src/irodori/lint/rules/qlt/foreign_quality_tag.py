"""QLT006: quality words of another family of models."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta

_PONY: Final = re.compile(r"score[ _]\d(_up)?|source[ _](anime|cartoon|furry|pony)|rating[ _]\w+")
_NOOBAI: Final = frozenset({"very awa", "worst aesthetic"})


class ForeignQualityTag(Rule):
    """Quality words of another family of models.

    ## Why is this bad?
    `score_9, source_anime` were taught to Pony Diffusion, `very awa` to NoobAI. To other models
    they are tokens without a meaning, some dozen of them.

    ## Example
        score_9, score_8_up, source_anime, 1girl, smile

    ## Use instead
        1girl, smile

        Profile: noobai
        1girl, smile, very awa

    ## Fix
    Unsafe: they are taken out.

    ## Evidence
    The model cards of those families; practice P3 for the words of Illustrious.
    """

    meta = RuleMeta(
        code="QLT006",
        name="foreign-quality-tag",
        summary="quality words of another family of models",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            uses = [
                use
                for use in view.tags
                if (_PONY.fullmatch(use.name) or use.name in _NOOBAI)
                and not context.profile.is_quality(use.name)
                and use.name not in context.settings.known_tags
            ]
            if uses:
                said = ", ".join(f"'{use.name}'" for use in uses)
                yield self.at(
                    uses[0].span,
                    f"{said}: models of the family {context.profile.name} were not taught this",
                    field=view.field,
                    help="leave them out, or name the model's family with --profile",
                    fixes=fix("take them out", removed(view, uses), Applicability.UNSAFE),
                )
