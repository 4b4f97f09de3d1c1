"""Well-known tags near one that is rare or unknown."""

import math
import sqlite3
from collections.abc import Callable

from irodori.tags.naming import key
from irodori.tags.schema import Facet
from irodori.tags.search import TRIGRAM, containing, misspelled
from irodori.tags.tag import Tag

CANDIDATES = 60
"""Tags looked at for each word of the name, the most used first."""
SAME_FACET = 1.0
"""What a common facet adds, where a shared word adds at most 1."""


def neighbours(
    connection: sqlite3.Connection,
    name: str,
    facet: Facet | None,
    read: Callable[[int], Tag | None],
    *,
    is_known: bool = False,
) -> list[Tag]:
    """Return the tags near a name, nearest first, without the one of that name.

    Args:
        connection: to a vocabulary's file.
        name: a key.
        facet: what the name speaks of, if that is known.
        read: returns the tag of a number, or None where the asker must not see it.
        is_known: the name is a tag's own, so it is no misspelling of another (`holding cane` is
            not `holding can`). Default: it may be one.
    """
    meant = [] if is_known else [read(row[0]) for row, _ in misspelled(connection, name)]
    near = {tag.name: tag for tag in meant if tag is not None}
    if near:
        return sorted(near.values(), key=lambda tag: -tag.count)
    words = {word for word in name.split() if len(word) >= TRIGRAM and word[0] != "("}
    scores: dict[str, float] = {}
    for word in words:
        for number in containing(connection, word, CANDIDATES):
            tag = read(number)
            if tag is not None and key(tag.name) != name:
                near[tag.name] = tag
                scores[tag.name] = _score(words, facet, tag)
    return [near[each] for each, score in sorted(scores.items(), key=lambda s: -s[1]) if score > 0]


def _score(words: set[str], facet: Facet | None, tag: Tag) -> float:
    """Return how near a tag is: the share of common words, the facet, a little for its count."""
    its = set(key(tag.name).split())
    shared = len(words & its)
    if not shared:
        return 0.0
    common = shared / len(words | its)
    return common + SAME_FACET * (tag.facet is facet) + 0.1 * math.log10(tag.count + 1)
