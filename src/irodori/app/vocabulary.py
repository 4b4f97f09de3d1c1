"""The vocabulary within this machine's rating ceiling."""

from collections.abc import Callable
from pathlib import Path

from irodori.app.config import Config, Rating
from irodori.app.policy import check_prompt
from irodori.errors import PolicyError
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
        if ceiling is Rating.GENERAL and tag.sensitive:
            return False
        if tag.curated:
            return True
        try:
            check_prompt(tag.name, ceiling)
        except PolicyError:
            return False
        return True

    return allows
