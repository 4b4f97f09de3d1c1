"""Joins the shipped table with figures of other sources, which never touch its descriptions."""

from collections.abc import Iterable
from dataclasses import replace

from irodori.tags.database import Contents
from irodori.tags.dump import Dump, Figure
from irodori.tags.naming import key
from irodori.tags.shipped import Source


def merged(shipped: Contents, dumps: Iterable[Dump]) -> Contents:
    """Return the shipped contents with the figures, aliases and implications of dumps.

    The newer of two figures counts. A tag of the shipped table keeps its name, its category and
    all that describes it; a word that no booru counts stays uncounted.
    """
    figures = dict(shipped.figures)
    sources = {source.key: source for source in shipped.sources}
    aliases: list[tuple[str, str, str]] = []
    implications: list[tuple[str, str, str]] = []
    for dump in dumps:
        source = dump.source.key
        sources[source] = dump.source
        for figure in dump.figures:
            text = key(figure.name)
            known = figures.get(text)
            if known is None:
                figures[text] = figure, source
            elif _is_newer(dump.source, sources[known[1]]):
                described = text in shipped.descriptions
                figures[text] = _renewed(known[0], figure) if described else figure, source
        aliases += [(alias, name, source) for alias, name in dump.aliases]
        implications += [(name, implied, source) for name, implied in dump.implications]
    return Contents(
        fingerprint=shipped.fingerprint,
        figures=figures,
        descriptions=shipped.descriptions,
        aliases=(*aliases, *shipped.aliases),
        implications=tuple(implications),
        sources=tuple(sources.values()),
    )


def _renewed(known: Figure, figure: Figure) -> Figure:
    return replace(known, count=figure.count, deprecated=figure.deprecated)


def _is_newer(source: Source, known: Source) -> bool:
    if source.taken is None or known.taken is None:
        return False
    return source.taken >= known.taken
