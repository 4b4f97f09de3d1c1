"""The content policy at the door: what is refused before anything is drawn.

Two rules. What is above the owner's rating ceiling is refused; the ceiling is raised in the local
configuration file only. Sexual content that involves minors is refused always: no setting turns
that off. A negative prompt is not checked: what is kept away is not asked for.
"""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from irodori.errors import PolicyError
from irodori.policy.drawn import drawn_texts, possible_texts
from irodori.policy.rating import Rating
from irodori.policy.screen import Screening, screen
from irodori.prompt import Dialect

if TYPE_CHECKING:
    from irodori.recipe.recipe import Recipe


class RatedTag(Protocol):
    """What the vocabulary's tags have that matters here."""

    @property
    def name(self) -> str:
        """The tag, with spaces for underscores."""
        ...

    @property
    def sensitive(self) -> bool:
        """Whether it belongs to the rating `sensitive` and not to `general`."""
        ...


def check_prompt(text: str, ceiling: Rating, *, dialect: Dialect = Dialect.IRODORI) -> None:
    """Refuse a prompt that the policy does not allow; return for every other.

    Args:
        text: as written: the prompt with its weights, schedules and variants.
        ceiling: the owner's, from the local configuration.
        dialect: how the text is read.

    Raises:
        PolicyError: says which rule, and what to do.
    """
    _judge(screen([text, *possible_texts(text, dialect)]), ceiling)


def check_recipe(recipe: "Recipe", ceiling: Rating) -> None:
    """Refuse a recipe that the policy does not allow; return for every other.

    The prompts of all passes belong to one picture and are judged together: as written, before
    and after wildcards were drawn, and as they are in force at each step.

    Args:
        recipe: complete, with its wildcards drawn.
        ceiling: the owner's, from the local configuration.

    Raises:
        PolicyError: says which rule, and what to do.
    """
    _judge(screen(_texts(recipe)), ceiling)


def ceiling_allows(tag: RatedTag, ceiling: Rating) -> bool:
    """Whether a tag may be shown under a ceiling: in searches, completions, corrections."""
    if tag.sensitive and not ceiling.allows(Rating.SENSITIVE):
        return False
    found = screen([tag.name])
    return ceiling.allows(found.rating) and not found.is_refused_always


def _texts(recipe: "Recipe") -> Iterator[str]:
    dialect = recipe.dialect
    steps = recipe.base.steps
    written = {recipe.prompt: None, recipe.template: None}
    drawn = [drawn_texts(recipe.prompt, steps, dialect=dialect)]
    if recipe.hires is not None:
        prompt = recipe.settings(recipe.hires.own).prompt
        written[prompt] = None
        hires_steps = recipe.hires.steps or steps
        drawn.append(drawn_texts(prompt, steps, hires_steps=hires_steps, dialect=dialect))
    for detailer in recipe.detailers:
        prompt = recipe.settings(detailer.own).prompt
        written[prompt] = None
        drawn.append(drawn_texts(prompt, detailer.steps or steps, dialect=dialect))
    for text in written:
        yield text
        yield from possible_texts(text, dialect)
    yield from chain.from_iterable(drawn)


def _judge(found: Screening, ceiling: Rating) -> None:
    if found.is_refused_always:
        raise PolicyError(
            "refused: sexual content that involves minors; no setting allows it", rule="minors"
        )
    above = found.above(ceiling)
    if above:
        raise PolicyError(
            f"refused: '{above[0]}' is above this machine's rating ceiling '{ceiling.value}'; its "
            "owner can raise rating-ceiling in the local configuration file",
            rule="rating-ceiling",
            words=above,
            ceiling=ceiling.value,
        )
