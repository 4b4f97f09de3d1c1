"""The booru's four ratings and their order."""

from enum import StrEnum


class Rating(StrEnum):
    """The booru's ratings, mildest first (P9)."""

    GENERAL = "general"
    SENSITIVE = "sensitive"
    QUESTIONABLE = "questionable"
    EXPLICIT = "explicit"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0 for the mildest."""
        return tuple(Rating).index(self)

    def allows(self, rating: "Rating") -> bool:
        """Whether what has a rating is within this one, taken as the ceiling."""
        return rating.rank <= self.rank
