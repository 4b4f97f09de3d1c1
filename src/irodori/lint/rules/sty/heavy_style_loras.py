"""STY002: style LoRAs that weigh too much together."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import style_loras

_ROUNDING = 1e-6


class HeavyStyleLoras(Rule):
    """Style LoRAs whose weights come to more than 1.3.

    A LoRA that does not say what it is counts too, but then this is only a hint. One LoRA alone is
    spared up to its own limit.

    ## Why is this bad?
    The weights add up in the model: colours burn, lines double, hands fall apart.

    ## Example
        1girl, solo, smile <lora:a:1> <lora:b:0.8>

    ## Use instead
        1girl, solo, smile <lora:a:0.7> <lora:b:0.4>

    ## Options
    `sty.total-max` (1.3): what the weights may come to.

    ## Fix
    None: which one to lower, only the author knows.

    ## Evidence
    Practice P14: a total of up to 1.1-1.3 (0.7 + 0.4). One person's experience.
    """

    meta = RuleMeta(
        code="STY002",
        name="heavy-style-loras",
        summary="style LoRAs weigh too much together",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P14",
        options=(Option(name="sty.total-max", doc="what the weights may come to"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        loras = style_loras(context)
        most = context.settings.sty.total_max
        total = sum(abs(lora.use.weight) for lora in loras)
        if total <= most + _ROUNDING:
            return
        known = sum(abs(one.use.weight) for one in loras if one.is_known) > most + _ROUNDING
        heaviest = max(loras, key=lambda one: abs(one.use.weight)).use
        yield self.at(
            heaviest.span,
            f"LoRAs weigh {total:.2g} together; {most:g} is about what a picture bears",
            evidence="P14: a total weight up to 1.1-1.3",
            help=f"lower '{heaviest.name}' first",
            severity=None if known else Severity.HINT,
        )
