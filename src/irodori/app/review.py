"""What a prompt's text says before anything is drawn: findings and chunks."""

from dataclasses import dataclass

from irodori.prompt import Diagnostic, Dialect, chunk, composition, load_tokenizer, parse, prepared
from irodori.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A prompt's review.

    Attributes:
        findings: of the prompt, in order of place.
        negative_findings: the same of the negative prompt.
        chunks: tokens in each chunk of the prompt, AND parts one after another.
        cut: tags that a chunk border cuts or parts from what they belong to.
    """

    findings: tuple[Diagnostic, ...]
    negative_findings: tuple[Diagnostic, ...]
    chunks: tuple[int, ...]
    cut: tuple[str, ...]


def review(recipe: Recipe) -> Review:
    """Return the review of a recipe's prompts; loads no model."""
    dialect: Dialect = recipe.dialect
    tokenizer = load_tokenizer()
    parts = [
        chunk(text, tokenizer, dialect=dialect, backtrack=recipe.compat.comma_backtrack)
        for text, _ in composition(prepared(recipe.prompt, dialect=dialect), dialect=dialect)
    ]
    return Review(
        findings=parse(recipe.prompt, dialect=dialect).diagnostics,
        negative_findings=parse(recipe.negative_prompt, dialect=dialect, negative=True).diagnostics,
        chunks=tuple(len(each.ids) for part in parts for each in part.chunks),
        cut=tuple(tag.name for part in parts for tag in part.tags if tag.is_cut or tag.parted_from),
    )
