"""POP009: tags that the model was not taught."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta

_NAMED: Final = 5


class UntaughtTag(Rule):
    """Tags that the model was not taught, where all it was taught is known.

    ## Why is this bad?
    The small model that comes with Irodori knows the words of its own training pictures and no
    others. However common a tag is on a booru, there it changes nothing, or disturbs.

    ## Example
        Profile: sumire
        1girl, smile, motorcycle

    ## Use instead
        Profile: sumire
        1girl, smile, umbrella

        1girl, smile, motorcycle

    ## Fix
    None: which of the known words comes nearest, only the author knows.

    ## Evidence
    The model's own list: `src/irodori/tags/profiles/`, and its card, `irodori models show sumire`.
    """

    meta = RuleMeta(
        code="POP009",
        name="untaught-tag",
        summary="model was not taught the tag",
        severity=Severity.HINT,
        since="0.2.0",
        source="P5",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        profile = context.profile
        if profile.tags is None:
            return
        untaught = [
            use
            for use in context.positive.distinct
            if use.editable and not profile.may_know(use.entry.name if use.entry else use.name)
        ]
        if not untaught:
            return
        said = ", ".join(f"'{use.name}'" for use in untaught[:_NAMED])
        more = f" and {len(untaught) - _NAMED} more" if len(untaught) > _NAMED else ""
        yield self.at(
            untaught[0].span,
            f"{said}{more}: the model {profile.name} was not taught this",
            evidence=f"it was taught {len(profile.tags)} tags, which its card lists",
            help="say it in words it knows, or draw with another model",
        )
