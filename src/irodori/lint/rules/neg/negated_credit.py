"""NEG006: signatures and watermarks in the negative prompt."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import compared
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.neg.words import CREDITS


class NegatedCredit(Rule):
    """Signatures, watermarks and the like in the negative prompt.

    ## Why is this bad?
    A huge part of the training pictures has some of it, the best-drawn ones most of all. Negated,
    it takes them away.

    ## Example
        1girl, smile
        Negative prompt: worst quality, signature, watermark

    ## Use instead
        1girl, smile
        Negative prompt: worst quality

    ## Fix
    Unsafe: they are taken out. What is left of a signature is painted over faster than drawn again.

    ## Evidence
    Practice P3. One person's experience.
    """

    meta = RuleMeta(
        code="NEG006",
        name="negated-credit",
        summary="signature or watermark in the negative prompt",
        severity=Severity.HINT,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        uses = [use for use in context.negative.tags if use.name in CREDITS]
        if not uses:
            return
        said = ", ".join(f"'{use.name}'" for use in uses)
        yield self.at(
            uses[0].span,
            f"{said} in the negative cuts away a huge part of what the model has seen",
            field=context.negative.field,
            evidence=compared(*(use.entry for use in uses)),
            help="leave it out unless a picture shows one",
            fixes=fix("take them out", removed(context.negative, uses), Applicability.UNSAFE),
        )
