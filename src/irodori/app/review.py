"""What a recipe's prompts say before anything is drawn: findings and chunks."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irodori.app.linting import open_linter
from irodori.lint.checker import LintInput
from irodori.lint.context import ModelFacts
from irodori.lint.diagnostic import Diagnostic
from irodori.prompt import chunk, composition, prepared
from irodori.prompt.chunk import EmbeddingTable
from irodori.recipe.recipe import Recipe
from irodori.tags.profile import profile_names

if TYPE_CHECKING:
    from irodori.app.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A recipe's review.

    Attributes:
        source: what was checked.
        findings: of both prompts and the settings, the gravest first.
        chunks: tokens in each chunk of the prompt, AND parts one after another.
    """

    source: LintInput
    findings: tuple[Diagnostic, ...]
    chunks: tuple[int, ...]


def review(
    recipe: Recipe,
    config: "Config",
    model: ModelFacts | None = None,
    embeddings: EmbeddingTable | None = None,
) -> Review:
    """Return the review of a recipe; loads no model.

    The project file that counts is that of the folder the command runs in; a model that has a
    profile of its own, as the shipped one does, is judged by that.

    Args:
        recipe: what will be drawn.
        config: of this machine.
        model: what will draw, where known.
        embeddings: the textual inversions that prompts may name; each takes as many tokens as it
            has vectors.

    Raises:
        InputError: the project's `irodori.toml` is wrong.
    """
    own = model.name.casefold() if model else ""
    source = LintInput.of(recipe, model)
    texts = composition(prepared(recipe.prompt, dialect=recipe.dialect), dialect=recipe.dialect)
    profile = own if own in profile_names() else None
    with open_linter(config, Path(), profile=profile) as linter:
        parts = [
            chunk(
                text,
                linter.tokenizer,
                dialect=recipe.dialect,
                backtrack=recipe.compat.comma_backtrack,
                embeddings=embeddings,
            )
            for text, _ in texts
        ]
        return Review(
            source=source,
            findings=linter.check(source),
            chunks=tuple(len(each.ids) for part in parts for each in part.chunks),
        )
