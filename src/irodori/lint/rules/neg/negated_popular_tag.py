"""NEG001: a very common tag in the negative prompt."""

from collections.abc import Iterator

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.evidence import counted
from irodori.lint.people import people_of
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.rules.neg.words import CREDITS, CURES, SIDE_EFFECTS


class NegatedPopularTag(Rule):
    """A very common tag in the negative prompt.

    Quality words, ratings, credits, and words that a preset of the practice has are judged by other
    rules; so are numbers of people, and tags whose opposite is one well-known tag.

    ## Why is this bad?
    A negative tag takes away what the model learned from all its pictures: with 100,000 and more
    that is much besides what was meant.

    ## Example
        1girl, smile
        Negative prompt: worst quality, hat

    ## Use instead
        1girl, smile, bare head
        Negative prompt: worst quality

    ## Options
    `neg.popular` (100000)

    ## Fix
    Unsafe: the tag is taken out of the negative prompt.

    ## Evidence
    Practice P4. The threshold is one person's experience.
    """

    meta = RuleMeta(
        code="NEG001",
        name="negated-popular-tag",
        summary="very common tag in the negative prompt",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P4",
        applicability=Applicability.UNSAFE,
        options=(
            Option(name="neg.popular", doc="pictures from which a tag should not be negated"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        alone = people_of(context.positive).is_one
        for use in context.negative.tags:
            if use.count < context.settings.neg.popular or _has_its_own_rule(use, alone=alone):
                continue
            if context.profile.is_quality(use.name) or context.positive.named(use.name):
                continue
            yield self.at(
                use.span,
                f"'{use.name}' is one of the most common tags: negated, it takes much with it",
                field=context.negative.field,
                evidence=counted(use.entry),
                help="ask for what should be there instead",
                fixes=fix(
                    f"remove {use.name}",
                    removed(context.negative, [use]),
                    Applicability.UNSAFE,
                ),
            )


def _has_its_own_rule(use: TagUse, *, alone: bool) -> bool:
    if use.group in {"quality", "rating"} or (alone and use.group == "people"):
        return True
    return use.name in CREDITS or use.name in SIDE_EFFECTS or use.name in CURES
