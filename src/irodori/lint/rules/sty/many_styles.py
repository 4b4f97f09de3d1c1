"""STY006: more than three styles and LoRAs in all."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import style_loras, style_tags


class ManyStyles(Rule):
    """More than three styles, artists and style LoRAs in all.

    ## Why is this bad?
    They average out to a style of nobody, and each takes quality.

    ## Example
        1girl, solo, realistic, traditional media, retro artstyle, ink

    ## Use instead
        1girl, solo, [:traditional media:0.2], [:retro artstyle:0.3]

    ## Options
    `sty.all-max` (3): so many go together.

    ## Fix
    None: which one to drop, only the author knows.

    ## Evidence
    Practice P14: styles and LoRAs three in all. One person's experience.
    """

    meta = RuleMeta(
        code="STY006",
        name="many-styles",
        summary="more than three styles and LoRAs in all",
        severity=Severity.HINT,
        since="0.2.0",
        source="P14",
        options=(Option(name="sty.all-max", doc="styles and LoRAs that go together"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        most = context.settings.sty.all_max
        places = [use.span for use in style_tags(context)]
        places += [one.use.span for one in style_loras(context)]
        if len(places) > most:
            yield self.at(
                sorted(places)[most],
                f"{len(places)} styles and LoRAs in all",
                evidence=f"P14: {most} in all",
                help="keep the one that the picture is about",
            )
