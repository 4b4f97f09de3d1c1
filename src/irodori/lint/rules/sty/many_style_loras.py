"""STY001: more than two style LoRAs."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import style_loras


class ManyStyleLoras(Rule):
    """More than two style LoRAs.

    A LoRA that does not say what it is counts too, but then this is only a hint.

    ## Why is this bad?
    Each one pulls the same weights its own way; from three on they spoil each other and the hands.

    ## Example
        1girl, solo, smile <lora:a:0.5> <lora:b:0.4> <lora:c:0.3>

    ## Use instead
        1girl, solo, smile <lora:a:0.7> <lora:b:0.4>

    ## Options
    `sty.loras-max` (2): so many go together.

    ## Fix
    None: which one to drop, only the author knows.

    ## Evidence
    Practice P14. One person's experience.
    """

    meta = RuleMeta(
        code="STY001",
        name="many-style-loras",
        summary="more than two style LoRAs",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P14",
        options=(Option(name="sty.loras-max", doc="style LoRAs that go together"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        loras = style_loras(context)
        most = context.settings.sty.loras_max
        if len(loras) <= most:
            return
        known = sum(lora.is_known for lora in loras) > most
        yield self.at(
            loras[most].use.span,
            f"{len(loras)} LoRAs change the style"
            if known
            else f"{len(loras)} LoRAs, which may all change the style",
            evidence=f"P14: at most {most} style LoRAs",
            help="drop the weakest: " + min(loras, key=lambda one: abs(one.use.weight)).use.name,
            severity=None if known else Severity.HINT,
        )
