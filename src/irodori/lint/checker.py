"""From prompts to findings: read both prompts, run the rules, drop what comments switch off."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irodori.lint.context import Context, ModelFacts
from irodori.lint.diagnostic import Diagnostic, Field
from irodori.lint.registry import all_rules
from irodori.lint.rules.lnt.unused_suppression import UnusedSuppression
from irodori.lint.settings import Settings
from irodori.lint.suppress import Suppression, sift, suppressions
from irodori.lint.views import Reading, read_view
from irodori.prompt.chunk import DEFAULT_BACKTRACK
from irodori.prompt.dialect import Dialect
from irodori.prompt.tokenizer import Tokenizer, load_tokenizer
from irodori.tags.profile import Profile, load_profile

if TYPE_CHECKING:
    from irodori.recipe.recipe import Recipe
    from irodori.tags import Vocabulary

_FIELD_ORDER = {Field.PROMPT: 0, Field.NEGATIVE_PROMPT: 1, Field.RECIPE: 2}
_DEFAULT_STEPS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class LintInput:
    """What is to be checked.

    Args:
        prompt: the text.
        negative_prompt: the text.
        recipe: the settings it will be drawn with; None leaves rules about them out.
        model: what will draw, where known.
        dialect: how the texts are read.
    """

    prompt: str
    negative_prompt: str = ""
    recipe: "Recipe | None" = None
    model: ModelFacts | None = None
    dialect: Dialect = Dialect.IRODORI

    @classmethod
    def of(cls, recipe: "Recipe", model: ModelFacts | None = None) -> "LintInput":
        """Return what a recipe draws."""
        return cls(
            prompt=recipe.prompt,
            negative_prompt=recipe.negative_prompt,
            recipe=recipe,
            model=model,
            dialect=recipe.dialect,
        )


def check(
    source: LintInput,
    vocabulary: "Vocabulary",
    *,
    settings: Settings | None = None,
    profile: Profile | None = None,
    tokenizer: Tokenizer | None = None,
) -> tuple[Diagnostic, ...]:
    """Return the findings, the gravest first, then by place; text never raises.

    Args:
        source: the prompts.
        vocabulary: the tag data.
        settings: thresholds and which rules run. Default: the practice's.
        profile: of the model's family. Default: `illustrious-0.1`. Its layer counts only where the
            caller laid it under `settings`.
        tokenizer: CLIP's. Default: one loaded for this call (some 20 ms), so pass yours.
    """
    asked = settings or Settings()
    context = read(
        source,
        vocabulary,
        settings=asked,
        profile=profile or load_profile(),
        tokenizer=tokenizer or load_tokenizer(),
    )
    found = [
        finding
        for rule in all_rules()
        if asked.runs(rule.meta.code, rule.meta.name)
        for finding in rule.check(context)
    ]
    comments = [one for view in context.views for one in suppressions(view)]
    if comments:
        found, unused = sift(found, comments)
        found += _unused(unused, asked)
    return tuple(sorted(found, key=_place))


def read(
    source: LintInput,
    vocabulary: "Vocabulary",
    *,
    settings: Settings,
    profile: Profile,
    tokenizer: Tokenizer,
) -> Context:
    """Return what the rules are given; arguments as of `check`."""
    recipe = source.recipe
    reading = Reading(
        tokenizer=tokenizer,
        lookup=vocabulary.get,
        steps=recipe.base.steps if recipe else _DEFAULT_STEPS,
        dialect=source.dialect,
        backtrack=recipe.compat.comma_backtrack if recipe else DEFAULT_BACKTRACK,
    )
    return Context(
        positive=read_view(source.prompt, Field.PROMPT, reading),
        negative=read_view(source.negative_prompt, Field.NEGATIVE_PROMPT, reading),
        vocabulary=vocabulary,
        profile=profile,
        settings=settings,
        recipe=recipe,
        model=source.model,
    )


def _unused(comments: list[Suppression], settings: Settings) -> Iterator[Diagnostic]:
    """Yield a finding for each comment that switched nothing off though its rule ran."""
    rule = UnusedSuppression()
    if not settings.runs(rule.meta.code, rule.meta.name):
        return
    for one in comments:
        about = [
            other.meta
            for other in all_rules()
            if not one.code
            or other.meta.code.startswith(one.code.upper())
            or other.meta.name == one.code.lower()
        ]
        if any(settings.runs(meta.code, meta.name) for meta in about):
            yield rule.unused(one)


def _place(finding: Diagnostic) -> tuple[int, int, int, int, str]:
    start, end = finding.span
    return finding.severity.rank, _FIELD_ORDER[finding.field], start, end, finding.code
