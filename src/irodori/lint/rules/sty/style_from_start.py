"""STY003: several styles from the first step on."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.styling import style_loras, style_tags
from irodori.prompt.dialect import Dialect
from irodori.prompt.span import Span


class StyleFromStart(Rule):
    r"""Several styles or LoRAs in force from the first step on.

    One style alone is spared, and a LoRA that says it is no style.

    ## Why is this bad?
    The first two or three steps fix the composition. A style lowers quality there; with two of them
    poses and hands suffer.

    ## Example
        1girl, solo, smile, traditional media, watercolor \(medium\)

    ## Use instead
        1girl, solo, smile, traditional media, [:watercolor \(medium\):0.2]

    ## Options
    `sty.enter` (0.2): the share of the steps after which a style should enter.

    ## Fix
    Unsafe: all but the first enter late. In dialect a1111 a LoRA cannot; there its tag is left.

    ## Evidence
    Practice P14: in practice 0.15-0.5. One person's experience.
    """

    meta = RuleMeta(
        code="STY003",
        name="style-from-start",
        summary="several styles from the first step on",
        severity=Severity.HINT,
        since="0.2.0",
        source="P14",
        applicability=Applicability.UNSAFE,
        options=(Option(name="sty.enter", doc="share of the steps after which styles enter"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        early = [
            (use.outer, use.text, use.editable and not use.in_schedule)
            for use in style_tags(context)
            if use.start == 0
        ]
        scheduled = view.tree.dialect is Dialect.IRODORI
        early += [
            (one.use.span, one.use.name, scheduled)
            for one in style_loras(context)
            if one.use.start == 0
        ]
        for span, name, can_move in sorted(early)[1:]:
            yield self.at(
                span,
                f"'{name}' is one of {len(early)} styles in force from the first step on",
                evidence="P14: the first 2-3 steps fix the composition, and a style lowers quality",
                help=f"let it enter late: [:{span.of(view.text)}:{context.settings.sty.enter:g}]",
                fixes=fix(
                    f"let '{name}' enter after {context.settings.sty.enter:.0%} of the steps",
                    _entering_late(context, span) if can_move else (),
                    Applicability.UNSAFE,
                ),
            )


def _entering_late(context: Context, span: Span) -> tuple[Edit, ...]:
    view = context.positive
    late = f"[:{span.of(view.text)}:{context.settings.sty.enter:g}]"
    return (Edit(field=view.field, span=span, text=late),)
