"""What a person types into the search field, as a search. Any text is one; nothing is refused.

    red hair, smi*          pictures with both; words of a phrase stand beside each other
    -city                   without it
    tag:dutch angle         the tag itself, not words in a longer one
    seed:42  model:sumire  source:forge  step:hires  is:starred
    after:2026-11-01  before:2026-11-23          days, or months, or years

Parts are separated by commas.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, tzinfo
from typing import Final

from irodori.prompt.dialect import Dialect
from irodori.recipe.lineage import Step
from irodori.store.outputs import tag_names
from irodori.store.search import Search

_KEYED: Final = re.compile(
    r"(tag|seed|model|source|step|is|after|before)\s*:\s*(.+)", re.IGNORECASE
)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def parse_search(text: str, *, zone: tzinfo | None = None) -> Search:
    """Return the search a text means.

    Args:
        text: as typed.
        zone: whose days are meant; None is the machine's.
    """
    search = Search()
    for part in text.split(","):
        words = part.strip()
        if words:
            search = _narrowed(search, words, zone)
    return search


def _narrowed(search: Search, words: str, zone: tzinfo | None) -> Search:
    without = words.startswith("-") and len(words) > 1
    bare = words[1:].strip() if without else words
    match = _KEYED.fullmatch(bare)
    if match is not None:
        key, value = match[1].casefold(), match[2].strip()
        if key == "tag":
            names = tuple(sorted(tag_names(value, Dialect.IRODORI)))
            if without:
                return replace(search, without_tags=(*search.without_tags, *names))
            return replace(search, tags=(*search.tags, *names))
        if not without:
            found = _KEYS[key](search, value, zone)
            if found is not None:
                return found
    if without:
        return replace(search, without=(*search.without, bare))
    return replace(search, phrases=(*search.phrases, words))


def _step(search: Search, value: str) -> Search | None:
    try:
        return replace(search, step=Step(value.casefold()))
    except ValueError:
        return None


def _is(search: Search, value: str) -> Search | None:
    if value.casefold() in ("starred", "favourite", "favorite"):
        return replace(search, starred=True)
    return None


def _after(search: Search, value: str, zone: tzinfo | None) -> Search | None:
    day = _day(value)
    return None if day is None else replace(search, since=microseconds(day, zone))


def _before(search: Search, value: str, zone: tzinfo | None) -> Search | None:
    day = _day(value)
    return None if day is None else replace(search, until=microseconds(day, zone))


_Narrowing = Callable[[Search, str, tzinfo | None], Search | None]
_KEYS: Final[dict[str, _Narrowing]] = {
    "seed": lambda search, value, _: replace(search, seed=value) if value.isdecimal() else None,
    "model": lambda search, value, _: replace(search, model=value),
    "source": lambda search, value, _: replace(search, source=value.casefold()),
    "step": lambda search, value, _: _step(search, value),
    "is": lambda search, value, _: _is(search, value),
    "after": _after,
    "before": _before,
}


def microseconds(day: date, zone: tzinfo | None) -> int:
    """Return when a day begins, in microseconds since 1970."""
    return int(datetime.combine(day, time(), tzinfo=zone).timestamp() * 1_000_000)


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
