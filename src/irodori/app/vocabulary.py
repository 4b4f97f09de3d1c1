"""The vocabulary within this machine's rating ceiling."""

from collections.abc import Callable
from pathlib import Path

from irodori.app.config import Config
from irodori.policy import Rating, ceiling_allows
from irodori.tags import Tag, Vocabulary, open_vocabulary


def open_tags(config: Config, path: Path | None = None) -> Vocabulary:
    """Return the vocabulary; tags above the owner's rating ceiling are unknown to it.

    Args:
        config: of this machine.
        path: the vocabulary's file; None takes the user's own.
    """
    return open_vocabulary(path, ceiling=within(config.rating_ceiling))


def within(ceiling: Rating) -> Callable[[Tag], bool]:
    """Return what tells whether a tag is within a ceiling.

    The shipped table was looked through by people: its tags are judged by their flag. All others
    are judged by their names, as prompts are.
    """

    def allows(tag: Tag) -> bool:
        if tag.curated:
            return ceiling.allows(Rating.SENSITIVE if tag.sensitive else Rating.GENERAL)
        return ceiling_allows(tag, ceiling)

    return allows
