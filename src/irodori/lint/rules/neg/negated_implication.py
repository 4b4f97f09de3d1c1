"""NEG007: a negative tag that a tag of the prompt brings with it."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import compared
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.neg.words import SIMPLE


class NegatedImplication(Rule):
    """A negative tag that a tag of the prompt brings with it.

    ## Why is this bad?
    Every picture with `fox ears` has `animal ears` too: to negate the one takes away the other.

    ## Example
        1girl, fox ears, smile
        Negative prompt: worst quality, animal ears

    ## Use instead
        1girl, fox ears, smile
        Negative prompt: worst quality

    ## Fix
    Unsafe: it is taken out of the negative prompt.

    ## Evidence
    Practice P4; the booru's implications, in the tag data.
    """

    meta = RuleMeta(
        code="NEG007",
        name="negated-implication",
        summary="negative tag is part of what the prompt asks for",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P4",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        negated = {
            use.entry.name: use
            for use in context.negative.tags
            if use.entry is not None and use.name != SIMPLE and not use.in_schedule
        }
        if not negated:
            return
        for asked in context.positive.tags:
            if asked.entry is None or not asked.entry.implies or not asked.is_drawn:
                continue
            for name in context.vocabulary.implied(asked.entry.name) & negated.keys():
                use = negated.pop(name)
                yield self.at(
                    use.span,
                    f"every picture of '{asked.name}', which the prompt asks for, has '{name}'",
                    field=context.negative.field,
                    evidence=compared(asked.entry, use.entry),
                    help=f"take '{name}' out of the negative prompt",
                    fixes=fix(
                        f"remove {name}",
                        removed(context.negative, [use]),
                        Applicability.UNSAFE,
                    ),
                )
