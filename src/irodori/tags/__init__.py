"""What a tag is: group, facet, count, what it implies, excludes and hides; search and updates."""

from irodori.tags.schema import Category, Facet, Group, Region
from irodori.tags.tag import Match, MatchKind, Tag
from irodori.tags.vocabulary import Vocabulary, open_vocabulary

__all__ = [
    "Category",
    "Facet",
    "Group",
    "Match",
    "MatchKind",
    "Region",
    "Tag",
    "Vocabulary",
    "open_vocabulary",
]
