"""NEG004: a tag in the prompt and in the negative prompt."""

from collections.abc import Iterator

from irodori.lint.context import Context, PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta


class TagOnBothSides(Rule):
    """A tag in the prompt and in the negative prompt.

    ## Why is this bad?
    Guidance pulls towards the one and away from the other: what is left is chance, and the tokens
    are spent twice.

    ## Example
        1girl, sketch, smile
        Negative prompt: worst quality, sketch

    ## Use instead
        1girl, sketch, smile
        Negative prompt: worst quality

    ## Fix
    Unsafe: it is taken out of the negative prompt.

    ## Evidence
    Practice P4. Tags that stand in schedules on either side are not compared.
    """

    meta = RuleMeta(
        code="NEG004",
        name="tag-on-both-sides",
        summary="tag is asked for and negated",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P4",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        seen: set[str] = set()
        for use in context.negative.tags:
            other = context.positive.named(use.entry.name if use.entry else use.name)
            if other is None or use.in_schedule or other.in_schedule or use.name in seen:
                continue
            if use.weight <= 0 or other.weight <= 0:
                continue
            seen.add(use.name)
            yield self.at(
                use.span,
                f"'{use.name}' is asked for in the prompt and negated here",
                field=context.negative.field,
                help="take it out on one side",
                fixes=fix(
                    f"remove {use.name} here",
                    _taken_out(context.negative, use),
                    Applicability.UNSAFE,
                ),
            )


def _taken_out(view: PromptView, use: TagUse) -> tuple[Edit, ...]:
    """Return the edits that take a tag out wherever it stands; if that cannot be, here."""
    again = [
        one
        for one in view.tags
        if one.name == use.name and one is not use and one.editable and not one.in_schedule
    ]
    return removed(view, [use, *again]) or removed(view, [use])
