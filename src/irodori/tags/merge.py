"""Joins the shipped table with figures of other sources, which never touch its descriptions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from irodori.tags.database import Contents
from irodori.tags.dump import Dump, Figure
from irodori.tags.naming import key
from irodori.tags.shipped import Source
from irodori.tags.tag import Tag

_NO_FLAGS: Final[frozenset[str]] = frozenset()
_DEPRECATED: Final = frozenset({"deprecated"})


def imports_of(old: Contents, shipped: Contents) -> tuple[Dump, ...]:
    """Return what was imported into an older file, one dump a source."""
    own = {source.key for source in shipped.sources}
    return tuple(_dump(old, source) for source in old.sources if source.key not in own)


def merged(shipped: Contents, dumps: Iterable[Dump]) -> Contents:
    """Return the shipped contents with the figures, aliases and implications of dumps.

    The newer of two figures counts. A tag of the shipped table keeps its category and all that
    describes it; a word that no booru counts stays uncounted.
    """
    tags = {key(tag.name): tag for tag in shipped.tags}
    aliases: list[tuple[str, str, str]] = []
    implications: list[tuple[str, str, str]] = []
    sources: list[Source] = []
    for dump in dumps:
        name = dump.source.key
        for figure in dump.figures:
            wanted = key(figure.name)
            known = tags.get(wanted)
            if known is None:
                tags[wanted] = _new(figure, dump.source)
            elif _is_newer(dump.source, known):
                tags[wanted] = _renewed(known, figure, dump.source)
        aliases += [(alias, meant, name) for alias, meant in dump.aliases]
        implications += [(one, implied, name) for one, implied in dump.implications]
        sources.append(dump.source)
    return Contents(
        fingerprint=shipped.fingerprint,
        tags=tuple(tags.values()),
        aliases=(*aliases, *shipped.aliases),  # the last of two for one spelling is taken
        implications=tuple(implications),
        sources=(*shipped.sources, *sources),
    )


def _new(figure: Figure, source: Source) -> Tag:
    return Tag(
        name=figure.name,
        category=figure.category,
        count=figure.count,
        count_date=source.taken,
        source=source.key,
        facet=None,
        flags=_DEPRECATED if figure.deprecated else _NO_FLAGS,
    )


def _renewed(tag: Tag, figure: Figure, source: Source) -> Tag:
    return replace(
        tag,
        category=tag.category if tag.curated else figure.category,
        count=figure.count,
        count_date=source.taken,
        source=source.key,
        flags=tag.flags | _DEPRECATED if figure.deprecated else tag.flags,
    )


def _is_newer(source: Source, known: Tag) -> bool:
    if source.taken is None or known.count_date is None:
        return False
    return source.taken >= known.count_date


def _dump(old: Contents, source: Source) -> Dump:
    return Dump(
        source=source,
        figures=tuple(
            Figure(tag.name, tag.category, tag.count, tag.deprecated)
            for tag in old.tags
            if tag.source == source.key
        ),
        aliases=tuple((alias, name) for alias, name, each in old.aliases if each == source.key),
        implications=tuple(
            (name, implied) for name, implied, each in old.implications if each == source.key
        ),
    )
