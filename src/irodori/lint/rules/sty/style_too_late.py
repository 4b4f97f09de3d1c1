"""STY009: a style that enters too late to be seen."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import style_loras, style_tags


class StyleTooLate(Rule):
    """A style that enters later than after half of the steps.

    ## Why is this bad?
    Lines and colours are settled by then: what enters so late hardly changes them, and the picture
    has neither the one style nor the other.

    ## Example
        1girl, solo, smile, [:pixel art:0.8]

    ## Use instead
        1girl, solo, smile, [:pixel art:0.3]

    ## Options
    `sty.latest` (0.5): the share of the steps after which a style should have entered.

    ## Fix
    None: a style may be meant as a touch only.

    ## Evidence
    Practice P14: in practice 0.15-0.5. One person's experience.
    """

    meta = RuleMeta(
        code="STY009",
        name="style-too-late",
        summary="style enters too late to be seen",
        severity=Severity.HINT,
        since="0.2.0",
        source="P14",
        options=(Option(name="sty.latest", doc="share of the steps until which styles enter"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        latest, enter = context.settings.sty.latest, context.settings.sty.enter
        late = [(use.span, use.text, use.start) for use in style_tags(context)]
        late += [(one.use.span, one.use.name, one.use.start) for one in style_loras(context)]
        for span, name, start in sorted(late):
            if latest < start < 1:
                yield self.at(
                    span,
                    f"'{name}' enters after {start:.0%} of the steps: too late to be seen much",
                    evidence=f"P14: styles enter after 15% to {latest:.0%} of the steps",
                    help=f"let it enter earlier: after {enter:.0%} to {latest:.0%} of the steps",
                )
